"""The inbox of a customer's own approver: decide once, over what was seen; the late one reads who was faster."""

from datetime import timedelta

import pytest

from app.core import clock
from app.domain.orders.models import Order, OrderLine
from tests.support.shopping import over

from .conftest import at_a_later_hour


@pytest.fixture
def asked(shop, ann, paul, otto, nimbus):
    """The address of a request that asks Nimbus's own approvers, and its order."""
    shop.policy(otto, nimbus, over("500", asks="customer"))
    order_id = shop.order(ann, [(shop.offer("10.00"), 60)])
    with shop.looking() as current:
        return f"/approvals/{current.get(Order, order_id).approval_request_id}", order_id


def test_the_approver_sees_what_waits_and_is_counted_in_the_header(asked, paul, browser_for):
    page = browser_for(paul).get("/approvals")
    assert "Waits for you" in page.text
    assert page.one(".links .count-badge").get_text(" ", strip=True).startswith("1")
    assert "One order waits for your yes or no" in browser_for(paul).get("/").text


def test_the_order_names_who_has_to_agree(asked, shop, ann, paul, browser_for):
    with shop.looking() as current:
        number = current.get(Order, asked[1]).number
    assert (
        f"One of your approvers has to agree: {paul.name}." in browser_for(ann).get(f"/orders/{number}").text
    )


def test_a_yes_lets_the_order_go_on(asked, shop, paul, browser_for):
    browser = browser_for(paul)
    browser.get(asked[0])
    page = browser.submit("Approve", "Approve", comment="Fine.")
    assert "Approved. It goes on its way." in page.text
    assert shop.state(asked[1]) == "confirmed"


def test_a_no_needs_a_reason_and_keeps_what_was_typed(asked, shop, paul, browser_for):
    browser = browser_for(paul)
    browser.get(asked[0])
    page = browser.submit("Refuse", "Refuse")
    assert page.status == 422
    assert "Say why" in page.text
    assert "Refused. The buyer is told why." in browser.submit("Refuse", "Refuse", comment="Too many.").text
    assert shop.state(asked[1]) == "canceled"


def test_whoever_is_late_reads_who_decided_and_when(asked, shop, paul, browser_for):
    browser = browser_for(paul)
    browser.get(asked[0])
    _, said, _ = browser.page.filled("Approve", "Approve")
    shop.decide(paul, asked[1])
    page = browser.post(asked[0], said)
    assert page.status == 409
    assert f"Decided by {paul.name} at" in page.text


def test_nobody_who_may_only_look_can_decide(asked, shop, ann, browser_for):
    browser = browser_for(ann)
    assert browser.get(asked[0]).status == 403
    assert shop.state(asked[1]) == "on_hold"


def test_a_price_that_moved_is_shown_and_chosen(asked, shop, paul, browser_for):
    with shop.looking() as current:
        offer = current.query(OrderLine).filter_by(order_id=asked[1]).one().offer_id
    shop.reprice(offer, "11.00")
    browser = browser_for(paul)
    later = clock.now() + timedelta(hours=25)
    with at_a_later_hour(browser, later):
        page = browser.get(asked[0])
        assert "The price has moved since it was asked" in page.text
        assert "€660.00" in page.text
        page = browser.submit("Approve", "Approve")
        assert "Approved." in page.text
