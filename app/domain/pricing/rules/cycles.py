"""Terms and billing plans: how often a term is charged, and the words for it. Amounts live in `quote`."""

from dataclasses import dataclass
from functools import cache

TRIAL_PLANS = frozenset({"none", ""})
_TERM_MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
_PLAN_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36}
_PER = {1: "per month", 12: "per year", 36: "for 3 years"}
_BILLED = {1: "billed monthly", 12: "billed yearly", 36: "billed once"}
_TERM = {1: "1 month", 12: "1 year", 36: "3 years"}


@dataclass(frozen=True, slots=True)
class Cycle:
    """How one term is charged: `count` charges, one every `months` months; the term lasts `term_months`."""

    count: int
    months: int
    term_months: int
    is_trial: bool = False

    @property
    def per_words(self) -> str:
        """What one charge covers: "per month", "per year", "for 3 years"."""
        return _PER[self.months]

    @property
    def billed_words(self) -> str:
        """How often money is asked for: "billed monthly", "billed yearly", "billed once"; a trial is "free trial"."""
        return "free trial" if self.is_trial else _BILLED[self.months]

    @property
    def term_words(self) -> str:
        """How long the buyer is bound: "1 month", "1 year", "3 years"."""
        return _TERM[self.term_months]

    def words(self, unit: str = "user", *, monthly: bool = False) -> str:
        """The line under a price: "per user, per year, billed yearly".

        `monthly` words the price brought down to a month: "per user, per month, billed yearly".
        """
        per = _PER[1] if monthly else self.per_words
        return f"per {unit}, {per}, {self.billed_words}"


@cache
def charge_cycle(term: str, billing_plan: str) -> Cycle:
    """How `term` (P1M, P1Y, P3Y) under `billing_plan` (Monthly, Annual, Triennial, None for a trial; any case) is charged.

    The vendor's price is for the whole term; a charge is that price divided by `count` (Microsoft's price sheet: P1Y billed
    monthly is charged at a twelfth). ValueError for a pair that no vendor sells.
    """
    term_months = _TERM_MONTHS.get(term)
    plan = (billing_plan or "").lower()
    if term_months is None:
        raise ValueError(f"unknown term {term!r}")
    if plan in TRIAL_PLANS:
        return Cycle(1, term_months, term_months, is_trial=True)
    months = _PLAN_MONTHS.get(plan)
    if months is None or months > term_months:
        raise ValueError(f"a term of {term} cannot be billed {billing_plan!r}")
    return Cycle(term_months // months, months, term_months)
