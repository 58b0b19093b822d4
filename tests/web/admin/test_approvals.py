"""The queue and the request's page: decided once, by somebody who may, over what was seen."""

from decimal import Decimal

import pytest

from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.orders.models import Order
from tests.support.shopping import over


@pytest.fixture
def held(shop, otto, nimbus, ann):
    """Ann's order of 40 at 20.00, over Nimbus's threshold of 500."""
    shop.policy(otto, nimbus, over("500"))
    offer = shop.offer("20.00", cost="12.00")
    return shop.order(ann, [(offer, 40)])


def request_of(shop, order_id):
    with shop.looking() as current:
        return current.get(Order, order_id).approval_request_id


def test_what_waits_is_in_the_menu_on_the_overview_and_in_the_queue(browser_for, otto, held):
    browser = browser_for(otto)
    page = browser.get("/admin")
    assert "Nimbus GmbH" in page.one(".queue-list").text
    assert page.one(".side .count-badge").text.split()[0] == "1"
    page = browser.get("/admin/approvals")
    assert "Product 1" in page.one("#queue").text
    assert "Yours to decide" in page.text


def test_the_request_shows_lines_arithmetic_cost_margin_and_why_the_price(browser_for, otto, shop, held):
    page = browser_for(otto).get(f"/admin/approvals/{request_of(shop, held)}")
    assert "800.00 ≥ 500.00 EUR" in page.text
    assert "Why this price?" in page.text
    assert "€480.00" in page.text  # cost
    assert "€320.00" in page.text  # margin
    assert "Ines Vogel" not in page.text  # nobody who is not in this database
    assert "Ann Becker" in page.text


def test_approving_takes_a_comment_and_sends_the_order_on(browser_for, otto, shop, held):
    browser = browser_for(otto)
    browser.get(f"/admin/approvals/{request_of(shop, held)}")
    page = browser.submit("#decision", "Approve", comment="Fine with me.")
    assert page.status == 200
    assert "Approved" in page.text
    assert "Fine with me." in page.text
    assert shop.state(held) in ("confirmed", "in_progress")


def test_refusing_without_a_word_is_sent_back_with_the_reason_why(browser_for, otto, shop, held):
    browser = browser_for(otto)
    browser.get(f"/admin/approvals/{request_of(shop, held)}")
    page = browser.submit("#decision", "Refuse")
    assert page.status == 422
    assert "Say why" in page.one("#errors").text
    assert shop.state(held) == "on_hold"
    page = browser.submit("#decision", "Refuse", comment="Not this year.")
    assert page.status == 200
    assert shop.state(held) == "canceled"


def test_whoever_is_late_reads_who_decided_and_when(browser_for, otto, ines, shop, held):
    late = browser_for(ines)
    path = f"/admin/approvals/{request_of(shop, held)}"
    late.get(path)
    first = browser_for(otto)
    first.get(path)
    first.submit("#decision", "Approve")
    page = late.submit("#decision", "Refuse", comment="No.")
    assert page.status == 409
    assert "Decided by Otto Richter at" in page.one(".note.warn").text
    assert shop.state(held) != "canceled"


def test_nobody_decides_what_they_ordered_themselves(browser_for, in_scope, otto, nimbus, shop):
    shop.policy(otto, nimbus, over("500"))
    order = shop.order(otto, [(shop.offer("20.00"), 40)], nimbus)
    request = request_of(shop, order)
    browser = browser_for(otto)
    page = browser.get(f"/admin/approvals/{request}")
    assert not page.all("#decision")
    assert "You asked for this yourself" in page.text
    with in_scope(otto) as current:
        digest = current.get(ApprovalRequest, request).digest
    forged = {"digest": digest, "step": "0", "answer": "approved", "comment": "", **browser.csrf()}
    page = browser.post(f"/admin/approvals/{request}/decision", forged)
    assert page.status == 403
    with in_scope() as current:
        from app.core.events import Event

        assert current.query(Event).filter_by(name="security.self_decision_refused").count() == 1
        assert current.query(Decision).count() == 0


def test_a_price_that_moved_is_a_choice(browser_for, otto, nimbus, ann, shop):
    shop.policy(otto, nimbus, over("500"))
    offer = shop.offer("20.00", cost="12.00")
    order = shop.order(ann, [(offer, 40)])
    browser = browser_for(otto)
    browser.get(f"/admin/approvals/{request_of(shop, order)}")
    shop.reprice(offer, "15.00")
    page = browser.submit("#decision", "Approve")
    assert page.status == 409
    assert "now 600.00 EUR" in page.text
    page = browser.submit("#decision", "Approve", at_amount=page.all("[name=at_amount]")[1]["value"])
    assert page.status == 200
    with shop.looking() as current:
        assert current.get(Order, order).commitment_amount == Decimal("600.00")


def test_who_may_only_read_sees_the_request_without_buttons_and_without_cost(browser_for, sam, shop, held):
    browser = browser_for(sam)
    page = browser.get(f"/admin/approvals/{request_of(shop, held)}")
    assert page.status == 200
    assert not page.all("#decision")
    assert "480.00" not in page.html
    assert "Margin" not in page.text
    assert browser.get("/admin").status == 200
    assert "Margin" not in browser.page.text


def test_the_queue_is_searched_and_keeps_itself_up_to_date(browser_for, otto, held):
    browser = browser_for(otto)
    assert "No request matches" in browser.get("/admin/approvals?q=zebra").text
    assert "Product 1" in browser.get("/admin/approvals?q=nimbus").text
    part = browser.get("/admin/parts/approvals?view=waiting")
    assert "Product 1" in part.text
    assert not part.all("html")
    assert all(link["href"].startswith("/admin/approvals?") for link in part.all("th a:not(.row)"))
    assert browser.get("/admin/parts/approval-count").text.startswith("1")


def test_another_resellers_request_is_not_there(browser_for, gwen, shop, held):
    browser = browser_for(gwen)
    assert browser.get(f"/admin/approvals/{request_of(shop, held)}").status == 404
    assert "Nimbus" not in browser.get("/admin/approvals?view=all").html
