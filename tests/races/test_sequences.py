"""Random histories of one customer against an oracle that adds everything up by hand: never past the budget unasked, and
never asked without need (promise P6)."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.domain.approvals.checks import CHECKS
from app.domain.orders.actions import reorder, withdraw
from app.domain.vendors import VendorRejected, Vendors
from tests.support.fake_vendor import FakeVendor, once
from tests.support.seeding import in_scope
from tests.support.shopping import budget, over

LIMIT, LARGE, DAYS = 1000, 700, 30
START = datetime(2027, 2, 20, 12, tzinfo=UTC)  # over a month's end and a night of summer time


@dataclass
class Happened:
    """One order as the oracle remembers it."""

    at: datetime
    amount: int
    is_unasked: bool
    released_at: datetime | None = None


@pytest.fixture
def vendor(app, wide_app, monkeypatch):
    """A vendor that works, for whoever runs the jobs."""
    made = FakeVendor()
    for each in (app, wide_app):
        monkeypatch.setitem(each.extensions, "vendors", Vendors({"microsoft": made}))
    return made


@pytest.mark.parametrize("seed", range(4))
def test_every_history_is_as_the_oracle_says(shop, ann, otto, nimbus, vendor, worker, seed):
    live(shop, ann, otto, nimbus, vendor, worker, random.Random(seed), steps=30)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 160))
def test_long_histories_are_as_the_oracle_says(shop, ann, otto, nimbus, vendor, worker, seed):
    live(shop, ann, otto, nimbus, vendor, worker, random.Random(seed), steps=80)


def live(shop, ann, otto, nimbus, vendor, worker, dice, *, steps):
    """One random history; each step is checked against the oracle."""
    shop.policy(otto, nimbus, budget(str(LIMIT), days=DAYS), over(str(LARGE)))
    offer = shop.offer("10.00")
    history: list[Happened] = []
    now, last = START, None
    for step in range(steps):
        now += dice.choice([timedelta(0), timedelta(hours=7), timedelta(days=2), timedelta(days=9)])
        with clock.at(now):
            act = dice.choice(["order", "order", "order", "order", "fail", "again"])
            amount = dice.randrange(10, 760, 10)
            if act == "fail":
                worker("orders.%")  # so that only this step's order is left to fail
            if act == "again" and last is not None:
                with in_scope(shop.app, ann):
                    reorder(last[0], by=ann.actor)
                view = shop.cart(ann)
                order_id, amount = shop.checkout(ann, view), int(view.commitment.amount)
            else:
                order_id = shop.order(ann, [(offer, amount // 10)])
            state = shop.state(order_id)
            before = sum(
                done.amount
                for done in history
                if done.is_unasked
                and done.at >= now - timedelta(days=DAYS)
                and (done.released_at is None or done.released_at > now)
            )
            must_ask = before + amount >= LIMIT or amount >= LARGE
            assert state == ("on_hold" if must_ask else "confirmed"), f"step {step}: {before} + {amount}"
            happened = Happened(now, amount, is_unasked=not must_ask)
            history.append(happened)
            last = (order_id, amount)
            if must_ask:
                ending = dice.choice(["approved", "refused", "withdrawn", "waiting"])
                if ending == "withdrawn":
                    with in_scope(shop.app, ann):
                        withdraw(order_id, by=ann.actor)
                elif ending != "waiting":
                    shop.decide(otto, order_id, ending)
            elif act == "fail":
                vendor.during = once(VendorRejected("quota", "No."))
                worker("orders.%")
                assert shop.state(order_id) == "error"
                happened.released_at = now
    with shop.looking():
        assert [name for name, find in CHECKS if "budget" in name and find()] == []
