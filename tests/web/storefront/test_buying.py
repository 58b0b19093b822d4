"""From the cart to the order: nothing typed is lost, the button makes one order, prices that moved are asked again."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.core import clock
from app.domain.orders.models import Order
from tests.support.seeding import PASSWORD
from tests.support.shopping import over

from .conftest import at_a_later_hour


@pytest.fixture
def filled(shop, ann, otto, nimbus, browser_for):
    """Ann's browser at the checkout, with 3 of an offer of 10.00 € in the cart; orders of 500 € wait."""
    shop.policy(otto, nimbus, over("500"))
    offer = shop.offer("10.00")
    shop.fill(ann, [(offer, 3)])
    browser = browser_for(ann)
    browser.get("/checkout")
    browser.offer = offer
    return browser


def orders(shop):
    with shop.looking() as current:
        found = current.query(Order).order_by(Order.number)
        return [SimpleNamespace(number=order.number, total=order.total_amount.normalize()) for order in found]


def test_the_cart_adds_up_and_the_header_counts_its_lines(shop, ann, browser_for):
    shop.fill(ann, [(shop.offer("10.00"), 3), (shop.offer("2.50"), 4)])
    page = browser_for(ann).get("/cart")
    assert "€40.00" in page.one(".summary .total").get_text()
    assert page.one("#cart-badge .count-badge").get_text(" ", strip=True).startswith("2")


def test_quantities_change_and_lines_go(shop, ann, browser_for):
    shop.fill(ann, [(shop.offer("10.00"), 3)])
    browser = browser_for(ann)
    browser.get("/cart")
    assert "€50.00" in browser.submit("/cart", quantity=5).one(".summary .total").get_text()
    assert browser.page.hops == [303]
    line = browser.page.one("input[name=line]")["value"]
    page = browser.submit(f"/cart/lines/{line}/removal")
    assert "Nothing in it yet" in page.text
    again = browser.post(f"/cart/lines/{line}/removal", browser.csrf())
    assert again.status == 200


def test_a_wrong_quantity_in_the_cart_is_refused_at_its_line_and_stays_typed(shop, ann, browser_for):
    shop.fill(ann, [(shop.offer("10.00", minimum=2), 3)])
    browser = browser_for(ann)
    browser.get("/cart")
    page = browser.submit("/cart", quantity="1")
    assert page.status == 422
    assert page.one("[aria-invalid]")["value"] == "1"
    assert "at least 2" in page.one(".lines .error").get_text().lower()


def test_the_terms_must_be_accepted_and_the_purchase_order_number_is_kept(filled, shop):
    page = filled.submit("Place the order", purchase_order_number="PO 4711")
    assert page.status == 422
    assert "Please accept the terms to order." in page.one(".errors").get_text()
    assert page.one("#purchase_order_number")["value"] == "PO 4711"
    assert page.one("title").get_text().startswith("Error:")
    assert not orders(shop)


def test_an_order_under_the_threshold_goes_straight_through(filled, shop):
    page = filled.submit("Place the order", purchase_order_number="PO 4711", accepted_terms=True)
    assert page.hops == [303]
    assert page.path == f"/orders/{orders(shop)[0].number}"
    assert "Confirmed; no approval was needed" in page.text
    assert "PO 4711" in page.text


def test_an_order_over_the_threshold_says_for_whom_it_waits_and_why(shop, ann, otto, nimbus, browser_for):
    shop.policy(otto, nimbus, over("500"))
    shop.fill(ann, [(shop.offer("10.00"), 60)])
    browser = browser_for(ann)
    browser.get("/checkout")
    page = browser.submit("Place the order", accepted_terms=True)
    assert "Waiting for approval" in page.text
    assert "Acme Cloud has to agree." in page.text
    assert "It comes to €600.00 for the whole term; from €500.00 on, somebody has to agree." in page.text
    assert page.all("#order-progress[hx-get]")


def test_pressing_the_button_again_and_coming_back_with_back_makes_one_order(filled, shop):
    _, said, _ = filled.page.filled("Place the order", purchase_order_number="PO 1", accepted_terms=True)
    first = filled.post("/checkout", said)
    for _ in range(3):
        again = filled.post("/checkout", said)
        assert again.path == first.path
    assert len(orders(shop)) == 1


def test_the_same_checkout_with_other_words_does_not_order_twice(filled, shop):
    _, said, _ = filled.page.filled("Place the order", purchase_order_number="PO 1", accepted_terms=True)
    filled.post("/checkout", said)
    said["purchase_order_number"] = "PO 2"
    page = filled.post("/checkout", said)
    assert "already ordered as O-" in page.text
    assert len(orders(shop)) == 1


def test_a_cart_that_changed_in_another_tab_is_shown_again_before_it_is_ordered(filled, shop, ann):
    _, said, _ = filled.page.filled("Place the order", purchase_order_number="PO 1", accepted_terms=True)
    shop.fill(ann, [(shop.offer("99.00"), 1)])
    page = filled.post("/checkout", said)
    assert page.status == 409
    assert "Your cart has changed" in page.text
    assert page.one("#purchase_order_number")["value"] == "PO 1"
    assert not orders(shop)
    page = filled.submit("Place the order", accepted_terms=True)
    assert page.path == f"/orders/{orders(shop)[0].number}"


def test_a_price_that_moved_is_shown_and_asked_about_before_anything_is_ordered(filled, shop):
    shop.reprice(filled.offer, "12.00")
    _, said, _ = filled.page.filled("Place the order", purchase_order_number="PO 1", accepted_terms=True)
    moved = clock.now() + timedelta(hours=25)
    with at_a_later_hour(filled, moved):
        page = filled.post("/checkout", said)
        assert page.status == 409
        assert "was €10.00 , now €12.00" in " ".join(page.one(".note.warn").get_text(" ").split())
        assert page.one("#purchase_order_number")["value"] == "PO 1"
        assert not orders(shop)
        page = filled.submit("Place the order", accepted_terms=True)
        assert page.path == f"/orders/{orders(shop)[0].number}"
    assert str(orders(shop)[0].total) == "36"


def test_a_session_that_ends_in_mid_checkout_loses_nothing_that_was_typed(filled, shop, ann):
    _, said, _ = filled.page.filled("Place the order", purchase_order_number="PO 4711", accepted_terms=True)
    filled.client.delete_cookie("awning", domain=ann.host, path="/")
    page = filled.post("/checkout", {key: value for key, value in said.items() if key != "csrf_token"})
    assert page.path.startswith("/sign-in")
    page = filled.submit("", email=ann.email, password=PASSWORD)
    assert page.path == "/checkout"
    assert page.one("#purchase_order_number")["value"] == "PO 4711"
    page = filled.submit("Place the order", accepted_terms=True)
    assert len(orders(shop)) == 1


def test_somebody_elses_cart_cannot_be_ordered(filled, shop, liam, browser_for):
    _, said, _ = filled.page.filled("Place the order", accepted_terms=True)
    other = browser_for(liam)
    shop.fill(liam, [(filled.offer, 1)])
    other.get("/checkout")
    said["csrf_token"] = other.csrf()["csrf_token"]
    assert other.post("/checkout", said).status == 404
    assert not orders(shop)
