"""Seats in batches: each has its own deadline, and their sum is always what the vendor says."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.subscriptions.rules.batches import Held, next_deadline, reconciled, reducible

T0 = datetime(2026, 3, 2, 10, tzinfo=UTC)
WEEK = timedelta(hours=168)


def test_only_the_newest_batch_is_open_after_a_week():
    held = [
        Held(7, T0, T0 + WEEK),
        Held(3, T0 + timedelta(hours=1), T0 + timedelta(hours=1) + WEEK),
        Held(2, T0 + timedelta(days=6), T0 + timedelta(days=6) + WEEK),
    ]
    assert reducible(held, T0 + timedelta(days=8)) == 2
    assert next_deadline(held, T0 + timedelta(days=8)) == T0 + timedelta(days=13)
    assert reducible(held, T0 + timedelta(days=13, minutes=15)) == 0
    assert reducible(held, T0 + WEEK) == 5  # the deadline itself is over


def test_a_batch_keeps_the_day_it_was_added_on_and_new_seats_are_new():
    later = T0 + timedelta(days=10)
    held = [Held(7, T0, T0 + WEEK), Held(3, T0 + timedelta(days=5), T0 + timedelta(days=12))]
    found = reconciled(held, 14, [(3, T0 + timedelta(days=12)), (4, later + WEEK)], later)
    assert found == [*held, Held(4, later, later + WEEK)]


OPEN = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 400)), max_size=5)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(quantity=st.integers(0, 60), there=OPEN, ours=OPEN)
def test_the_sum_is_always_the_vendors_number(quantity, there, ours):
    now = T0 + timedelta(hours=200)
    held = [
        Held(seats, T0 + timedelta(hours=n), T0 + timedelta(hours=until))
        for n, (seats, until) in enumerate(ours)
        if seats
    ]
    said = [(seats, now + timedelta(hours=until)) for seats, until in there]
    found = reconciled(held, quantity, said, now)
    assert sum(batch.quantity for batch in found) == quantity
    assert all(batch.quantity > 0 for batch in found)
    assert reducible(found, now) <= sum(seats for seats, _ in said)
