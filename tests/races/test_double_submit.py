"""Pressing the button twice, or eight times at once, makes one order (promise P3)."""

import sys
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from app.core.db import session
from app.core.events import Event
from app.core.ids import new_id
from app.domain.approvals.actions import gate
from app.domain.approvals.models import ApprovalRequest, Commitment
from app.domain.orders.models import Cart, Order
from tests.support.database import connect
from tests.support.shopping import over

PRESSES = 8
placing = sys.modules["app.domain.orders.actions.place"]
making = sys.modules["app.domain.orders.actions.making"]
INTENT = "uq_order_tenant_id_intent_id"


@pytest.fixture
def checkout(shop, ann, otto, nimbus):
    """A function that fills the cart anew and answers eight presses of one button."""
    offer = shop.offer("10.00")
    shop.policy(otto, nimbus, over("50"))

    def presses():
        view = shop.fill(ann, [(offer, 9)])
        return [lambda: shop.checkout(ann, view)] * PRESSES

    return presses


def counts(shop):
    with shop.looking() as current:
        return [
            current.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (Order, ApprovalRequest, Commitment)
        ] + [
            current.execute(
                select(func.count()).select_from(Event).where(Event.name.in_(("order.placed", "order.held")))
            ).scalar_one()
        ]


def unlock(monkeypatch):
    """Takes the locks off the account and the cart, the version off the cart, and numbers orders without a lock."""

    def look_only(cart_id, *, by):
        found = session().get(Cart, cart_id, populate_existing=True)
        assert found.person_id == by.person_id
        session().expunge(found)  # what is not in the session has no version to be checked
        return found

    monkeypatch.setattr(gate, "lock_account", lambda account_id: None)
    monkeypatch.setattr(placing, "lock_cart", look_only)
    monkeypatch.setattr(making, "next_number", lambda tenant_id, letter: f"O-{new_id().hex[-14:]}")


@contextmanager
def without_index(database):
    """The order table without the unique intent."""
    with connect(database.settings.database_url) as owner:
        owner.execute(f'ALTER TABLE "order" DROP CONSTRAINT {INTENT}')
        try:
            yield
        finally:
            database.sweep()
            owner.execute(f'ALTER TABLE "order" ADD CONSTRAINT {INTENT} UNIQUE (tenant_id, intent_id)')


def test_eight_presses_at_once_are_one_order(shop, checkout, race, trials):
    for trial in range(1, trials + 1):
        results = race(checkout())
        assert len(set(results)) == 1, results
        assert not isinstance(results[0], Exception), results
        assert counts(shop) == [trial, trial, trial, 2 * trial]


def test_the_unique_intent_alone_would_be_enough(shop, checkout, race, monkeypatch):
    unlock(monkeypatch)
    for trial in range(1, 11):
        results = race(checkout())
        assert len(set(results)) == 1, results
        assert counts(shop) == [trial, trial, trial, 2 * trial]


def test_without_locks_version_and_index_there_are_several(shop, checkout, race, monkeypatch, database):
    """The mutant: the test above does see what it is there for."""
    unlock(monkeypatch)
    with without_index(database):
        made = sum(len(set(race(checkout()))) for _ in range(5))
        assert made > 5
        assert counts(shop)[0] > 5
