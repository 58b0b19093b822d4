"""The verifier: silent after everything that can happen, and naming whoever breaks a rule."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.core import clock, jobs
from app.domain.approvals.checks import check as check_approvals
from app.domain.orders.actions import withdraw
from app.domain.orders.checks import check as check_orders
from app.domain.subscriptions.checks import check as check_subscriptions
from app.domain.vendors import VendorRejected
from tests.support.fake_vendor import once, timed_out
from tests.support.seeding import in_scope
from tests.support.shopping import budget, over


@pytest.fixture
def busy(app, shop, ann, paul, otto, ines, nimbus, vendor, worker):
    """A shop in which everything has happened once."""
    cheap, yearly = shop.offer("10.00"), shop.offer("240.00", term="P1Y")
    shop.policy(
        otto, nimbus, over("500", asks="customer"), over("2000"), budget("900"), over("1000000", role="owner")
    )
    went_through = shop.order(ann, [(cheap, 3), (yearly, 1)])
    for answer, quantity in (("approved", 60), ("refused", 70)):
        shop.decide(paul, shop.order(ann, [(cheap, quantity)]), answer)
    twice = shop.order(ann, [(cheap, 400)])
    shop.decide(paul, twice)
    shop.decide(ines, twice)
    taken_back = shop.order(ann, [(cheap, 80)])
    with in_scope(app, ann):
        withdraw(taken_back, by=ann.actor)
    vendor.during = once(VendorRejected("quota", "No."))
    vendor.after = once(timed_out())
    worker("orders.%")
    with clock.at(clock.now() + timedelta(minutes=20)):
        worker("orders.%")
    shop.order(ann, [(cheap, 90)])
    with clock.at(clock.now() + timedelta(days=8)), app.app_context():
        jobs.registry["approvals.expire"].handler()
    shop.order(ann, [(cheap, 95)])  # this one waits
    shop.order(ann, [(cheap, 1)])
    return went_through


CHECKERS = (check_approvals, check_orders, check_subscriptions)


def broken(app):
    with in_scope(app):
        return [name for check in CHECKERS for name, _ in check()]


def test_nothing_is_broken_by_anything_that_may_happen(app, busy):
    assert broken(app) == []


BREAKAGES = {
    "an order's total and commitment are the sums of its lines": (
        'UPDATE "order" SET total_amount = total_amount - 1'
    ),
    "a completed order has only active lines": (
        "UPDATE order_line SET state = 'failed' WHERE order_id IN (SELECT id FROM \"order\" WHERE state = 'completed')"
    ),
    "an order that is on its way still has something to do": (
        "UPDATE \"order\" SET state = 'in_progress' WHERE state = 'completed'"
    ),
    "nothing was bought for an order that was not confirmed": (
        "UPDATE \"order\" SET state = 'canceled' WHERE state = 'completed'"
    ),
    "an order that was held went ahead only with an approval of exactly its digest": (
        "UPDATE approval_request SET state = 'refused' WHERE state = 'approved'"
    ),
    "an order waits exactly while its request does": (
        "UPDATE approval_request SET state = 'expired' WHERE state = 'pending'"
    ),
    "every order has its commitment in the ledger": "UPDATE commitment SET amount = amount + 1",
    "every line of an order that went ahead has one purchase step": (
        "UPDATE provisioning_step SET name = 'other'"
    ),
    "an active line was bought": "UPDATE provisioning_step SET state = 'ready' WHERE state = 'done'",
    "no call is held far beyond its lease, and no unsettled line is without a job or a person": (
        "WITH gone AS (DELETE FROM procrastinate_jobs) UPDATE provisioning_step"
        " SET created_at = now() - interval '1 day', next_at = NULL WHERE state = 'ready'"
    ),
    "an order that goes ahead is still what was approved": ("UPDATE account SET domain = 'evil.example'"),
    "an approved request has one approving decision for each place of each of its steps": (
        "UPDATE approval_request SET state = 'approved' WHERE state = 'refused'"
    ),
    "nobody decided a request that they stand behind": (
        "UPDATE approval_request r SET requester_ids = d.decider_ids FROM decision d"
        " WHERE d.approval_request_id = r.id"
    ),
    "every line that was bought has one subscription": (
        "WITH gone AS (DELETE FROM seat_batch) DELETE FROM subscription"
    ),
    "a subscription belongs to a line that was bought, at that line's price": (
        "UPDATE subscription SET unit_amount = unit_amount + 1"
    ),
    "a subscription is active once its line is": "UPDATE subscription SET state = 'pending'",
    "the vendor's seats are the sum of their batches": "UPDATE seat_batch SET quantity = quantity + 1",
}


def test_each_rule_names_what_breaks_it(app, busy):
    for name, statement in BREAKAGES.items():
        with in_scope(app) as current:
            attempt = current.begin_nested()
            assert current.execute(text(statement)).rowcount > 0, name
            told = [told for check in CHECKERS for told, _ in check()]
            attempt.rollback()
        assert name in told, f"{name}: {told}"
    assert broken(app) == []
