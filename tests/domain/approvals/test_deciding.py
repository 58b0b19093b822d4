"""Decisions: once, by somebody who is asked and not behind it, over exactly what was seen (promises P7, P8)."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from app.core import clock, jobs
from app.core.actor import SYSTEM
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.events import timeline
from app.domain.approvals.actions import RuleDraft, decide, expire, gate, note_self_decision, withdraw
from app.domain.approvals.errors import PriceMoved, SelfDecision, StaleAsk
from app.domain.approvals.models import ApprovalRequest, Decision, FrozenAsk
from app.domain.approvals.queries import Narrow, inbox, request_detail, waiting_counts
from app.domain.orders.actions import carts, place
from app.domain.orders.models import Order, OrderVersion
from app.domain.orders.queries import cart_of, order_detail
from app.domain.people.models import Person
from tests.support.seeding import in_scope
from tests.support.shopping import over


@pytest.fixture
def offer(shop):
    return shop.offer("10.00")


@pytest.fixture
def held(shop, ann, otto, nimbus, offer):
    """The id of an order of 500.00 EUR that waits for the reseller."""
    shop.policy(otto, nimbus, over("500"))
    return shop.order(ann, [(offer, 50)])


def request_of(shop, order_id):
    with shop.looking() as current:
        return current.get(Order, order_id).approval_request_id


def decisions(shop):
    with shop.looking() as current:
        found = current.scalars(select(Decision).order_by(Decision.step)).all()
        current.expunge_all()
        return found


def test_an_approval_is_kept_with_person_time_comment_and_digest(shop, held, ines):
    shop.decide(ines, held, comment=" Agreed with the customer. ")
    (decision,) = decisions(shop)
    assert (decision.answer, decision.comment, decision.person_name) == (
        "approved",
        "Agreed with the customer.",
        ines.name,
    )
    with shop.looking() as current:
        order = current.get(Order, held)
        version = current.scalars(select(OrderVersion)).one()
        assert decision.digest == decision.granted_digest == version.digest == order.approved_digest


def test_a_refusal_says_why_and_cancels_the_order(shop, held, otto, ann):
    with pytest.raises(Invalid):
        shop.decide(otto, held, "refused", comment=" ")
    shop.decide(otto, held, "refused", comment="Please use the licences you have.")
    with shop.looking(ann):
        shown = order_detail(held)
        assert (shown.row.state, shown.row.shown_state) == ("canceled", "refused")
        assert shown.reason == "Refused: Please use the licences you have."
        assert shown.can_be_put_back
        assert [line.state for line in shown.lines] == ["canceled"]


def test_whoever_comes_second_is_told_who_was_first_and_when(shop, held, otto, ines, app):
    request_id = request_of(shop, held)
    with in_scope(app, otto):
        shown = request_detail(request_id, otto.actor)
    with clock.at(datetime(2026, 11, 23, 13, 2, tzinfo=UTC)):
        shop.decide(ines, held)
        with in_scope(app, otto), pytest.raises(Conflict) as late:
            decide(request_id, "refused", digest=shown.digest, comment="No.", by=otto.actor)
    assert late.value.message == "Decided by Ines Vogel at 14:02: approved."
    assert len(decisions(shop)) == 1


def test_a_decision_needs_the_digest_that_was_shown(shop, held, otto, app):
    with pytest.raises(StaleAsk):
        shop.decide(otto, held, digest="0" * 64)
    assert decisions(shop) == []


def test_an_order_changed_behind_the_page_is_not_approved(shop, held, otto, app):
    with in_scope(app) as current:
        current.execute(text("UPDATE order_line SET quantity = quantity + 1"))
    with pytest.raises(StaleAsk):
        shop.decide(otto, held)
    assert shop.state(held) == "on_hold"


# ---- who may decide (P8) -------------------------------------------------------------------------------------------


def test_the_same_person_asking_and_deciding_is_refused_and_noted(shop, otto, nimbus, offer, app, ines):
    shop.policy(otto, nimbus, over("500"))
    held = shop.order(ines, [(offer, 50)], account=nimbus)
    with pytest.raises(SelfDecision):
        shop.decide(ines, held)
    request_id = request_of(shop, held)
    with in_scope(app, ines):
        note_self_decision(request_id, ines.actor)
    with shop.looking():
        assert "security.self_decision_refused" in [event.name for event in timeline(request_id)]
    assert shop.state(held) == "on_hold"
    shop.decide(otto, held)


RELATIONS = {
    # relation: who decides (given the cast and the requester), which error
    "the requester": SelfDecision,
    "an impersonator of the requester": SelfDecision,
    "the requester impersonating somebody entitled": SelfDecision,
    "somebody who edited the cart before": SelfDecision,
    "a second account with the requester's e-mail": SelfDecision,
    "a colleague without the right": Forbidden,
    "somebody entitled whose role was taken away a second ago": Forbidden,
    "somebody entitled who was switched off": Forbidden,
    "the customer's approver where the reseller is asked": Forbidden,
    "another reseller's approver": NotFound,
    "the system": Forbidden,
    "a colleague who is entitled": None,
}


@pytest.mark.parametrize("answer", ["approved", "refused"])
@pytest.mark.parametrize("relation", RELATIONS)
def test_nobody_decides_their_own_spend(
    app, shop, relation, answer, olivia, otto, ines, sam, paul, raj, nimbus, ann, offer
):
    shop.policy(olivia, nimbus, over("500"))
    requester, actor, scope = ines, otto.actor, otto
    if relation == "the requester":
        actor, scope = ines.actor, ines
    elif relation == "an impersonator of the requester":
        # Otto acted as Ines when the order was placed
        held = place_as(app, shop, ines, offer, nimbus, impersonated_by=otto.id)
    elif relation == "the requester impersonating somebody entitled":
        actor = replace(otto.actor, impersonated_by=ines.id)
    elif relation == "somebody who edited the cart before":
        held = place_as(app, shop, ines, offer, nimbus, edited_by=otto.id)
    elif relation == "a second account with the requester's e-mail":
        with in_scope(app) as current:
            current.get(Person, otto.id).email = "ines.vogel@acme.example"
            current.get(Person, ann.id).email = "ines.vogel@acme.example"
        requester = ann
    elif relation == "a colleague without the right":
        actor, scope = sam.actor, sam
    elif relation == "somebody entitled whose role was taken away a second ago":
        with in_scope(app) as current:
            current.get(Person, otto.id).roles = ["sales"]
    elif relation == "somebody entitled who was switched off":
        with in_scope(app) as current:
            current.get(Person, otto.id).is_active = False
    elif relation == "the customer's approver where the reseller is asked":
        actor, scope = paul.actor, paul
    elif relation == "another reseller's approver":
        actor, scope = raj.actor, raj
    elif relation == "the system":
        actor = SYSTEM
    if relation not in ("an impersonator of the requester", "somebody who edited the cart before"):
        held = shop.order(requester, [(offer, 50)], account=nimbus)
    request_id = request_of(shop, held)
    with in_scope(app, olivia):
        digest = request_detail(request_id, olivia.actor).digest

    def attempt():
        with in_scope(app, scope):
            decide(request_id, answer, digest=digest, comment="Fine.", by=actor)

    expected = RELATIONS[relation]
    if expected is None:
        attempt()
        assert len(decisions(shop)) == 1
        return
    with pytest.raises(expected) as refused:
        attempt()
    assert type(refused.value) is expected
    assert decisions(shop) == []
    assert shop.state(held) == "on_hold"


def place_as(app, shop, who, offer, account, *, impersonated_by=None, edited_by=None):
    """An order placed by `who` while somebody else stood behind them, or had edited the cart."""
    actor = replace(who.actor, impersonated_by=impersonated_by)
    editor = replace(who.actor, impersonated_by=edited_by) if edited_by else actor
    with in_scope(app, who):
        carts.add(account.id, offer, 50, by=editor)
    with in_scope(app, who):
        view = cart_of(account.id, actor)
        return place(
            view.id,
            intent_id=view.intent_id,
            seen=view.seen,
            accepted_terms="standard-2026-01",
            by=actor,
        ).id


def test_comparing_persons_alone_would_let_an_impersonator_through(
    app, shop, otto, ines, olivia, nimbus, offer, monkeypatch
):
    """The mutant of P8: without the impersonator's id among the requesters, they release their own spend."""
    module = sys.modules["app.domain.approvals.actions.standing"]
    shop.policy(olivia, nimbus, over("500"))
    held = place_as(app, shop, ines, offer, nimbus, impersonated_by=otto.id)
    monkeypatch.setattr(module, "is_self", lambda standing, ids, emails: standing.person_ids & {ines.id})
    shop.decide(otto, held)
    assert shop.state(held) == "confirmed"


