"""From which day a new price is what a running subscription pays."""

from datetime import date

import pytest

from app.domain.pricing.rules.running import RunningTerms, Term, changes_on, months_later, next_charge_on

YEAR = Term("P1Y", "monthly", date(2026, 3, 10), date(2027, 3, 10), date(2027, 3, 10))
YEARLY = Term("P1Y", "annual", date(2026, 3, 10), date(2027, 3, 10), date(2027, 3, 10))
THREE = Term("P3Y", "annual", date(2026, 3, 10), date(2029, 3, 10), None)
MONTH = Term("P1M", "monthly", date(2026, 11, 10), date(2026, 12, 10), date(2026, 12, 10))
DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("term", "running", "monthly", "expected"),
    [
        (YEAR, "renewal", "period", date(2027, 3, 10)),
        (YEAR, "period", "period", date(2026, 12, 10)),
        (YEARLY, "period", "period", date(2027, 3, 10)),
        (THREE, "renewal", "period", None),
        (THREE, "period", "period", date(2027, 3, 10)),
        (MONTH, "renewal", "period", date(2026, 12, 10)),
        (MONTH, "renewal", "kept", None),
    ],
)
def test_the_two_settings_say_it(term, running, monthly, expected):
    assert changes_on(term, DAY, RunningTerms(running, monthly)) == expected


def test_a_price_that_begins_with_a_charge_counts_for_that_charge():
    settings = RunningTerms("period", "period")
    assert changes_on(YEAR, date(2026, 12, 10), settings) == date(2026, 12, 10)
    assert changes_on(YEAR, date(2026, 12, 11), settings) == date(2027, 1, 10)
    assert changes_on(MONTH, date(2027, 2, 1), settings) == date(2027, 2, 10)


def test_a_month_later_is_the_same_day_or_the_months_last():
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2027, 12, 31), 2) == date(2028, 2, 29)
    last = Term("P1Y", "monthly", date(2026, 1, 31), date(2027, 1, 31), None)
    assert [next_charge_on(last, day) for day in (date(2026, 2, 1), date(2026, 3, 1))] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]
    assert next_charge_on(last, date(2027, 1, 1)) is None
    assert next_charge_on(last, date(2026, 1, 1)) == date(2026, 2, 28)
