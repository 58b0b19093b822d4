"""What each kind of rule does to a price. Which rule applies is decided elsewhere; rounding stands in `rounding`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.rates import Converter

SELECTORS = ("offer", "product", "family", "category", "vendor", "default")
"""Narrowest first: the first that has a rule decides."""

KINDS = ("inherit", "percent", "delta", "fixed", "margin", "list_minus", "split")
FLOORS = ("none", "cost", "margin", "amount")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a version, as far as working out a price needs it. `currency` and `base` are its book's.

    * inherit: the base as it is.
    * percent: the base, up or down by `value` %.
    * delta: the base plus `value` (may be negative), per unit and charge.
    * fixed: `value` per unit and charge.
    * margin: cost / (1 - value %), whatever the base.
    * list_minus: the vendor's list price less `value` %.
    * split: cost plus `value` % of the way from cost to list price.
    """

    id: UUID | None
    selector: str
    kind: str
    value: Decimal | None
    currency: str
    base: str = "cost"
    min_quantity: int = 1
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    floor: str = "none"
    floor_value: Decimal | None = None
    is_capped: bool = False
    rounding: str = "none"
    roundings: Mapping[str, str] = field(default_factory=dict)

    def rounding_in(self, currency: str) -> str:
        """How a price in `currency` is rounded: as the rule says for that currency, else as it says for all."""
        return self.roundings.get(currency, self.rounding)


def apply(rule: Rule, cost: Amount, listed: Amount, rates: Converter) -> Amount:
    """The exact price `rule` makes of the owner's cost and the vendor's list price (both per unit and charge).

    Percentages stay in the currency they find; a fixed price or a delta brings its book's. NoRate when a conversion is
    needed and there is none.
    """
    value = rule.value
    base = cost if rule.base == "cost" else listed
    if rule.kind == "inherit":
        return base
    assert value is not None, "the database keeps this: only inherit has no value"
    if rule.kind == "percent":
        return base.plus_percent(value)
    if rule.kind == "margin":
        return cost.with_margin(value)
    if rule.kind == "list_minus":
        return listed.plus_percent(-value)
    if rule.kind == "delta":
        return rates.convert(base, rule.currency).plus(Amount.of(value, rule.currency))
    if rule.kind == "fixed":
        return Amount.of(value, rule.currency)
    way = rates.convert(listed, cost.currency).plus(cost.times(Decimal(-1)))
    return cost.plus(way.times(value).divided(Decimal(100)))


def floored(rule: Rule, cost: Decimal, rates: Converter, currency: str) -> Decimal | None:
    """The least price the rule's floor allows, in minor units of `currency`; None without a floor.

    `cost` is the owner's cost as it is invoiced, rounded, so that the floor holds for the amounts people see: the price
    is never under it, or its margin never under `floor_value` %.
    """
    if rule.floor == "none":
        return None
    if rule.floor == "cost":
        return cost
    assert rule.floor_value is not None, "the database keeps this"
    if rule.floor == "margin":
        return Amount.of(cost, currency).with_margin(rule.floor_value).to_minor(up=True)
    return rates.convert(Amount.of(rule.floor_value, rule.currency), currency).to_minor(up=True)
