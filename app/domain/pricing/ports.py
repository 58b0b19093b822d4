"""What pricing needs from above: what runs already and would pay another price by a version. Subscriptions plug themselves in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from app.domain.pricing.models import PriceBookVersion


@dataclass(frozen=True, slots=True)
class RunningChange:
    """A subscription whose price moves by a version. Amounts are per unit and charge in `currency`, rounded.

    `changes_on` is the first day of the new price; None: it keeps its price as long as it runs.
    """

    subscription_id: UUID
    account_id: UUID
    account_name: str
    number: str
    title: str
    quantity: int
    term: str
    billing_plan: str
    currency: str
    before: Decimal
    after: Decimal
    cost_before: Decimal
    cost_after: Decimal
    changes_on: date | None

    @property
    def is_rise(self) -> bool:
        """Whether the customer pays more, sooner or later."""
        return self.after > self.before and self.changes_on is not None


class Running(Protocol):
    """Who knows what runs."""

    def changes(self, version: PriceBookVersion, at: datetime) -> Sequence[RunningChange]:
        """Every subscription that pays by the version's book and whose price would be another one from `at` on."""
        ...


class _Nothing:
    def changes(self, version: PriceBookVersion, at: datetime) -> Sequence[RunningChange]:
        return ()


_running: Running = _Nothing()


def plug(running: Running) -> None:
    """Says who answers; called once, by the package that owns subscriptions."""
    global _running
    _running = running


def running() -> Running:
    """Who answers for what runs."""
    return _running
