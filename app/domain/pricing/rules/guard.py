"""The margin guard: which price earns less than it must, and whether it may be sold all the same. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.quote import Quote

Reason = Literal["under_cost", "under_margin", "at_floor"]
REASONS: tuple[Reason, ...] = ("under_cost", "under_margin", "at_floor")
Holding = Literal["approval", "closed"]


def least_price(cost: Decimal, currency: str, least_margin: Decimal | None) -> Decimal:
    """What a unit that costs `cost` must sell for at least, in minor units of `currency`."""
    if not least_margin:
        return cost
    return Amount.of(cost, currency).with_margin(least_margin).to_minor(up=True)


def judge(quote: Quote, least_margin: Decimal | None) -> Reason | None:
    """Why this price needs somebody's eye; None: it earns what it must.

    `at_floor`: the rule alone would ask less than its floor allows, so its floor made the price. That sells at no loss.
    """
    if quote.unit_cycle_price < quote.unit_cycle_cost:
        return "under_cost"
    if quote.unit_cycle_price < least_price(quote.unit_cycle_cost, quote.currency, least_margin):
        return "under_margin"
    return "at_floor" if quote.is_at_floor else None


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided of a line: accepted at this price and cost until an instant (None: for good), or closed."""

    offer_id: UUID
    book_id: UUID | None
    currency: str
    state: str
    unit_price: Decimal
    unit_cost: Decimal
    accepted_until: datetime | None

    def accepts(self, quote: Quote, instant: datetime) -> bool:
        """Whether the acceptance covers `quote`: not over, and not worse than what was looked at."""
        return (
            self.state == "accepted"
            and (self.accepted_until is None or instant < self.accepted_until)
            and quote.unit_cycle_price - quote.unit_cycle_cost >= self.unit_price - self.unit_cost
        )


def holding(
    quote: Quote,
    *,
    guard: str,
    least_margin: Decimal | None,
    decisions: Iterable[Decided],
    instant: datetime,
) -> Holding | None:
    """Whether a new sale at `quote` must wait for a decision or cannot be made; None: go ahead.

    A line that somebody closed is closed whatever the setting; an acceptance lets a line through that the setting holds.
    """
    mine = [
        one
        for one in decisions
        if (one.offer_id, one.book_id, one.currency) == (quote.offer_id, quote.book_id, quote.currency)
    ]
    reason = judge(quote, least_margin)
    if reason in (None, "at_floor"):
        return None
    if any(one.state == "closed" for one in mine):
        return "closed"
    if guard == "list" or any(one.accepts(quote, instant) for one in mine):
        return None
    return "closed" if guard == "closed" else "approval"
