"""What a shop shows: its products at one's own prices, found by words and filters, to visitors and to customers."""

import io

import pytest

from app.core.actor import SYSTEM
from app.demo.sheets import write_sheet
from app.domain.catalog import actions as catalog
from app.domain.catalog.actions.choices import choose
from app.domain.catalog.models import Vendor


@pytest.fixture
def stocked(app, in_scope, worker):
    """A few hundred offers of Microsoft's from a sheet, and a few of Google's."""
    for vendor, name, offers in (("microsoft", "Microsoft", 400), ("google", "Google", 60)):
        body = io.BytesIO()
        write_sheet(body, offers=offers, vendor=vendor, markets={"DE": ("EUR",), "GB": ("GBP",)})
        body.seek(0)
        with in_scope():
            catalog.add_vendor(vendor, name)
            catalog.import_sheet(body, vendor_key=vendor, file_name="sheet.csv", by=SYSTEM)
        worker("catalog.%")


def titles(page):
    return [card.get_text(strip=True) for card in page.all(".product-name")]


def test_a_visitor_sees_products_at_list_price_and_is_asked_to_sign_in(stocked, acme, browser_for):
    page = browser_for(host=acme.host).get("/catalogue")
    assert page.status == 200
    assert titles(page)
    assert "Sign in for your own." in page.text
    assert page.all(".product-price .amount")


def test_words_find_products_and_the_search_can_be_taken_off(stocked, ann, browser_for):
    page = browser_for(ann).get("/catalogue?q=business+basic")
    assert "Microsoft 365 Business Basic" in titles(page)[0]
    assert "Search: business basic" in page.text


def test_filters_narrow_the_list_and_say_so(stocked, ann, browser_for):
    browser = browser_for(ann)
    everything = browser.get("/catalogue")
    assert {tag["value"] for tag in everything.all("input[name=vendor]")} == {"microsoft", "google"}
    page = browser.submit("form.catalogue", vendor=["google"])
    assert all("Google" in tag.get_text() for tag in page.all(".product-maker"))
    assert "Vendor: Google" in page.text
    assert browser.follow("Vendor: Google").path == "/catalogue?q=&sort=" or titles(browser.page) == titles(
        everything
    )


@pytest.mark.parametrize(
    "query",
    [
        "q=%25%25_%25",
        "q=" + "x" * 500,
        "vendor=nobody",
        "page=0",
        "page=99999999999",
        "page=-1",
        "sort=price;drop",
        "term=P9Y",
        "q=%00",
        "vendor=" + "&vendor=".join(["a"] * 200),
        "q=(((",
        "q=%F0%9F%A6%84",
        "plan=&plan=%27",
    ],
)
def test_no_question_breaks_the_catalogue(stocked, acme, browser_for, query):
    assert browser_for(host=acme.host).get(f"/catalogue?{query}").status == 200


def test_what_a_reseller_hides_is_neither_listed_nor_found_by_its_address(
    stocked, ann, olivia, in_scope, browser_for
):
    browser = browser_for(ann)
    browser.get("/catalogue?vendor=google")
    address = browser.page.one(".shelf-grid .product-card:first-child .product-name a")["href"]
    with in_scope(olivia) as current:
        google = current.query(Vendor).filter_by(key="google").one()
        choose("vendor", google.id, False, by=olivia.actor)
    assert not browser.get("/catalogue?vendor=google").all(".product-card")
    assert browser.get(address).status == 404


def test_the_home_page_wears_the_brand_and_shows_vendors_and_a_shelf(stocked, acme, browser_for):
    page = browser_for(host=acme.host).get("/")
    assert page.one("h1").get_text(strip=True) == "Cloud services, ready when you are"
    assert {"Google", "Microsoft"} <= {tag.get_text() for tag in page.all(".makers strong")}
    assert titles(page)


def test_a_closed_shop_sells_nothing_and_says_so(stocked, ann, olivia, in_scope, browser_for):
    from app.domain.tenants import actions as tenants

    browser = browser_for(ann)
    address = browser.get("/catalogue").one(".product-card:first-child .product-name a")["href"]
    with in_scope(olivia):
        tenants.open_shop(tenants.find(olivia.tenant_id), False, by=olivia.actor)
    assert "The shop is closed" in browser.get("/catalogue").text
    assert browser.get(address).status == 404


def test_two_shops_show_the_same_product_in_their_own_currency_and_theme(stocked, ann, tess, browser_for):
    acme, globex = browser_for(ann).get("/catalogue?q=basic"), browser_for(tess).get("/catalogue?q=basic")
    assert "€" in acme.one(".product-card:first-child .amount").get_text()
    assert "£" in globex.one(".product-card:first-child .amount").get_text()
    assert acme.all(".masthead")
    assert not acme.all(".awning")
    assert globex.all(".awning")
    assert not globex.all(".masthead")


def test_pages_of_the_shop_ask_the_database_six_questions_at_most(stocked, ann, browser_for, statements):
    browser = browser_for(ann)
    product = browser.get("/catalogue").one(".product-card:first-child .product-name a")["href"]
    for address in ("/", "/catalogue", product):
        browser.get(address)
        with statements() as seen:
            assert browser.get(address).status == 200
        assert len(seen) <= 6, f"{address}: {seen}"
