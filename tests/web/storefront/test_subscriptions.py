"""What a customer has, from the moment the vendor delivered it."""

import pytest

from app.domain.orders.models import Order
from app.domain.vendors import Vendors
from tests.support.fake_vendor import FakeVendor
from tests.support.shopping import over


@pytest.fixture
def delivered(app, shop, ann, otto, nimbus, worker, monkeypatch):
    """The number of an order of Ann's that was delivered: 3 of an offer that costs the reseller 7.13 and is asked at 10.00."""
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": FakeVendor()}))
    shop.policy(otto, nimbus, over("500"))
    order_id = shop.order(ann, [(shop.offer("10.00", cost="7.13"), 3)])
    worker("orders.%")
    with shop.looking() as current:
        return current.get(Order, order_id).number


def test_the_order_page_leads_to_the_subscription_once_it_is_delivered(delivered, ann, browser_for):
    browser = browser_for(ann)
    page = browser.get(f"/orders/{delivered}")
    assert "Everything is delivered" in page.text
    assert not page.one("#order-progress").has_attr("hx-get")
    page = browser.get(browser.page.link("Delivered"))
    assert page.status == 200
    assert "Product 1" in page.one("h1").get_text()
    assert delivered in page.text
    assert "€30.00" in page.one(".summary .total").get_text()


def test_the_list_shows_what_is_there_and_nothing_of_what_it_cost(delivered, ann, browser_for):
    browser = browser_for(ann)
    page = browser.get("/subscriptions")
    assert "Active 1" in page.text
    number = page.one("a.row")["href"]
    for path in ("/subscriptions", number):
        html = browser.get(path).html
        assert "7.13" not in html
        assert "21.39" not in html
    assert "No subscription matches" in browser.get("/subscriptions?q=nothing-like-it").text


def test_a_delivered_order_can_be_ordered_again(delivered, ann, browser_for):
    browser = browser_for(ann)
    browser.get(f"/orders/{delivered}")
    page = browser.submit("Order the same again")
    assert page.path == "/cart"
    assert page.one("input[name=quantity]")["value"] == "3"


def test_anothers_subscription_is_not_there(delivered, ann, liam, tess, browser_for):
    address = browser_for(ann).get("/subscriptions").one("a.row")["href"]
    for who in (liam, tess):
        assert browser_for(who).get(address).status == 404
