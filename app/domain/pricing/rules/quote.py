"""The answer of pricing: a frozen `Quote`, what a customer may see of it, and how it is stored and read back.

How a quote is worked out lives in `resolution`; sentences for people live in `explain`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from app.core.money import CONTEXT, Money
from app.domain.pricing.rules.cycles import Cycle, charge_cycle
from app.domain.pricing.rules.steps import Audience as Audience
from app.domain.pricing.rules.steps import RateUsed, Step

LIFETIME = timedelta(hours=24)
"""How long a price that was shown is the price that is paid (promise P9)."""


@dataclass(frozen=True)
class Quote:
    """What one offer costs one customer, for one quantity, at one instant; and why.

    Every unit amount is per unit and per charge cycle, in `currency`, rounded once to the minor unit. A line is that times the
    quantity; the commitment is the line times the number of charges. Nothing else is ever rounded, so list, cart, order, PDF
    and invoice agree to the cent (promise P10).
    """

    offer_id: UUID
    quantity: int
    currency: str
    term: str
    billing_plan: str
    unit_cycle_price: Decimal
    unit_cycle_cost: Decimal  # what the reseller pays
    unit_cycle_list: Decimal  # the vendor's suggested retail price
    account_id: UUID | None
    vendor_price_id: UUID
    cost_version_id: UUID | None  # version of the distributor's book; None: the vendor's cost as it is
    cost_rule_id: UUID | None
    book_id: UUID | None  # None: no book applies, so list price
    version_id: UUID | None
    rule_id: UUID | None
    quoted_at: datetime
    expires_at: datetime
    rates: tuple[RateUsed, ...] = ()
    promotion_id: UUID | None = None  # the vendor's promotion in force, passed on or not
    unit_cycle_regular: Decimal | None = None  # the price without the promotion, where that is the higher one
    is_at_floor: bool = field(
        default=False, compare=False
    )  # its floor made the price; for the guard, not stored
    trace: Callable[[], tuple[Step, ...]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """How the price came about, in order; worked out when first asked for, since most pages never ask."""
        return self.trace()

    # -- time ---------------------------------------------------------------------------------------------------------

    def is_expired(self, instant: datetime) -> bool:
        """Whether this price no longer binds at `instant`; the end is exclusive."""
        return instant >= self.expires_at

    # -- amounts ------------------------------------------------------------------------------------------------------

    @property
    def cycle(self) -> Cycle:
        """How the term is charged, and the words for it."""
        return charge_cycle(self.term, self.billing_plan)

    @property
    def unit_price(self) -> Money:
        """Per unit and charge."""
        return Money(self.unit_cycle_price, self.currency)

    @property
    def unit_term_price(self) -> Money:
        """Per unit for the whole term: the rounded charge times the number of charges, so never a cent off the invoices."""
        return self.unit_price * self.cycle.count

    @property
    def line_amount(self) -> Money:
        """All units, one charge: what is invoiced each cycle."""
        return self.unit_price * self.quantity

    @property
    def commitment_amount(self) -> Money:
        """All units, all charges of the term: what the buyer is bound to. Approval thresholds count this."""
        return self.line_amount * self.cycle.count

    @property
    def unit_monthly_price(self) -> Money:
        """The charge brought down to one month, rounded: for showing beside the charge, never for adding up."""
        return (self.unit_price / self.cycle.months).rounded()

    # -- the reseller's side ------------------------------------------------------------------------------------------

    @property
    def unit_cost(self) -> Money:
        """The reseller's cost per unit and charge."""
        return Money(self.unit_cycle_cost, self.currency)

    @property
    def cost_amount(self) -> Money:
        """The reseller's cost of all units, one charge."""
        return self.unit_cost * self.quantity

    @property
    def commitment_cost(self) -> Money:
        """The reseller's cost of all units over the whole term."""
        return self.cost_amount * self.cycle.count

    @property
    def unit_list(self) -> Money:
        """The vendor's suggested retail price per unit and charge."""
        return Money(self.unit_cycle_list, self.currency)

    @property
    def unit_regular(self) -> Money | None:
        """What the buyer would pay without the vendor's promotion, when that is more: "was", honestly."""
        return None if self.unit_cycle_regular is None else Money(self.unit_cycle_regular, self.currency)

    @property
    def margin_amount(self) -> Money:
        """Line amount less cost, one charge."""
        return self.line_amount - self.cost_amount

    @property
    def margin_percent(self) -> Decimal | None:
        """(price - cost) / price x 100, to two places; None when the price is zero."""
        if not self.unit_cycle_price:
            return None
        share = CONTEXT.divide(self.unit_cycle_price - self.unit_cycle_cost, self.unit_cycle_price)
        return (share * 100).quantize(Decimal("0.01"), context=CONTEXT)

    # -- identity -----------------------------------------------------------------------------------------------------

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the whole quote: names exactly what was seen."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def asks_the_same(self, other: "Quote") -> bool:
        """Whether `other` asks the same of the buyer: offer, quantity, currency, price, term and plan. Else: say what moved."""
        return self._asked() == other._asked()

    def _asked(self) -> tuple[object, ...]:
        return (
            self.offer_id,
            self.quantity,
            self.currency,
            self.unit_cycle_price,
            self.term,
            self.billing_plan,
        )

    # -- storing ------------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values (amounts and instants as strings); `from_dict` gives the equal quote back."""
        promoted = {} if self.promotion_id is None else {"promotion_id": str(self.promotion_id)}
        if self.unit_cycle_regular is not None:
            promoted["unit_cycle_regular"] = str(self.unit_cycle_regular)
        # only where there is one: the digest of a quote stored before promotions were known stays what it was
        return promoted | {
            "offer_id": str(self.offer_id),
            "quantity": self.quantity,
            "currency": self.currency,
            "term": self.term,
            "billing_plan": self.billing_plan,
            "unit_cycle_price": str(self.unit_cycle_price),
            "unit_cycle_cost": str(self.unit_cycle_cost),
            "unit_cycle_list": str(self.unit_cycle_list),
            "account_id": _text(self.account_id),
            "vendor_price_id": str(self.vendor_price_id),
            "cost_version_id": _text(self.cost_version_id),
            "cost_rule_id": _text(self.cost_rule_id),
            "book_id": _text(self.book_id),
            "version_id": _text(self.version_id),
            "rule_id": _text(self.rule_id),
            "quoted_at": self.quoted_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "rates": [used.to_dict() for used in self.rates],
            "steps": [step.to_dict() for step in self.steps],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Quote":
        """The quote that `to_dict` wrote."""
        return cls(
            offer_id=UUID(data["offer_id"]),
            quantity=int(data["quantity"]),
            currency=data["currency"],
            term=data["term"],
            billing_plan=data["billing_plan"],
            unit_cycle_price=Decimal(data["unit_cycle_price"]),
            unit_cycle_cost=Decimal(data["unit_cycle_cost"]),
            unit_cycle_list=Decimal(data["unit_cycle_list"]),
            account_id=_uuid(data["account_id"]),
            vendor_price_id=UUID(data["vendor_price_id"]),
            cost_version_id=_uuid(data["cost_version_id"]),
            cost_rule_id=_uuid(data["cost_rule_id"]),
            book_id=_uuid(data["book_id"]),
            version_id=_uuid(data["version_id"]),
            rule_id=_uuid(data["rule_id"]),
            quoted_at=datetime.fromisoformat(data["quoted_at"]),
            expires_at=datetime.fromisoformat(data["expires_at"]),
            rates=tuple(RateUsed.from_dict(used) for used in data["rates"]),
            promotion_id=_uuid(data.get("promotion_id")),
            unit_cycle_regular=Decimal(data["unit_cycle_regular"]) if "unit_cycle_regular" in data else None,
            trace=lambda: tuple(Step.from_dict(step) for step in data["steps"]),
        )

    def for_customer(self) -> "CustomerPrice":
        """The same price without a field that could hold cost or margin: what storefront pages and payloads get."""
        shown_list = self.unit_list if self.unit_cycle_list > self.unit_cycle_price else None
        return CustomerPrice(
            offer_id=self.offer_id,
            quantity=self.quantity,
            term=self.term,
            billing_plan=self.billing_plan,
            unit_price=self.unit_price,
            unit_monthly_price=self.unit_monthly_price,
            unit_list=shown_list,
            unit_regular=self.unit_regular,
            line_amount=self.line_amount,
            commitment_amount=self.commitment_amount,
            quoted_at=self.quoted_at,
            expires_at=self.expires_at,
            trace=lambda: tuple(step for step in self.steps if step.audience == "customer"),
        )


@dataclass(frozen=True)
class CustomerPrice:
    """What a customer may see of a quote. It has no cost, no margin and no version; `unit_list` and `unit_regular`
    (without the promotion) only when they are higher."""

    offer_id: UUID
    quantity: int
    term: str
    billing_plan: str
    unit_price: Money
    unit_monthly_price: Money
    unit_list: Money | None
    line_amount: Money
    commitment_amount: Money
    quoted_at: datetime
    expires_at: datetime
    unit_regular: Money | None = None
    trace: Callable[[], tuple[Step, ...]] = field(default=tuple, repr=False, compare=False)

    @property
    def unit_monthly_regular(self) -> Money | None:
        """`unit_regular` brought down to a month, as `unit_monthly_price` is."""
        return None if self.unit_regular is None else (self.unit_regular / self.cycle.months).rounded()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps a customer may read."""
        return self.trace()

    @property
    def cycle(self) -> Cycle:
        """How the term is charged, and the words for it."""
        return charge_cycle(self.term, self.billing_plan)


@dataclass(frozen=True, slots=True)
class NoPrice:
    """Why an offer cannot be sold to somebody right now.

    `reason`: "not_priced" (the vendor gives no price now), "no_rate" (no exchange rate into `currency`), "below_zero" (a
    reduction that leaves nothing), "too_large" (more than twelve digits). All fail closed: what has no price cannot be bought.
    """

    offer_id: UUID
    currency: str
    reason: Literal["not_priced", "no_rate", "below_zero", "too_large"]

    @property
    def message(self) -> str:
        """A sentence for the reseller; a customer only learns that there is no price."""
        return {
            "not_priced": "The vendor has no price for this offer now.",
            "no_rate": f"No price in {self.currency}: an exchange rate is missing.",
            "below_zero": "The price rule takes off the whole price or more.",
            "too_large": "The amount is too large.",
        }[self.reason]


class Quotes(dict[UUID, Quote]):
    """Quotes by offer. An offer without a price is not a key here; `missing` says why."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: dict[UUID, NoPrice] = {}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)