def test_whoever_loosens_a_rule_does_not_profit_from_it(shop, olivia, otto, nimbus, offer):
    shop.policy(olivia, nimbus, over("500"))
    shop.policy(otto, nimbus, over("100000"))
    assert shop.state(shop.order(otto, [(offer, 50)], account=nimbus)) == "on_hold"


def test_everybody_else_profits_from_a_loosened_rule(shop, olivia, otto, ann, nimbus, offer):
    shop.policy(olivia, nimbus, over("500"))
    shop.policy(otto, nimbus, over("100000"))
    assert shop.state(shop.order(ann, [(offer, 50)])) == "confirmed"


def test_an_own_policy_made_to_get_round_the_general_one_does_not_help_its_maker(
    shop, olivia, otto, nimbus, offer
):
    shop.policy(olivia, None, over("500"))
    shop.policy(otto, nimbus)
    assert shop.state(shop.order(otto, [(offer, 50)], account=nimbus)) == "on_hold"


def test_a_changed_policy_releases_nothing_that_waits(shop, held, otto, nimbus):
    shop.policy(otto, nimbus)
    assert shop.state(held) == "on_hold"


# ---- steps ---------------------------------------------------------------------------------------------------------


def test_two_steps_are_asked_one_after_the_other(shop, ann, paul, otto, nimbus, offer, app):
    shop.policy(otto, nimbus, over("100", asks="customer"), over("500"))
    held = shop.order(ann, [(offer, 50)])
    with in_scope(app, otto):
        assert waiting_counts(otto.actor).mine == 0
    with in_scope(app, paul):
        assert waiting_counts(paul.actor).mine == 1
    shop.decide(paul, held)
    assert shop.state(held) == "on_hold"
    with in_scope(app, otto):
        assert waiting_counts(otto.actor).mine == 1
    with pytest.raises(Conflict):
        shop.decide(paul, held, step=0)
    shop.decide(otto, held)
    assert shop.state(held) == "confirmed"
    assert [(row.step, row.realm) for row in decisions(shop)] == [(0, "storefront"), (1, "console")]


