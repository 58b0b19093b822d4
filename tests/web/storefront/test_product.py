"""One product's page: what so many cost, said plainly, and into the cart with it."""

import pytest

from tests.support.seeding import PASSWORD


def test_the_price_is_said_per_unit_per_charge_and_for_the_whole_term(shop, ann, browser_for):
    offer = shop.offer("120.00", term="P1Y", billing_plan="monthly")
    browser = browser_for(ann)
    page = browser.get(browser.get("/catalogue").link("Product 1") + f"?offer={offer}&quantity=5")
    assert page.one(".price-now .amount").get_text(strip=True) == "€10.00"
    assert page.one(".price-now .terms").get_text(strip=True) == "per user, per month, billed monthly"
    assert "€50.00" in page.one("#buy .sums").get_text()
    assert "€600.00" in page.one("#buy .total").get_text()


def test_the_page_explains_the_price_without_a_word_about_cost(shop, ann, browser_for):
    shop.offer("123.45", cost="67.89")
    browser = browser_for(ann)
    page = browser.get(browser.get("/catalogue").link("Product 1"))
    assert "Why this price?" in page.text
    assert "67.89" not in page.html
    assert "margin" not in page.text.lower()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0", "at least"),
        ("-1", "whole number"),
        ("1e9", "whole number"),
        ("", "whole number"),
        ("٣", "whole number"),
        ("1_000", "whole number"),
        ("9" * 5000, "whole number"),
        ("3", "at least 5"),
        ("501", "at most 500"),
    ],
)
def test_a_quantity_that_cannot_be_is_refused_at_its_field_and_kept(shop, ann, browser_for, typed, words):
    shop.offer(minimum=5, maximum=500)
    browser = browser_for(ann)
    browser.get(browser.get("/catalogue").link("Product 1"))
    page = browser.submit("Add to cart", quantity=typed)
    assert page.status == 422
    field = page.one("#f-quantity")
    assert field["aria-invalid"] == "true"
    assert words in page.one("#f-quantity-error").get_text().lower()
    assert browser.get("/cart").all(".empty")


def test_a_visitor_who_adds_something_signs_in_and_finds_it_typed_in(shop, ann, browser_for):
    shop.offer()
    browser = browser_for(host=ann.host)
    address = browser.get(browser.get("/catalogue").link("Product 1")).path
    offer = browser.page.one("input[name=offer]")["value"]
    page = browser.post(address, {"offer": offer, "quantity": "7", **browser.csrf()})
    assert page.path.startswith("/sign-in")
    page = browser.submit("", email=ann.email, password=PASSWORD)
    assert page.path == address
    assert page.one("#f-quantity")["value"] == "7"


def test_an_offer_of_another_market_or_of_nobody_cannot_be_added(shop, ann, browser_for):
    shop.offer()
    foreign = shop.offer(market="GB", currency="GBP")
    browser = browser_for(ann)
    address = browser.get(browser.get("/catalogue").link("Product 1")).path
    for offer in (str(foreign), "00000000-0000-0000-0000-000000000000", "'; DROP TABLE", ""):
        assert browser.post(address, {"offer": offer, "quantity": "1", **browser.csrf()}).status == 404
        browser.get(address)


def test_a_form_may_not_name_its_own_price(shop, ann, browser_for):
    shop.offer()
    browser = browser_for(ann)
    address = browser.get(browser.get("/catalogue").link("Product 1")).path
    offer = browser.page.one("input[name=offer]")["value"]
    forged = {"offer": offer, "quantity": "1", "unit_price": "0.01", **browser.csrf()}
    assert browser.post(address, forged).status == 400


def test_someone_who_may_not_buy_sees_the_price_but_no_button(shop, paul, browser_for):
    shop.offer()
    browser = browser_for(paul)
    page = browser.get(browser.get("/catalogue").link("Product 1"))
    assert "Your role does not include buying." in page.text
    offer = page.one("input[name=offer]")["value"]
    assert browser.post(page.path, {"offer": offer, "quantity": "1", **browser.csrf()}).status == 403
