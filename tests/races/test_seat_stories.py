"""Promise P4, through the whole house: two who change seats, answers lost, workers killed, and no accepted change is overwritten.

The same at the connector's port is `tests/connectors/test_seat_changes.py`.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.core import clock
from app.core.errors import Conflict, Invalid
from app.domain.subscriptions import jobs
from app.domain.subscriptions.models import Subscription
from app.domain.vendors import SeatChange, VendorRejected, Vendors
from tests.support.changing import MARCH, Changing
from tests.support.fake_vendor import FakeVendor, once, refused_connection, timed_out
from tests.support.shopping import Shopping

FIRST = 20


class Killed(Exception):
    """The worker is gone in the middle of its job."""


FAULTS = {
    "": lambda vendor: None,
    "never arrives": lambda vendor: setattr(vendor, "before_change", once(refused_connection())),
    "answer lost": lambda vendor: setattr(vendor, "after_change", once(timed_out())),
    "killed before": lambda vendor: setattr(vendor, "before_change", once(Killed())),
    "killed after": lambda vendor: setattr(vendor, "after_change", once(Killed())),
}


class TwoActors(RuleBasedStateMachine):
    """Awning's buyers, and somebody in the vendor's own portal, in any order."""

    changing: Changing
    ann: object
    begins = MARCH

    def __init__(self) -> None:
        super().__init__()
        self.now = type(self).begins  # each story after the one before
        self.vendor = self.changing.vendor
        self.vendor.before_change = self.vendor.after_change = None
        with clock.at(self.now):
            self.id = self.changing.bought(self.ann, quantity=FIRST)
        with self.changing.shop.looking() as current:
            self.there = current.get_one(Subscription, self.id).vendor_subscription_id
        self.elsewhere = 0
        self.asked: list = []

    @rule(by=st.integers(-6, 6).filter(bool), fault=st.sampled_from(sorted(FAULTS)))
    def a_buyer_changes(self, by: int, fault: str) -> None:
        with clock.at(self.now):
            with self.changing.shop.looking() as current:
                believed = current.get_one(Subscription, self.id).vendor_quantity
            try:
                self.asked.append(self.changing.seats(self.ann, self.id, believed + by))
            except (Conflict, Invalid):
                return
        FAULTS[fault](self.vendor)
        self.work()

    @rule(by=st.integers(-6, 6).filter(bool))
    def a_buyer_only_asks(self, by: int) -> None:
        with clock.at(self.now):
            with self.changing.shop.looking() as current:
                believed = current.get_one(Subscription, self.id).vendor_quantity
            try:
                self.asked.append(self.changing.seats(self.ann, self.id, believed + by))
            except (Conflict, Invalid):
                return

    @rule(by=st.integers(-6, 6).filter(bool))
    def somebody_changes_it_in_the_vendors_portal(self, by: int) -> None:
        have = self.vendor.there(self.there).quantity
        with clock.at(self.now):
            try:
                self.vendor.resize(self.there, max(1, have + by))
            except VendorRejected:
                return
        self.elsewhere += max(1, have + by) - have

    @rule()
    def it_is_read_again(self) -> None:
        with clock.at(self.now), self.changing.app.app_context():
            with self.changing.shop.looking() as current:
                row = current.get_one(Subscription, self.id)
                tenant = str(row.tenant_id)
            with self.changing.app.app_context():
                jobs.read(tenant, str(self.id))

    @rule()
    def time_passes_and_work_is_done(self) -> None:
        self.work()

    def work(self) -> None:
        """Three rounds of the worker, each after a lease or a pause; whoever lost its job gets it back."""
        for _ in range(3):
            with clock.at(self.now):
                self.changing.worker("subscriptions.%", tolerate=True)
                with self.changing.app.app_context():
                    jobs.find_lost()
            self.now += timedelta(minutes=6)

    @invariant()
    def every_accepted_change_counts_once_and_nothing_else_does(self) -> None:
        accepted = 0
        with self.changing.shop.looking():
            for change_id in self.asked:
                change = self.changing.change(change_id)
                key = [made for made in self.vendor.changes if isinstance(made, SeatChange)]
                did = any(made.to_quantity == change.to_quantity for made in key)
                if change.state == "completed":
                    accepted += change.to_quantity - change.from_quantity
                    assert did
                elif change.state in ("in_progress", "unknown", "confirmed"):
                    return  # not known yet; the next rounds tell
        have = self.vendor.there(self.there).quantity
        assert have == FIRST + accepted + self.elsewhere
        assert have >= 1

    def teardown(self) -> None:
        for _ in range(4):
            self.work()
            self.now += timedelta(hours=3)
        type(self).begins = self.now
        self.every_accepted_change_counts_once_and_nothing_else_does()
        with self.changing.shop.looking():
            assert {self.changing.change(one).state for one in self.asked} <= {
                "completed",
                "failed",
                "conflict",
            }


@pytest.fixture
def story(app, monkeypatch, worker, otto, nimbus, ann):
    """The machine on a database and a vendor of this test's own."""
    vendor = FakeVendor()
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": vendor}))
    shop = Shopping(app)
    with clock.at(MARCH - timedelta(days=1)):
        shop.policy(otto, nimbus)
    changing = Changing(app, shop, vendor, worker)
    return type("Story", (TwoActors,), {"changing": changing, "ann": ann})


def limits(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def test_no_accepted_change_is_lost_between_buyers_and_the_vendors_portal(story):
    run_state_machine_as_test(story, settings=limits(2, 6))


@pytest.mark.full
def test_no_accepted_change_is_lost_in_long_stories(story):
    run_state_machine_as_test(story, settings=limits(60, 30))


def test_without_the_comparison_a_change_made_in_the_portal_is_overwritten(story, monkeypatch):
    """The mutant: what is wanted is sent as it is, whatever the vendor has by now."""
    real = jobs.applying.send

    def careless(port, vendor_subscription_id, order):
        have = port.subscription(vendor_subscription_id)
        return real(port, vendor_subscription_id, replace(order, from_quantity=have.quantity, etag=None))

    monkeypatch.setattr(jobs.applying, "send", careless)
    machine = story()
    with clock.at(machine.now):
        machine.asked.append(machine.changing.seats(machine.ann, machine.id, FIRST + 2))
    machine.somebody_changes_it_in_the_vendors_portal(5)
    machine.work()
    with pytest.raises(AssertionError):
        machine.every_accepted_change_counts_once_and_nothing_else_does()