def test_nobody_decides_two_steps_of_one_request(shop, ann, olivia, otto, nimbus, offer):
    shop.policy(otto, nimbus, over("100", role="operations"), over("500"))
    held = shop.order(ann, [(offer, 50)])
    shop.decide(olivia, held)
    with pytest.raises(Conflict, match="somebody else"):
        shop.decide(olivia, held)
    shop.decide(otto, held)


def test_a_step_may_ask_one_role_only(shop, ann, olivia, otto, nimbus, offer, app):
    shop.policy(otto, nimbus, over("100", role="owner"))
    held = shop.order(ann, [(offer, 50)])
    with pytest.raises(Forbidden):
        shop.decide(otto, held)
    shop.decide(olivia, held)


def test_a_customer_without_an_approver_waits(shop, liam, otto, harbour, offer, app):
    """Fail closed: Liam is Harbour's only approver, and he asked himself."""
    shop.policy(otto, harbour, over("100", asks="customer"))
    held = shop.order(liam, [(offer, 50)])
    with in_scope(app, liam):
        shown = request_detail(request_of_now(held), liam.actor)
        assert shown.deciders == ()
        assert not shown.row.is_mine
    assert shop.state(held) == "on_hold"


def request_of_now(order_id):
    return session().get(Order, order_id).approval_request_id


