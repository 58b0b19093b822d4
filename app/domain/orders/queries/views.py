"""Orders as pages show them: frozen values, detached from the database.

Costs are filled in on the reseller's pages only; without them no field can hold a cost or a margin (promise P9).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from app.core.events import Event
from app.core.money import Money
from app.domain.approvals.rules.verdict import Reason
from app.domain.pricing.rules.cycles import Cycle, charge_cycle
from app.domain.pricing.rules.quote import CustomerPrice, Quote


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list. `total` is the first charges, `commitment` all charges; `shown_state` also knows `refused`."""

    id: UUID
    number: str
    state: str
    shown_state: str
    account_id: UUID
    account_name: str
    total: Money
    commitment: Money
    purchase_order_number: str
    placed_at: datetime
    placed_by_name: str
    is_on_behalf: bool
    first_title: str
    lines: int


@dataclass(frozen=True, slots=True)
class Costs:
    """The reseller's side of an amount. `margin_percent` of the price, to two places; None when the price is zero."""

    cost: Money
    margin: Money

    @property
    def margin_percent(self) -> Decimal | None:
        price = self.cost.amount + self.margin.amount
        return None if not price else (self.margin.amount * 100 / price).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class LineView:
    """One line. Amounts are of one charge but for `commitment`. `costs` and `quote` only on the reseller's pages."""

    id: UUID
    position: int
    state: str
    title: str
    vendor_key: str
    unit: str
    term: str
    billing_plan: str
    quantity: int
    unit_amount: Money
    total: Money
    commitment: Money
    error: str
    is_for_person: bool
    price: CustomerPrice
    quote: Quote | None
    costs: Costs | None

    @property
    def cycle(self) -> Cycle:
        """How the term is charged, and the words for it."""
        return charge_cycle(self.term, self.billing_plan)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order's approval request as its buyer may see it. `reasons` are the rules that asked."""

    request_id: UUID
    state: str
    asks: str
    role: str | None
    requested_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    closing_reason: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order with everything its page shows. `costs` are those of the whole commitment."""

    row: OrderRow
    lines: tuple[LineView, ...]
    waiting: Waiting | None
    timeline: tuple[Event, ...]
    reason: str
    terms_version: str
    confirmed_at: datetime | None
    closed_at: datetime | None
    approved_digest: str | None
    can_be_withdrawn: bool
    can_be_put_back: bool
    costs: Costs | None

    @property
    def is_moving(self) -> bool:
        """Whether the page should look again by itself."""
        return self.row.state in ("new", "on_hold", "confirmed", "in_progress")
