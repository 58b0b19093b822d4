"""Policies at work: steps, everybody of several, handing on over a weekend, being away, and changing rules for oneself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.core import clock, jobs
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import Event
from app.domain.approvals import actions
from app.domain.approvals.actions import RuleDraft, publish_policy
from app.domain.approvals.checks import check
from app.domain.approvals.errors import SelfDecision
from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.approvals.queries import inbox, request_detail
from app.domain.approvals.rules.steps import Step
from app.domain.orders.actions import place
from app.domain.orders.models import Order
from app.domain.orders.rules.terms import STANDARD
from app.domain.people.actions import delegate, end_delegation
from app.domain.people.actors import actor_of
from app.domain.people.models import Person
from app.domain.people.queries import absent_of
from tests.support.seeding import in_scope
from tests.support.shopping import over

FRIDAY = datetime(2031, 11, 28, 14, 0, tzinfo=UTC)


def named(*people, **more):
    return Step(
        "reseller", None, 2, people=tuple(str(one.id) for one in people), names=tuple(one.name for one in people), **more
    )  # fmt: skip


def request_of(shop, order_id):
    """(role asked, reminder) of the order's request."""
    with shop.looking() as current:
        found = current.get(ApprovalRequest, current.get(Order, order_id).approval_request_id)
        return found.role, found.remind_at


def clean(app):
    with in_scope(app):
        return check()


def test_everybody_who_is_named_has_to_approve(app, shop, ann, otto, ines, olivia, nimbus):
    shop.policy(olivia, nimbus, RuleDraft("always", steps=(named(otto, ines, needs="all"),)))
    order = shop.order(ann, [(shop.offer("10.00"), 5)])
    with pytest.raises(Forbidden):
        shop.decide(olivia, order)
    shop.decide(ines, order)
    assert shop.state(order) == "on_hold"
    with pytest.raises(Conflict):
        shop.decide(ines, order)
    shop.decide(otto, order)
    assert shop.state(order) == "confirmed"
    with in_scope(app, otto):
        assert sorted(decision.place for decision in session().query(Decision)) == [0, 1]
    assert clean(app) == []


def test_the_customer_first_then_the_reseller_over_a_budget_of_a_month(app, shop, ann, paul, otto, nimbus):
    both = (Step("customer", None, 3), Step("reseller", "operations", 2))
    month = {"amount": Decimal(1000), "currency": "EUR", "period": "month"}
    shop.policy(otto, nimbus, RuleDraft("window_spend", steps=both, **month))
    offer = shop.offer("10.00")
    small = [shop.order(ann, [(offer, 40)]), shop.order(ann, [(offer, 42)])]
    last = shop.order(ann, [(offer, 42)])
    assert [shop.state(one) for one in small] == ["confirmed", "confirmed"]
    assert shop.state(last) == "on_hold"
    with pytest.raises(Forbidden):
        shop.decide(otto, last)
    shop.decide(paul, last)
    assert shop.state(last) == "on_hold"
    shop.decide(otto, last)
    assert shop.state(last) == "confirmed"
    assert clean(app) == []


def test_what_nobody_decides_is_handed_on_after_the_weekend_and_then_refused(
    app, shop, ann, otto, olivia, nimbus
):
    step = Step("reseller", "operations", 1, on_expiry="escalate", to_asks="reseller", to_role="owner")
    shop.policy(olivia, nimbus, RuleDraft("always", steps=(step,)))
    with clock.at(FRIDAY):
        orders = [shop.order(ann, [(shop.offer("10.00"), 5)]) for _ in range(2)]
    for later in (timedelta(days=1), timedelta(days=2, hours=20)):
        with clock.at(FRIDAY + later), app.app_context():
            jobs.registry["approvals.expire"].handler()
        assert request_of(shop, orders[0])[0] == "operations", "it is still the weekend"
    monday = FRIDAY + timedelta(days=3, minutes=1)
    with clock.at(monday):
        with app.app_context():
            jobs.registry["approvals.expire"].handler()
        with pytest.raises(Forbidden):
            shop.decide(otto, orders[0])
        shop.decide(olivia, orders[0])
    assert shop.state(orders[0]) == "confirmed"
    with clock.at(monday + timedelta(days=1, minutes=1)), app.app_context():
        jobs.registry["approvals.expire"].handler()
        jobs.registry["approvals.expire"].handler()
    assert shop.state(orders[1]) == "canceled"
    assert clean(app) == []