# ---- the price now -------------------------------------------------------------------------------------------------


def test_a_price_that_moved_is_shown_and_chosen(shop, held, otto, ines, offer, app):
    shop.reprice(offer, "8.00")
    with pytest.raises(PriceMoved) as moved:
        shop.decide(otto, held)
    assert str(moved.value) == "This was asked at 500.00 EUR, now 400.00 EUR. Choose the price to decide on."
    assert [str(choice) for choice in moved.value.choices] == ["500.00 EUR", "400.00 EUR"]
    assert decisions(shop) == []
    shop.decide(otto, held, at_amount=Decimal("400.00"))
    with shop.looking() as current:
        order = current.get(Order, held)
        assert (order.commitment_amount, order.version_number, order.state) == (400, 2, "confirmed")
        versions = current.scalars(select(OrderVersion).order_by(OrderVersion.number)).all()
        asks = current.scalars(select(FrozenAsk).order_by(FrozenAsk.number)).all()
        assert [row.digest for row in versions] == [row.digest for row in asks]
        (decision,) = decisions(shop)
        assert (decision.digest, decision.granted_digest) == (versions[0].digest, versions[1].digest)
        assert (decision.asked_amount, decision.granted_amount) == (500, 400)
        assert order.approved_digest == versions[1].digest


def test_the_reseller_may_keep_the_price_that_was_promised(shop, held, otto, offer):
    shop.reprice(offer, "12.00")
    shop.decide(otto, held, at_amount=Decimal("500.00"))
    with shop.looking() as current:
        assert current.get(Order, held).commitment_amount == 500


def test_the_reseller_cannot_raise_the_price_without_the_customer(shop, held, otto, offer):
    shop.reprice(offer, "12.00")
    with pytest.raises(PriceMoved) as moved:
        shop.decide(otto, held, at_amount=Decimal("600.00"))
    assert [str(choice) for choice in moved.value.choices] == ["500.00 EUR"]
    assert shop.state(held) == "on_hold"


def test_the_customers_approver_may_agree_to_a_higher_price(shop, ann, paul, otto, nimbus, offer):
    shop.policy(otto, nimbus, over("100", asks="customer"))
    held = shop.order(ann, [(offer, 50)])
    shop.reprice(offer, "12.00")
    with clock.at(clock.now() + timedelta(hours=25)):
        with pytest.raises(PriceMoved) as moved:
            shop.decide(paul, held, at_amount=Decimal("500.00"))
        assert [str(choice) for choice in moved.value.choices] == ["600.00 EUR"]
        shop.decide(paul, held, at_amount=Decimal("600.00"))
    with shop.looking() as current:
        assert current.get(Order, held).commitment_amount == 600


def test_a_price_that_moves_again_between_page_and_press_is_shown_again(shop, held, otto, offer):
    shop.reprice(offer, "8.00")
    shop.reprice(offer, "7.00")
    with pytest.raises(PriceMoved):
        shop.decide(otto, held, at_amount=Decimal("400.00"))


def test_a_page_of_before_the_price_was_taken_shows_what_changed(shop, ann, paul, otto, nimbus, offer, app):
    shop.policy(otto, nimbus, over("100", asks="customer"), over("500"))
    held = shop.order(ann, [(offer, 50)])
    request_id = request_of(shop, held)
    with in_scope(app, otto):
        old = request_detail(request_id, otto.actor).digest
    shop.reprice(offer, "8.00")
    shop.decide(paul, held, at_amount=Decimal("400.00"))
    with pytest.raises(StaleAsk) as stale:
        shop.decide(otto, held, digest=old)
    assert "Line 1: unit amount: 10 → 8" in [str(change) for change in stale.value.changes]


def test_a_refusal_does_not_care_about_prices(shop, held, otto, offer):
    shop.reprice(offer, "8.00")
    shop.decide(otto, held, "refused")


