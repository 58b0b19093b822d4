"""The arithmetic of changes within a term, against Microsoft's own worked examples, and that nobody pumps credit out (D-15)."""

import csv
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.subscriptions.rules.proration import (
    ChargeCycle,
    cancellation,
    charge_for_rest,
    credit_for_rest,
    cycle_at,
    seat_change,
)

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "vectors" / "ms_nce_proration.csv"

WORKED = [
    # unit, days of the cycle, days left, units, cut off as a whole (A) or per unit (B), total
    ("10.08", 30, 30, 10, "A", "100.80"),
    ("10.08", 30, 28, 12, "A", "112.89"),
    ("10.08", 30, 28, 8, "A", "75.26"),
    ("10.08", 31, 29, 10, "B", "94.20"),
    ("10.08", 30, 23, 300, "B", "2316.00"),
    ("6.43", 30, 23, 300, "B", "1476.00"),
    ("12.00", 31, 27, 15, "A", "156.77"),
]


def counted(unit, days, left, units, mode):
    cycle = ChargeCycle(date(2021, 6, 18), date(2021, 7, 18), days, left, 0)
    return (charge_for_rest if mode == "A" else credit_for_rest)(Decimal(unit), units, cycle, "EUR")


@pytest.mark.parametrize(("unit", "days", "left", "units", "mode", "total"), WORKED)
def test_a_part_of_a_cycle_costs_what_the_vendor_counts(unit, days, left, units, mode, total):
    assert counted(unit, days, left, units, mode) == Decimal(total)


def test_every_worked_example_of_the_vendor_comes_out_to_the_cent():
    if not VECTORS.exists():
        pytest.skip("the vendor's examples are not here")
    rows = list(csv.DictReader(VECTORS.read_text().splitlines()))
    assert len(rows) >= 25
    for row in rows:
        quantity = int(row["signed_quantity"])
        mode = row["rounding_that_reproduces_doc"].split("|")[0]
        found = counted(
            row["unit_price"], int(row["charge_cycle_days"]), int(row["billing_days"]), abs(quantity), mode
        )
        assert found == abs(Decimal(row["doc_total"])), row["id"]


def test_two_seats_more_on_the_third_day_of_a_year_billed_monthly():
    cycle = cycle_at(date(2021, 6, 18), date(2022, 6, 18), months=1, count=12, on=date(2021, 6, 20))
    assert (cycle.days, cycle.left, cycle.later) == (30, 28, 11)
    sums = seat_change(Decimal("10.08"), 10, 12, cycle, "EUR")
    assert (sums.credit, sums.charge, sums.due) == (Decimal("94.08"), Decimal("112.89"), Decimal("18.81"))
    assert sums.bound == Decimal("18.81") + Decimal("10.08") * 2 * 11


@pytest.mark.parametrize(
    ("starts", "ends", "months", "count", "on", "expected"),
    [
        ("2026-01-31", "2027-01-31", 1, 12, "2026-02-27", ("2026-01-31", "2026-02-28", 31, 1, 11)),
        ("2026-01-31", "2027-01-31", 1, 12, "2026-02-28", ("2026-02-28", "2026-03-31", 28, 28, 10)),
        ("2026-03-01", "2027-03-01", 12, 1, "2026-03-01", ("2026-03-01", "2027-03-01", 365, 365, 0)),
        ("2026-03-01", "2027-03-01", 12, 1, "2027-05-01", ("2026-03-01", "2027-03-01", 365, 0, 0)),
        ("2027-03-01", "2028-03-01", 12, 1, "2027-03-02", ("2027-03-01", "2028-03-01", 366, 365, 0)),
        ("2026-02-01", "2026-03-03", 1, 1, "2026-02-01", ("2026-02-01", "2026-03-03", 28, 28, 0)),
        ("2026-03-01", "2029-03-01", 12, 3, "2028-02-29", ("2027-03-01", "2028-03-01", 366, 1, 1)),
    ],
)
def test_the_cycle_of_a_day(starts, ends, months, count, on, expected):
    found = cycle_at(
        date.fromisoformat(starts),
        date.fromisoformat(ends),
        months=months,
        count=count,
        on=date.fromisoformat(on),
    )
    shown = (found.starts_on.isoformat(), found.ends_on.isoformat(), found.days, found.left, found.later)
    assert shown == expected


def test_a_yen_has_no_cents_to_cut_off():
    assert counted("1000", 30, 7, 1, "A") == Decimal("233.33")
    cycle = ChargeCycle(date(2026, 4, 1), date(2026, 5, 1), 30, 7, 0)
    assert charge_for_rest(Decimal(1000), 1, cycle, "JPY") == Decimal(233)


def test_within_the_first_day_a_cancellation_gives_the_whole_charge_back():
    cycle = cycle_at(date(2026, 4, 1), date(2026, 5, 1), months=1, count=1, on=date(2026, 4, 2))
    assert cancellation(Decimal(30), 2, cycle, "EUR", is_first_day=True)[0] == 60
    assert cancellation(Decimal(30), 2, cycle, "EUR", is_first_day=False)[0] == 58


MOVES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 60)), max_size=40)


def paid(unit, first, moves, charge):
    """What comes to be paid within one cycle for a story of (days later, seats), and the least that it ever was."""
    start, end = date(2026, 3, 1), date(2026, 4, 1)
    seats, on = first, start
    total = least = unit * first
    for later, wanted in moves:
        on = min(on + timedelta(days=later), end - timedelta(days=1))
        cycle = cycle_at(start, end, months=1, count=1, on=on)
        total += charge(unit, seats, wanted, cycle)
        seats, least = wanted, min(least, total)
    return total, least, seats, (end - on).days


def due(unit, before, after, cycle):
    return seat_change(unit, before, after, cycle, "EUR").due


def rounded_for_the_buyer(unit, before, after, cycle):
    """The mutant: a change counted by its difference, rounded to nearest."""
    exact = unit * (after - before) * cycle.left / cycle.days
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(unit=st.decimals("0.01", "99.99", places=2), first=st.integers(1, 60), moves=MOVES)
def test_giving_back_and_taking_again_never_pumps_credit_out(unit, first, moves):
    total, least, seats, left = paid(unit, first, moves, due)
    assert least >= 0
    # what is left of the cycle is always paid for
    cycle = ChargeCycle(date(2026, 3, 1), date(2026, 4, 1), 31, left, 0)
    assert total >= charge_for_rest(unit, seats, cycle, "EUR")


@pytest.mark.full
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    unit=st.decimals("0.01", "99.99", places=2),
    first=st.integers(1, 60),
    moves=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 60)), min_size=200, max_size=1000),
)
def test_a_thousand_moves_pump_nothing_out_either(unit, first, moves):
    assert paid(unit, first, moves, due)[1] >= 0


def test_counting_only_the_difference_to_the_nearest_cent_would_let_credit_out():
    """The mutant: two seats up at once and down one by one, in the middle of the cycle, again and again."""
    moves = [(15, 1)] + [(0, 3), (0, 2), (0, 1)] * 20
    unit = Decimal("0.01")
    assert paid(unit, 1, moves, due)[1] >= 0
    assert paid(unit, 1, moves, rounded_for_the_buyer)[1] < 0