def test_it_reminds_by_itself_once_before_the_end(app, shop, ann, otto, nimbus):
    shop.policy(otto, nimbus, RuleDraft("always", expires_after_days=3))
    with clock.at(FRIDAY):
        order = shop.order(ann, [(shop.offer("10.00"), 5)])
    for later in (timedelta(days=1), timedelta(days=4, minutes=1), timedelta(days=4, minutes=2)):
        with clock.at(FRIDAY + later), app.app_context():
            jobs.registry["approvals.remind"].handler()
    with in_scope(app, otto):
        assert session().query(Event).filter_by(name="approval_request.reminded").count() == 1
    assert request_of(shop, order)[1] is None


def actor_now(app, who):
    """Who somebody is at this moment, as the arrival at a page works it out."""
    with in_scope(app, who, read_only=True):
        return actor_of(session().get(Person, who.id), absent_of(who.id))


def away(app, who, other, first=FRIDAY, days=3):
    with in_scope(app, who):
        return delegate(other.id, first.date(), (first + timedelta(days=days)).date(), by=who.actor).id


def test_stand_ins_are_resolved_when_the_queue_is_read_three_links_far(
    app, shop, ann, otto, ines, sam, finn, olivia, nimbus
):
    shop.policy(olivia, nimbus, RuleDraft("always", steps=(named(otto),)))
    with clock.at(FRIDAY):
        order = shop.order(ann, [(shop.offer("10.00"), 5)])
        first = away(app, otto, ines)
        away(app, ines, olivia)
        away(app, olivia, sam)
        with in_scope(app, sam):
            assert [row.is_mine for row in inbox(actor_now_inside(sam)).rows] == [True]
        with in_scope(app, otto):
            shown = request_detail(session().get(Order, order).approval_request_id, otto.actor)
        assert {(one.name, one.for_name) for one in shown.deciders} == {
            ("Otto Richter", ""), ("Ines Vogel", "Otto Richter"), ("Olivia Brandt", "Otto Richter"),
            ("Sam Keller", "Otto Richter"),
        }  # fmt: skip
        with in_scope(app, finn), pytest.raises(Forbidden):
            actions.decide(shown.row.id, "approved", digest=shown.digest, by=finn.actor)
        with in_scope(app, otto):
            end_delegation(first, by=otto.actor)
        with in_scope(app, ines), pytest.raises(Forbidden):
            actions.decide(shown.row.id, "approved", digest=shown.digest, by=ines.actor)
        away(app, otto, ines)
        with in_scope(app, sam):
            actions.decide(shown.row.id, "approved", digest=shown.digest, by=sam.actor)
    assert shop.state(order) == "confirmed"
    assert clean(app) == []


def actor_now_inside(who):
    return actor_of(session().get(Person, who.id), absent_of(who.id))


def test_a_stand_in_who_is_behind_the_request_does_not_count_nor_does_one_for_such(
    app, shop, otto, ines, sam, olivia, nimbus
):
    shop.policy(olivia, nimbus, RuleDraft("always", steps=(named(otto),)))
    offer = shop.offer("10.00")
    with clock.at(FRIDAY):
        away(app, otto, sam)
        own = shop.order(sam, [(offer, 5)], nimbus)
        with pytest.raises(SelfDecision):
            shop.decide(sam, own)
    shop.policy(olivia, nimbus, RuleDraft("always", role="operations"))
    with clock.at(FRIDAY):
        theirs = shop.order(otto, [(offer, 5)], nimbus)
        with pytest.raises(Forbidden):
            shop.decide(sam, theirs)  # sam stands in for otto, who asked for it himself
    assert {shop.state(own), shop.state(theirs)} == {"on_hold"}


def test_circles_and_strangers_lend_no_rights(app, shop, otto, ines, paul, liam, ann):
    with clock.at(FRIDAY):
        away(app, otto, ines)
        away(app, ines, otto)
        assert [one.name for one in actor_now(app, otto).stands_in_for] == ["Ines Vogel"]
        for other in (liam, otto):
            with in_scope(app, paul), pytest.raises((Invalid, Conflict)):
                delegate(other.id, FRIDAY.date(), FRIDAY.date(), by=paul.actor)
        with in_scope(app, ann), pytest.raises(Forbidden):
            delegate(paul.id, FRIDAY.date(), FRIDAY.date(), by=ann.actor)


