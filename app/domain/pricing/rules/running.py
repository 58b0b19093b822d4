"""When a subscription that runs already gets another price: at its renewal, at its next charge, or not by itself at all."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

RUNNING_TERMS = ("renewal", "period")
"""Terms longer than a month: keep their price until renewal (the vendors' price protection), or change at the next charge."""
MONTHLY_TERMS = ("period", "kept")
"""Monthly terms: change with the next month, or keep their price as long as they run."""

PLAN_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36, "none": 1}


@dataclass(frozen=True, slots=True)
class RunningTerms:
    """The two settings together; a book's own go before its owner's."""

    running_terms: str = "renewal"
    monthly_terms: str = "period"


@dataclass(frozen=True, slots=True)
class Term:
    """A term that runs: `[starts_on, ends_on)`; `renews_on` None means that it ends with its term."""

    term: str  # P1M, P1Y, P3Y
    billing_plan: str
    starts_on: date
    ends_on: date
    renews_on: date | None


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later, or the month's last if it has no such day (31 January: 28 February)."""
    number = day.month - 1 + months
    year, month = day.year + number // 12, number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def next_charge_on(term: Term, since: date) -> date | None:
    """The first day on or after `since` on which a charge of the term begins; None when none is left in it."""
    step = PLAN_MONTHS[term.billing_plan]
    number = 0
    while (day := months_later(term.starts_on, number * step)) < term.ends_on:
        if day >= since and day > term.starts_on:
            return day
        number += 1
    return None


def changes_on(term: Term, effective_on: date, settings: RunningTerms) -> date | None:
    """From which day a price that takes effect on `effective_on` is what this subscription pays; None: not by itself.

    A day on which both a charge and the new price begin has the new price already.
    """
    renewal = term.renews_on
    if renewal is not None and renewal < effective_on and term.term == "P1M":
        # a monthly term renews each month: the vendor's dates may lag behind
        while renewal < effective_on:
            renewal = months_later(renewal, 1)
    if term.term == "P1M":
        return renewal if settings.monthly_terms == "period" else None
    if settings.running_terms == "renewal":
        return renewal if renewal is None or renewal >= effective_on else effective_on
    charge = next_charge_on(term, effective_on)
    return charge or renewal
