"""No sequence of orders, split or at once, takes a customer past its budget without an approval (promise P6)."""

import random
import sys
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import session
from app.core.ids import new_id
from app.domain.approvals.actions import gate
from app.domain.approvals.checks import CHECKS
from app.domain.approvals.models import Commitment
from app.domain.orders.actions import withdraw
from app.domain.people.models import Person
from app.domain.pricing.models import ExchangeRate
from tests.support.seeding import Met, in_scope
from tests.support.shopping import budget

LIMIT = Decimal(1000)
SEED = 20260115
making = sys.modules["app.domain.orders.actions.making"]


@pytest.fixture
def buyers(app, nimbus):
    """Six buyers of one customer."""
    made = []
    with in_scope(app):
        for number in range(6):
            email = f"buyer-{number}@nimbus.example"
            person = Person(
                tenant_id=nimbus.tenant_id,
                account_id=nimbus.account_id,
                realm="storefront",
                email=email,
                name=f"Buyer {number}",
                roles=["buyer"],
            )
            session().add(person)
            session().flush()
            made.append(
                Met(
                    person.id,
                    person.name,
                    nimbus.host,
                    nimbus.tenant_id,
                    nimbus.account_id,
                    "storefront",
                    email,
                    ("buyer",),
                )
            )
    return made


def unasked(shop, since):
    """What went through without a decision since then."""
    with shop.looking() as current:
        rows = current.scalars(
            select(Commitment.amount).where(Commitment.is_unasked, Commitment.placed_at >= since)
        ).all()
    return sum(rows, Decimal(0))


def split(shop, buyers, race, offer, dice):
    """One trial: some buyers, each with an order that would be under the budget alone, all at once. The sum that went
    through."""
    since = clock.now()
    rivals = dice.sample(buyers, dice.randint(2, 6))
    before = dice.choice([0, 0, 300, 600])
    if before:
        shop.order(rivals[0], [(offer, before // 10)])
    headroom = (int(LIMIT) - before) // 10
    views = [
        (who, shop.fill(who, [(offer, dice.randint(max(1, headroom // 3), headroom - 1))])) for who in rivals
    ]
    results = race([lambda who=who, view=view: shop.checkout(who, view) for who, view in views])
    assert not [result for result in results if isinstance(result, Exception)], results
    return unasked(shop, since)


def test_orders_at_once_never_pass_the_budget_unasked(
    app, shop, otto, nimbus, buyers, race, trials, monkeypatch
):
    monkeypatch.setattr(making, "next_number", lambda tenant_id, letter: f"O-{new_id().hex[-14:]}")
    shop.policy(otto, nimbus, budget("1000", days=30))
    offer = shop.offer("10.00")
    dice = random.Random(SEED)
    start = clock.now()
    for trial in range(trials):
        with clock.at(start + timedelta(days=31 * trial)):
            assert split(shop, buyers, race, offer, dice) < LIMIT, f"seed {SEED}, trial {trial}"
    with shop.looking():
        assert [name for name, find in CHECKS if find() and "expired" not in name] == []


def test_without_the_lock_on_the_account_they_do(app, shop, otto, nimbus, buyers, race, monkeypatch):
    """The mutant: READ COMMITTED alone lets several orders see the same sum."""
    monkeypatch.setattr(making, "next_number", lambda tenant_id, letter: f"O-{new_id().hex[-14:]}")
    monkeypatch.setattr(gate, "lock_account", lambda account_id: None)
    shop.policy(otto, nimbus, budget("1000", days=30))
    offer = shop.offer("10.00")
    dice = random.Random(SEED)
    start = clock.now()
    breaches = 0
    for trial in range(20):
        with clock.at(start + timedelta(days=31 * trial)):
            breaches += split(shop, buyers, race, offer, dice) >= LIMIT
    assert breaches > 0
    with shop.looking():
        assert "no customer went past a budget unasked" in [name for name, find in CHECKS if find()]


def test_small_orders_that_add_up_are_stopped_at_the_budget(shop, otto, nimbus, buyers):
    shop.policy(otto, nimbus, budget("1000", days=30))
    offer = shop.offer("10.00")
    states = [shop.state(shop.order(buyers[n % 6], [(offer, 25)])) for n in range(5)]
    assert states == ["confirmed"] * 3 + ["on_hold"] * 2
    assert shop.state(shop.order(buyers[0], [(offer, 24)])) == "confirmed"
    assert shop.state(shop.order(buyers[0], [(offer, 1)])) == "on_hold"


def test_an_approved_order_does_not_eat_the_allowance(shop, otto, nimbus, buyers):
    shop.policy(otto, nimbus, budget("1000", days=30))
    offer = shop.offer("10.00")
    large = shop.order(buyers[0], [(offer, 500)])
    assert shop.state(large) == "on_hold"
    shop.decide(otto, large)
    assert shop.state(shop.order(buyers[1], [(offer, 50)])) == "confirmed"


def test_a_withdrawn_order_gives_nothing_back_that_it_did_not_take(app, shop, otto, nimbus, buyers):
    shop.policy(otto, nimbus, budget("1000", days=30))
    offer = shop.offer("10.00")
    shop.order(buyers[0], [(offer, 60)])
    held = shop.order(buyers[1], [(offer, 60)])
    with in_scope(app, buyers[1]):
        withdraw(held, by=buyers[1].actor)
    assert shop.state(shop.order(buyers[2], [(offer, 60)])) == "on_hold"
    assert shop.state(shop.order(buyers[3], [(offer, 39)])) == "confirmed"


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(days=30) - timedelta(seconds=1), "on_hold"),
        (timedelta(days=30), "on_hold"),
        (timedelta(days=30, microseconds=1), "confirmed"),
    ],
)
@pytest.mark.parametrize("start", ["2028-02-29T12:00:00+00:00", "2027-03-28T00:30:00+00:00"])
def test_the_window_rolls_to_the_instant(shop, otto, nimbus, buyers, after, state, start):
    shop.policy(otto, nimbus, budget("1000", days=30))
    offer = shop.offer("10.00")
    instant = datetime.fromisoformat(start)
    with clock.at(instant):
        assert shop.state(shop.order(buyers[0], [(offer, 60)])) == "confirmed"
    with clock.at(instant + after):
        assert shop.state(shop.order(buyers[1], [(offer, 40)])) == state


def test_a_budget_in_another_currency_is_converted_and_fails_closed(app, shop, otto, nimbus, buyers):
    offer = shop.offer("10.00")
    shop.policy(otto, nimbus, budget("1000", days=30, currency="USD"))
    assert shop.state(shop.order(buyers[0], [(offer, 1)])) == "on_hold"  # no rate: ask
    with in_scope(app) as current:
        current.add(
            ExchangeRate(
                tenant_id=None,
                source="hand",
                base="EUR",
                quote="USD",
                rate=Decimal("1.25"),
                quoted_on=clock.today(),
                effective_at=clock.now() - timedelta(days=1),
            )
        )
    assert shop.state(shop.order(buyers[0], [(offer, 79)])) == "confirmed"  # 987.50 USD
    assert shop.state(shop.order(buyers[0], [(offer, 1)])) == "on_hold"  # and 12.50 more are 1,000.00