# ---- endings without a decision ------------------------------------------------------------------------------------


def test_the_buyer_takes_a_request_back(shop, held, ann, otto, app):
    with in_scope(app, ann):
        withdraw(request_of_now(held), by=ann.actor)
    assert shop.state(held) == "canceled"
    with pytest.raises(Conflict, match="withdrawn"):
        shop.decide(otto, held)


def test_only_whoever_asked_takes_it_back(shop, held, paul, sam, app):
    for other in (paul, sam):
        with in_scope(app, other), pytest.raises(Forbidden):
            withdraw(request_of_now(held), by=other.actor)


def test_what_nobody_decides_expires_by_itself(shop, held, otto, worker, app, ann):
    with app.app_context():
        jobs.registry["approvals.expire"].handler()
    assert shop.state(held) == "on_hold"
    with shop.looking() as current:
        expires_at = current.get(ApprovalRequest, request_of_now(held)).expires_at
    with clock.at(expires_at + timedelta(seconds=1)):
        with pytest.raises(Conflict, match="expired"):
            shop.decide(otto, held)
        with app.app_context():
            jobs.registry["approvals.expire"].handler()
            jobs.registry["approvals.expire"].handler()
    with shop.looking(ann):
        shown = order_detail(held)
        assert (shown.row.state, shown.reason) == ("canceled", "Nobody decided in time.")
    with in_scope(app, otto):
        assert expire(request_of_now(held)) is False


def test_a_request_in_another_tenant_is_not_there(shop, held, gwen, app):
    with in_scope(app, gwen), pytest.raises(NotFound):
        request_detail(request_of(shop, held), gwen.actor)


# ---- the inbox -----------------------------------------------------------------------------------------------------


def test_the_inbox_costs_a_constant_number_of_statements(shop, ann, otto, nimbus, offer, app, statements):
    shop.policy(otto, nimbus, over("100"))
    first = shop.order(ann, [(offer, 50)])
    for quantity in (10, 30, 20):
        shop.order(ann, [(offer, quantity)])
    shop.decide(otto, first)
    with in_scope(app, otto):
        with statements() as seen:
            page = inbox(otto.actor, sort="-amount")
        assert len(seen) == 2
        assert [str(row.total) for row in page.rows] == ["300.00 EUR", "200.00 EUR", "100.00 EUR"]
        assert all(row.is_mine for row in page.rows)
        assert inbox(otto.actor, state="closed").rows[0].decided_by_name == otto.name
        assert inbox(otto.actor, narrow=Narrow(q="nimb")).total == 3
        assert (
            inbox(otto.actor, narrow=Narrow(q="product"), size=2, page=2).rows[0].summary == "20 × Product 1"
        )
        assert inbox(otto.actor, narrow=Narrow(q="nothing like it")).total == 0
        with statements() as seen:
            request_detail(page.rows[0].id, otto.actor)
        assert len(seen) <= 4


def test_a_policy_of_many_rules_costs_as_many_statements_as_one(shop, ann, otto, nimbus, offer, statements):
    counts = []
    for rules in ([over("100000")], [over("100000"), *(RuleDraft(
        "window_spend", amount=Decimal(90000 + days), currency="EUR", window_days=days
    ) for days in range(1, 50))]):  # fmt: skip
        shop.policy(otto, nimbus, *rules)
        view = shop.fill(ann, [(offer, 1)])
        with statements() as seen:
            shop.checkout(ann, view)
        counts.append(len(seen))
    assert counts[1] - counts[0] <= 2


def test_the_requests_of_one_person_are_limited(shop, ann, otto, nimbus, offer, monkeypatch):
    monkeypatch.setattr(gate, "MAX_WAITING_PER_PERSON", 2)
    shop.policy(otto, nimbus, over("100"))
    for _ in range(2):
        shop.order(ann, [(offer, 50)])
    with pytest.raises(Conflict, match="already wait"):
        shop.order(ann, [(offer, 50)])
    with shop.looking() as current:
        assert len(current.scalars(select(ApprovalRequest)).all()) == 2
