"""Ordering on a customer's behalf: its prices, its threshold, the same gate; and what the shop shows."""

from app.core.db import session
from app.domain.orders.models import Order
from app.domain.orders.rules.terms import STANDARD
from tests.support.shopping import over


def fill(browser, account, product="Product 1", quantity=3):
    browser.get(f"/admin/accounts/{account.id}/shop")
    browser.follow(product)
    return browser.submit("form.add-form", quantity=quantity)


def test_an_order_on_behalf_passes_the_customers_threshold(browser_for, in_scope, otto, sam, nimbus, shop):
    shop.policy(otto, nimbus, over("500"))
    shop.offer("20.00")
    browser = browser_for(sam)
    page = fill(browser, nimbus, quantity=40)
    assert "It is in the cart." in page.text
    page = browser.submit(
        "Place the order for Nimbus GmbH", purchase_order_number="PO 7", accepted_terms=True
    )
    assert "waits for a decision" in page.text
    with in_scope(otto):
        order = session().query(Order).one()
        assert (order.state, order.is_on_behalf, order.account_id) == ("on_hold", True, nimbus.id)
        assert order.purchase_order_number == "PO 7"


def test_a_small_one_goes_straight_through(browser_for, otto, sam, nimbus, shop):
    shop.policy(otto, nimbus, over("500"))
    shop.offer("20.00")
    browser = browser_for(sam)
    fill(browser, nimbus)
    page = browser.submit("Place the order for Nimbus GmbH", accepted_terms=True)
    assert "is placed and being delivered" in page.text


def test_without_the_terms_nothing_is_ordered_and_nothing_typed_is_lost(
    browser_for, in_scope, sam, nimbus, shop
):
    shop.offer("20.00")
    browser = browser_for(sam)
    fill(browser, nimbus)
    page = browser.submit("Place the order for Nimbus GmbH", purchase_order_number="PO 8")
    assert page.status == 422
    assert "accept the terms" in page.one("#accepted_terms-error").text
    assert page.one("#purchase_order_number")["value"] == "PO 8"
    with in_scope():
        assert session().query(Order).count() == 0


def test_pressing_twice_is_one_order(browser_for, in_scope, otto, nimbus, shop):
    shop.policy(otto, None)
    shop.offer("20.00")
    browser = browser_for(otto)
    page = fill(browser, nimbus)
    said = {name: page.one(f"form [name={name}]")["value"] for name in ("cart", "intent", "seen")}
    said |= {"purchase_order_number": "", "accepted_terms": STANDARD, **browser.csrf()}
    path = f"/admin/accounts/{nimbus.id}/shop/cart/order"
    first, second = browser.post(path, said), browser.post(path, said)
    assert first.path == second.path
    with in_scope():
        assert session().query(Order).count() == 1


def test_quantities_that_cannot_be_are_refused_beside_the_field(browser_for, sam, nimbus, shop):
    shop.offer("20.00", minimum=5)
    browser = browser_for(sam)
    page = fill(browser, nimbus, quantity=2)
    assert page.status == 422
    assert "at least 5" in page.one(".field-error").text
    fill(browser, nimbus, quantity=6)
    page = browser.submit("form.add-form", quantity="1e9")
    assert page.status == 422
    assert "whole number" in page.one(".field-error").text
    page = browser.submit("form[action$=removal]")
    assert "Nothing in the cart" in page.text


def test_another_segments_offers_are_not_for_this_customer(browser_for, sam, nimbus, lindenhof, shop):
    shop.offer("20.00")
    shop.offer("2.00", segment="education")
    browser = browser_for(sam)
    assert "Product 2" not in browser.get(f"/admin/accounts/{nimbus.id}/shop").text
    assert "Product 2" in browser.get(f"/admin/accounts/{lindenhof.id}/shop").text


def test_a_hidden_product_is_gone_from_the_shop_and_back_when_it_follows_its_family(
    browser_for, otto, ann, shop
):
    shop.offer("20.00")
    desk, store = browser_for(otto), browser_for(ann)
    desk.get("/admin/catalogue")
    assert "Product 1" in store.get("/catalogue").text
    page = desk.submit(f"form:has([value='{product_of(desk)}'])", "hide")
    assert page.one("tbody .switch")["aria-pressed"] == "false"
    assert "Product 1" not in store.get("/catalogue").text
    desk.submit(f"form:has([value='{product_of(desk)}'])", "follow")
    assert "Product 1" in store.get("/catalogue").text


def product_of(desk):
    return desk.page.one("tbody [name=target_id]")["value"]


def test_a_hidden_family_hides_its_products(browser_for, otto, ann, shop):
    shop.offer("20.00")
    desk, store = browser_for(otto), browser_for(ann)
    desk.get("/admin/catalogue")
    family = desk.page.all(".family:not(.vendor) [name=target_id]")[0]["value"]
    desk.submit(f"form:has([value='{family}'])", "hide")
    assert "Product 1" not in store.get("/catalogue").text
    assert "Product 1" in desk.get("/admin/catalogue?shown=no").text
    assert "No product matches" in desk.get("/admin/catalogue?shown=yes").text


def test_finance_reads_the_catalogue_and_changes_nothing(browser_for, finn, shop):
    shop.offer("20.00")
    browser = browser_for(finn)
    page = browser.get("/admin/catalogue")
    assert page.status == 200
    assert not page.all(".switch-form")
    browser.get("/admin")
    forged = browser.post("/admin/catalogue/choices", {"kind": "product", **browser.csrf()})
    assert forged.status == 403
