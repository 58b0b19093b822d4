"""The one inbox and what goes to and fro before a decision: many at once, questions, less, reminders, mails, being away."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.core.db import session
from app.core.events import Event
from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.orders.models import Order, OrderLine
from tests.support.shopping import Shopping, over

TUESDAY = datetime(2031, 11, 25, 9, 0, tzinfo=UTC)  # far ahead: a session made then is good now as well


@pytest.fixture
def shop(app):
    return Shopping(app)


@pytest.fixture
def three(shop, ann, otto, nimbus):
    """Three of Ann's orders, all over Nimbus's threshold."""
    shop.policy(otto, nimbus, over("100"))
    offer = shop.offer("10.00")
    return [shop.order(ann, [(offer, quantity)]) for quantity in (40, 50, 60)]


def request_of(shop, order_id):
    with shop.looking() as current:
        return current.get(Order, order_id).approval_request_id


def values_of(page):
    return [box["value"] for box in page.all("[name=chosen]")]


def test_many_are_decided_at_once_each_over_its_own_digest(browser_for, in_scope, otto, three):
    browser = browser_for(otto)
    page = browser.get("/admin/approvals")
    ticked = values_of(page)
    assert len(ticked) == 3
    assert browser.submit("#bulk", "Refuse ticked", chosen=ticked[:2]).status == 422
    page = browser.submit("#bulk", "Approve ticked", chosen=ticked[:2], comment="In the budget.")
    assert "2 requests approved." in page.text
    with in_scope(otto):
        assert session().query(Decision).count() == 2
        assert len({decision.granted_digest for decision in session().query(Decision)}) == 2


def test_if_one_cannot_be_decided_none_is(browser_for, in_scope, otto, ines, shop, three):
    slow = browser_for(otto)
    ticked = values_of(slow.get("/admin/approvals"))
    shop.decide(ines, three[0])
    page = slow.submit("#bulk", "Approve ticked", chosen=ticked)
    assert page.status == 409
    assert "Decided by Ines Vogel" in page.text
    forged = [ticked[2].rsplit(":", 1)[0] + ":" + "0" * 64]
    page = slow.post(
        "/admin/approvals/decisions", {"chosen": forged, "answer": "approved", "comment": "", **slow.csrf()}
    )
    assert page.status == 409
    with in_scope(otto):
        assert session().query(Decision).count() == 1


def test_nobody_decides_their_own_among_many(browser_for, in_scope, otto, sam, shop, nimbus, three, olivia):
    offer = shop.offer("10.00")
    own = shop.order(otto, [(offer, 40)], nimbus)
    browser = browser_for(otto)
    ticked = values_of(browser.get("/admin/approvals?view=waiting"))
    assert len(ticked) == 3
    with shop.looking() as current:
        request = current.get(ApprovalRequest, request_of(shop, own))
        forged = f"{request.id}:0:{request.digest}"
    data = {"chosen": [*ticked, forged], "answer": "approved", "comment": "", **browser.csrf()}
    page = browser.post("/admin/approvals/decisions", data)
    assert page.status == 409
    with in_scope(otto):
        assert session().query(Decision).count() == 0
        assert session().query(Event).filter_by(name="security.self_decision_refused").count() == 1


def test_the_inbox_is_narrowed_and_a_view_of_it_saved(browser_for, otto, three):
    browser = browser_for(otto)
    page = browser.get("/admin/approvals?view=waiting&least=450&kind=order")
    assert len(page.all("[data-row]")) == 2
    assert len(browser.get("/admin/approvals?view=waiting&least=450&most=550").all("[data-row]")) == 1
    assert not browser.get("/admin/approvals?view=waiting&kind=renewal").all("[data-row]")
    assert not browser.get("/admin/approvals?view=waiting&age=7").all("[data-row]")
    browser.get("/admin/approvals?view=waiting&least=450")
    browser.submit("/admin/approvals/views", name="Large ones")
    browser.follow("Large ones")
    assert len(browser.page.all("[data-row]")) == 2
    browser.submit(browser.page.all(".chip form")[0]["action"])
    assert "Large ones" not in browser.get("/admin/approvals").text


def test_a_question_goes_back_and_its_answer_comes(
    browser_for, in_scope, mailbox, worker, shop, otto, ann, three
):
    request = request_of(shop, three[0])
    browser = browser_for(otto)
    browser.get(f"/admin/approvals/{request}")
    assert browser.submit(f"/admin/approvals/{request}/question", comment=" ").status == 422
    browser.submit(f"/admin/approvals/{request}/question", comment="Whom are these seats for?")
    assert "Whom are these seats for?" in browser.page.text
    worker()
    assert any("Whom are these seats for?" in mail.text for mail in mailbox.to(ann.email))
    with shop.looking() as current:
        number = current.get(Order, three[0]).number
    buyer = browser_for(ann)
    page = buyer.get(f"/orders/{number}")
    assert "Something is asked of you" in page.text
    buyer.submit(f"/requests/{request}/answer", answer="For the new office.")
    assert "For the new office." in buyer.page.text
    worker()
    assert any("For the new office." in mail.text for mail in mailbox.to(otto.email))
    assert "For the new office." in browser.get(f"/admin/approvals/{request}").text


def test_less_is_offered_agreed_to_and_asked_anew(browser_for, in_scope, shop, otto, ann, three):
    request = request_of(shop, three[0])
    browser = browser_for(otto)
    browser.get(f"/admin/approvals/{request}")
    with shop.looking() as current:
        line = current.query(OrderLine).filter_by(order_id=three[0]).one().id
        before = current.get(ApprovalRequest, request).digest
        number = current.get(Order, three[0]).number
    offer = f"/admin/approvals/{request}/offer"
    for wrong in ("41", "-1", "x", "0", "40"):
        assert browser.submit(offer, **{f"quantity-{line}": wrong}).status == 422, wrong
    browser.submit(offer, **{f"quantity-{line}": "15", "comment": "Half are free."})
    assert shop.state(three[0]) == "on_hold"
    buyer = browser_for(ann)
    assert "40 → 15" in buyer.get(f"/orders/{number}").text
    page = buyer.submit("Agree, and ask anew for less", "Agree, and ask anew for less")
    assert "Asked anew with the lower quantities" in page.text
    with in_scope(otto):
        assert session().get(ApprovalRequest, request).state == "withdrawn"
        fresh = session().query(ApprovalRequest).order_by(ApprovalRequest.created_at.desc()).first()
        assert (fresh.state, fresh.total_amount) == ("pending", 150)
        assert fresh.digest != before
        assert ann.id in fresh.requester_ids
        assert session().query(Decision).count() == 0


def test_only_those_who_asked_answer_remind_and_agree(
    browser_for, in_scope, shop, otto, ann, paul, liam, three
):
    request = request_of(shop, three[0])
    with shop.looking() as current:
        number = current.get(Order, three[0]).number
    buyer = browser_for(ann)
    buyer.get(f"/orders/{number}")
    assert "reminded by mail" in buyer.submit(f"/requests/{request}/reminder").text
    assert "reminded today already" in buyer.submit(f"/requests/{request}/reminder").text
    stranger = browser_for(liam)
    stranger.get("/profile")
    assert stranger.post(f"/requests/{request}/reminder", stranger.csrf()).status == 404
    decider = browser_for(otto)
    decider.get("/admin/approvals")
    assert decider.post(f"/admin/approvals/{request}/reminder", decider.csrf()).status == 403
    with in_scope(otto):
        assert session().query(Event).filter_by(name="approval_request.reminded").count() == 1


def test_a_customers_approver_comes_from_the_mail_to_the_shops_small_page_and_opening_it_decides_nothing(
    browser_for, in_scope, mailbox, worker, shop, otto, paul, ann, nimbus
):
    shop.policy(otto, nimbus, over("100", asks="customer"))
    request = request_of(shop, order := shop.order(ann, [(shop.offer("10.00"), 40)]))
    worker()
    (asked,) = mailbox.to(paul.email)
    link = f"http://{paul.host}:8000/approvals/{request}/decision"
    assert link in asked.text
    assert link in asked.html
    assert not any("/decision" in mail.text for mail in mailbox.to(ann.email)), (
        "whoever asked decides nothing"
    )
    page = browser_for(paul).get(link)
    assert page.status == 200
    assert page.one("button[value=approved]")
    with in_scope(otto):
        assert session().query(Decision).count() == 0
    assert shop.state(order) == "on_hold"


def test_the_page_behind_a_mail_decides_nothing_by_being_opened(
    browser_for, in_scope, shop, otto, paul, three
):
    request = request_of(shop, three[0])
    stranger = browser_for(host="console.localhost")
    assert "/console/sign-in" in stranger.get(f"/admin/approvals/{request}/decision").url
    browser = browser_for(otto)
    page = browser.get(f"/admin/approvals/{request}/decision")
    assert "40 × Product 1" in page.text
    with in_scope(otto):
        assert session().query(Decision).count() == 0
    page = browser.submit("#decision", "Approve")
    assert page.status == 200
    assert shop.state(three[0]) != "on_hold"
    page = browser.post(
        f"/admin/approvals/{request}/decision?from=mail",
        {"digest": "0" * 64, "step": "0", "answer": "refused", "comment": "No.", **browser.csrf()},
    )
    assert page.status == 409
    assert "Decided by Otto Richter" in page.text


def test_somebody_away_is_stood_in_for_on_those_days_only(
    browser_for, in_scope, shop, otto, ann, paul, bea, nimbus
):
    shop.policy(otto, nimbus, over("100", asks="customer"))
    offer = shop.offer("10.00")
    with clock.at(TUESDAY):
        order, other = shop.order(ann, [(offer, 40)]), shop.order(ann, [(offer, 50)])
        absent = browser_for(paul)
        absent.get("/profile/away")
        assert (
            absent.submit(
                "Save", delegate_id=str(bea.id), starts_on="2031-11-26", ends_on="2031-11-25"
            ).status
            == 422
        )
        page = absent.submit("Save", delegate_id=str(bea.id), starts_on="2031-11-25", ends_on="2031-11-26")
        assert "Bea Lang decides in your place" in page.text
        stand_in = browser_for(bea)
        ticked = values_of(stand_in.get("/approvals"))
        assert len(ticked) == 2
        request = request_of(shop, order)
        stand_in.get(f"/approvals/{request}")
        assert "Bea Lang (for Paul Winter)" in stand_in.page.text
        stand_in.submit("Approve", "Approve")
    with in_scope(otto):
        decision = session().query(Decision).one()
        assert (decision.person_name, decision.for_person_name) == ("Bea Lang", "Paul Winter")
        assert set(decision.decider_ids) == {bea.id, paul.id}
    with clock.at(TUESDAY + timedelta(days=3)):
        assert browser_for(bea).get("/approvals").status == 403
    assert shop.state(other) == "on_hold"


def test_a_customers_own_rules_come_on_top_and_bind_whoever_wrote_them(
    browser_for, in_scope, shop, otto, ann, tess, paul, nimbus, gwen
):
    shop.policy(otto, nimbus)
    browser = browser_for(paul)
    browser.get("/approval-rules/rules/new?trigger=order_total")
    browser.submit("Save in the draft", amount="300", who_1="customer")
    page = browser.submit("Publish", note="Ours.")
    assert "When an order comes to €300.00 or more" in page.text
    offer = shop.offer("10.00")
    large, small = shop.order(ann, [(offer, 40)]), shop.order(ann, [(offer, 5)])
    assert (shop.state(large), shop.state(small)) == ("on_hold", "confirmed")
    with in_scope(otto):
        request = session().get(Order, large).approval_request_id
        assert session().get(ApprovalRequest, request).asks == "customer"
    buyer = browser_for(ann)
    assert buyer.get("/approval-rules").status == 403
