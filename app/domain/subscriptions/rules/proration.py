"""What part of a charge a change within the term costs, and what it binds the buyer to until the term ends.

The arithmetic is the vendors' (Microsoft's worked examples, `tests/domain/subscriptions/test_proration.py`): days from the day
of the change, inclusive, to the end of the charge cycle, over the days of the cycle; cut off after the minor unit, never
rounded up. A change of seats takes the old quantity back and charges the new one; both sides are cut off as a whole, so
that up and down again on one day comes to nothing, and whoever gives back never gets more than was paid.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from app.core.money import CONTEXT, exponent


def add_months(day: date, months: int) -> date:
    """The same day some months later, or that month's last day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class ChargeCycle:
    """The charge cycle that a day falls into. `ends_on` is exclusive, `left` counts the day itself.

    `later` is how many whole charges follow until the term ends.
    """

    starts_on: date
    ends_on: date
    days: int
    left: int
    later: int


def cycle_at(term_starts_on: date, term_ends_on: date, *, months: int, count: int, on: date) -> ChargeCycle:
    """The charge cycle of day `on` in a term of `count` cycles of `months` months. Days outside the term are moved into it.

    A cycle of one month has the days of the calendar month in which it starts.
    """
    last = count - 1
    number = next((k for k in range(1, count) if add_months(term_starts_on, k * months) > on), count) - 1
    starts_on = add_months(term_starts_on, number * months)
    ends_on = term_ends_on if number == last else add_months(term_starts_on, (number + 1) * months)
    if months == 1:
        days = monthrange(starts_on.year, starts_on.month)[1]
    else:
        days = (add_months(starts_on, months) - starts_on).days
    left = min(max((ends_on - max(on, starts_on)).days, 0), days)
    return ChargeCycle(starts_on, ends_on, days, left, last - number)


def charge_for_rest(unit: Decimal, quantity: int, cycle: ChargeCycle, currency: str) -> Decimal:
    """What `quantity` units cost for the rest of the cycle, cut off as a whole: how seat changes are counted."""
    return _cut(CONTEXT.multiply(unit, Decimal(quantity * cycle.left)) / cycle.days, currency)


def credit_for_rest(unit: Decimal, quantity: int, cycle: ChargeCycle, currency: str) -> Decimal:
    """What is given back for the rest of the cycle, cut off per unit: how cancellations and changes of term are counted."""
    return _cut(CONTEXT.multiply(unit, Decimal(cycle.left)) / cycle.days, currency) * quantity


def _cut(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_DOWN, context=CONTEXT)


@dataclass(frozen=True, slots=True)
class SeatArithmetic:
    """What a change of seats costs. `credit` and `charge` are both positive; `due` is charge less credit.

    `bound` is what the buyer is bound to more (or less) until the term ends, `due` included.
    """

    credit: Decimal
    charge: Decimal
    due: Decimal
    bound: Decimal


def seat_change(unit: Decimal, before: int, after: int, cycle: ChargeCycle, currency: str) -> SeatArithmetic:
    """The arithmetic of going from `before` to `after` seats at `unit` per charge."""
    credit = charge_for_rest(unit, before, cycle, currency)
    charge = charge_for_rest(unit, after, cycle, currency)
    due = charge - credit
    return SeatArithmetic(credit, charge, due, due + unit * (after - before) * cycle.later)


def cancellation(
    unit: Decimal, quantity: int, cycle: ChargeCycle, currency: str, *, is_first_day: bool
) -> tuple[Decimal, Decimal]:
    """(what is given back now, what the buyer is bound to less). Within the first day the whole charge is given back."""
    credit = unit * quantity if is_first_day else credit_for_rest(unit, quantity, cycle, currency)
    return credit, credit + unit * quantity * cycle.later
