"""Writes down the steps that lead to a price, each with who may read it. The sentences for them are in `explain`.

A step for the customer never shows a cost, a margin, a book's name, or an amount from which one could be worked out.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from app.domain.pricing.rules.cycles import Cycle
from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.kinds import Rule
from app.domain.pricing.rules.steps import Audience, RateUsed, Step


class Source(Protocol):
    """The book, version and rule that a step speaks of (`resolution.Applied`)."""

    @property
    def book_name(self) -> str: ...
    @property
    def version_number(self) -> int: ...
    @property
    def effective_at(self) -> datetime: ...
    @property
    def rule(self) -> Rule: ...


class Granted(Protocol):
    """The promotion that a step speaks of (`resolution.Promotion`)."""

    @property
    def name(self) -> str: ...
    @property
    def percent(self) -> Decimal: ...
    @property
    def ends_at(self) -> datetime: ...


Used = Mapping[tuple[str, str], RateUsed]


class Trace:
    """Collects steps in the order in which a person would work the price out."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def _add(
        self,
        what: str,
        audience: Audience,
        before: Amount | Decimal | None,
        after: Amount | Decimal | None,
        currency: str,
        **detail: object,
    ) -> None:
        shown = {name: _plain(value) for name, value in detail.items() if value is not None}
        self.steps.append(Step(what, audience, _shown(before), _shown(after), currency, shown))

    def vendor_price(
        self, cost: Decimal, currency: str, cycle: Cycle, since: datetime, per_charge: Amount
    ) -> None:
        """What the vendor asks for the whole term, and the part of one charge."""
        self._add(
            "vendor_price",
            "reseller",
            Amount.of(cost, currency),
            per_charge,
            currency,
            since=since.date(),
            term=cycle.term_words,
            per=cycle.per_words,
            charges=cycle.count,
        )

    def promotion(self, granted: Granted, before: Amount, after: Amount) -> None:
        """What the vendor's promotion takes off."""
        self._add("promotion_cost", "reseller", before, after, after.currency, **_granted(granted))

    def promoted(self, granted: Granted, price: Decimal, regular: Decimal, currency: str) -> None:
        """The customer gets it: what the price is without it, and until when. Its percentage would give the cost away."""
        self._add(
            "vendor_promotion", "customer", None, price, currency,
            until=granted.ends_at.isoformat(), was=f"{regular} {currency}",
        )  # fmt: skip

    def kept(self, granted: Granted, by: Source, cost: Amount, full: Amount) -> None:
        """The reseller's book keeps the promotion: its rule starts from the cost without it."""
        self._add(
            "promotion_kept", "reseller", cost, full, full.currency, book=by.book_name, **_granted(granted)
        )

    def cost_rule(self, by: Source, before: Amount, after: Amount) -> None:
        """What the distributor's book makes of it."""
        self._add("cost_rule", "reseller", before, after, after.currency, **_of(by))

    def cost(self, cost: Amount, here: Amount, rounded: Decimal, used: Used) -> None:
        """The reseller's cost in the quote's currency."""
        self._converted("reseller", "cost_converted", cost, here, used)
        self._add("cost", "reseller", None, rounded, here.currency)

    def no_book(self, listed: Amount, here: Amount, price: Decimal, used: Used) -> None:
        """No book applies: list price."""
        self._add("no_book", "reseller", None, None, here.currency)
        self._converted("customer", "list_converted", listed, here, used)
        self._add("list_price", "customer", None, price, here.currency)

    def list_price(self, listed: Amount, here: Amount, rounded: Decimal, price: Decimal, used: Used) -> None:
        """The vendor's list price; a customer is shown it only when it is not the lower one."""
        audience: Audience = "customer" if rounded >= price else "reseller"
        self._converted(audience, "list_converted", listed, here, used)
        self._add("list_price", audience, None, rounded, here.currency)

    def rule(
        self,
        by: Source,
        cost: Amount,
        listed: Amount,
        found: Amount,
        exact: Amount,
        most: Decimal | None,
        least: Decimal | None,
        price: Decimal,
        unit_list: Decimal,
        used: Used,
    ) -> None:
        """The reseller's book, its rule, and what bounds and rounds the outcome."""
        rule = by.rule
        base = (
            listed if rule.kind == "list_minus" or (rule.base == "list" and rule.kind != "margin") else cost
        )
        plain = exact.to_minor()
        is_bound = (least is not None and plain < least) or (most is not None and plain > most)
        self._add(
            "book",
            "reseller",
            None,
            None,
            rule.currency,
            book=by.book_name,
            version=by.version_number,
            since=by.effective_at.date(),
        )
        self._add(
            "rule", "reseller", None if rule.kind == "fixed" else base, found, found.currency, **_of(by)
        )
        if rule.kind == "list_minus" and rule.value and not is_bound and price <= unit_list:
            self._add("off_list", "customer", None, None, exact.currency, percent=rule.value)
        if rule.min_quantity > 1:
            self._add("quantity_break", "customer", None, None, exact.currency, quantity=rule.min_quantity)
        if rule.ends_at is not None:
            self._add("promotion", "customer", None, None, exact.currency, until=rule.ends_at.isoformat())
        self._converted("reseller", "converted", found, exact, used)
        if most is not None and plain > most:
            self._add("capped", "reseller", exact, most, exact.currency)
        if least is not None and plain < least:
            self._add(
                "floor", "reseller", exact, least, exact.currency, floor=rule.floor, value=rule.floor_value
            )
        if exact.shown() != price:
            self._add(
                "rounded", "reseller", exact, price, exact.currency, rounding=rule.rounding_in(exact.currency)
            )

    def asked(self, price: Decimal, currency: str, quantity: int, cycle: Cycle) -> None:
        """What is asked in the end: one unit, one charge."""
        self._add(
            "asked",
            "customer",
            None,
            price,
            currency,
            quantity=quantity,
            charges=cycle.count,
            per=cycle.per_words,
            billed=cycle.billed_words,
            term=cycle.term_words,
        )

    def _converted(self, audience: Audience, what: str, before: Amount, after: Amount, used: Used) -> None:
        if before.currency == after.currency:
            return
        rate = used.get((before.currency, after.currency))
        if rate is not None:
            self._add(
                what,
                audience,
                before,
                after,
                after.currency,
                base=rate.base,
                rate=rate.rate,
                source=rate.source,
                since=rate.effective_at.date(),
            )


def _of(by: Source) -> dict[str, object]:
    rule = by.rule
    return {
        "book": by.book_name,
        "version": by.version_number,
        "selector": rule.selector,
        "kind": rule.kind,
        "value": rule.value,
        "base": rule.base,
        "book_currency": rule.currency,
    }


def _granted(by: Granted) -> dict[str, object]:
    return {"name": by.name, "percent": by.percent, "until": by.ends_at.isoformat()}


def _shown(value: Amount | Decimal | None) -> Decimal | None:
    return value.shown() if isinstance(value, Amount) else value


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        short = value.normalize()
        return f"{short:f}"
    return str(value)