def test_without_the_last_approver_it_waits(app, shop, ann, paul, otto, nimbus):
    shop.policy(otto, nimbus, RuleDraft("always", "customer"))
    order = shop.order(ann, [(shop.offer("10.00"), 5)])
    with in_scope(app):
        session().get(Person, paul.id).is_active = False
    with pytest.raises(Forbidden):
        shop.decide(paul, order)
    with pytest.raises(Forbidden):
        shop.decide(otto, order)
    assert shop.state(order) == "on_hold"
    shop.policy(otto, nimbus)  # an empty policy, and still nothing that waits is let go
    assert shop.state(order) == "on_hold"


LOOSENED = {
    "the general rules": lambda who, nimbus: publish_policy(None, [], by=who),
    "the customer's": lambda who, nimbus: publish_policy(nimbus.id, [], by=who),
    "by lifting the customer's": lambda who, nimbus: publish_policy(nimbus.id, [], lift=True, by=who),
}


@pytest.mark.parametrize("what", LOOSENED)
def test_nobody_gets_their_own_spend_through_by_changing_rules(
    app, shop, otto, ines, olivia, ann, nimbus, what
):
    with in_scope(app, olivia):
        publish_policy(None, [over("50")] if what != "by lifting the customer's" else [], by=olivia.actor)
        if what != "the general rules":
            publish_policy(nimbus.id, [over("50")], by=olivia.actor)
    with in_scope(app, otto):
        LOOSENED[what](otto.actor, nimbus)
    offer = shop.offer("10.00")
    assert shop.state(shop.order(otto, [(offer, 9)], nimbus)) == "on_hold"
    behind = replace(ines.actor, impersonated_by=otto.id)
    view = shop.fill(ines, [(offer, 9)], nimbus)
    with in_scope(app, ines):
        made = place(view.id, intent_id=view.intent_id, seen=view.seen, accepted_terms=STANDARD, by=behind)
        assert made.state == "on_hold", "the one who impersonates published it"
    assert shop.state(shop.order(ann, [(offer, 9)])) == "confirmed", "for everybody else it is in force"


def test_a_customers_own_rules_bind_the_approver_who_loosened_them(app, shop, otto, liam, harbour):
    shop.policy(otto, harbour)
    strict = RuleDraft("order_total", "customer", Decimal(50), "EUR")
    with in_scope(app, liam):
        publish_policy(harbour.id, [strict], layer="customer", by=liam.actor)
    offer = shop.offer("10.00")
    assert shop.state(shop.order(liam, [(offer, 9)])) == "on_hold"
    with in_scope(app, liam), pytest.raises(Forbidden):
        publish_policy(None, [], by=liam.actor)
    with in_scope(app, liam), pytest.raises(Forbidden):
        publish_policy(harbour.id, [], by=liam.actor)
    with in_scope(app, otto), pytest.raises(Forbidden):
        publish_policy(harbour.id, [], layer="customer", by=otto.actor)


def test_fifty_sentences_of_every_kind_cost_at_most_two_statements_more(
    app, shop, ann, otto, nimbus, statements
):
    offer = shop.offer("10.00")
    every = [
        RuleDraft("window_spend", amount=Decimal(90000 + number), currency="EUR", period="month")
        if number % 2 else RuleDraft("window_spend", amount=Decimal(90000), currency="EUR", window_days=number + 1)
        for number in range(44)
    ]  # fmt: skip
    every += [
        RuleDraft("first_order"), RuleDraft("quantity", quantity=500), RuleDraft("change", subject_type="renewal"),
        RuleDraft("margin_under", percent=Decimal(-100)), over("80000"), over("90000"),
    ]  # fmt: skip
    counts = []
    for rules in ([over("100000")], every):
        shop.policy(otto, nimbus, *rules)
        view = shop.fill(ann, [(offer, 1)])
        with statements() as seen:
            shop.checkout(ann, view)
        counts.append(len(seen))
    assert counts[1] - counts[0] <= 2, counts
