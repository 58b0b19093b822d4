"""Which exchange rate counts, and converting at it. Rates come from outside as rows; nothing is read here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.quote import RateUsed

HUB = "EUR"
"""The European Central Bank quotes every currency against the euro."""

_ONE = Decimal(1)
_EIGHT = Decimal("0.00000001")


class NoRate(LookupError):
    """There is no rate in force between two currencies: no price can be said, and whoever asks must fail closed."""

    def __init__(self, base: str, quote: str):
        super().__init__(f"no exchange rate from {base} to {quote}")
        self.base = base
        self.quote = quote


@dataclass(frozen=True, slots=True)
class RateRow:
    """A rate in force: 1 `base` = `rate` `quote`. `table` is the reseller's `own`, the distributor's `hand`, or `ecb`."""

    table: Literal["own", "hand", "ecb"]
    base: str
    quote: str
    rate: Decimal
    margin_percent: Decimal
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class _Found:
    over: Decimal
    under: Decimal
    used: RateUsed


class RateTable:
    """The rates in force at one instant; at most one row per table and pair.

    The reseller's own table goes before the distributor's, and a rate set by hand before the central bank's. In each, the pair
    itself goes before its reverse (1 / rate); the central bank's rates are crossed through the euro. A margin is put on top
    once, whichever way the conversion goes; a cross takes the higher of its two.
    """

    def __init__(self, rows: Iterable[RateRow] = ()):
        self._rows = {(row.table, row.base, row.quote): row for row in rows}
        self._found: dict[tuple[str, str, bool], _Found] = {}

    def convert(self, amount: Amount, currency: str, *, own: bool = True) -> Amount:
        """`amount` in `currency`, exactly. `own` False leaves the reseller's table out. NoRate when there is none."""
        if amount.currency == currency:
            return amount
        found = self.find(amount.currency, currency, own=own)
        return amount.in_currency(currency, found.over, found.under)

    def find(self, base: str, quote: str, *, own: bool = True) -> _Found:
        """The conversion that counts from `base` to `quote`: exact ratio and what to say of it."""
        key = (base, quote, own)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._look(base, quote, own)
        return found

    def _look(self, base: str, quote: str, own: bool) -> _Found:
        for table in ("own", "hand", "ecb") if own else ("hand", "ecb"):
            row = self._rows.get((table, base, quote))
            if row is not None:
                return _with_margin(base, quote, row.rate, _ONE, (row,))
            row = self._rows.get((table, quote, base))
            if row is not None:
                return _with_margin(base, quote, _ONE, row.rate, (row,))
        one, other = self._rows.get(("ecb", HUB, base)), self._rows.get(("ecb", HUB, quote))
        if one is None or other is None:
            raise NoRate(base, quote)
        return _with_margin(base, quote, other.rate, one.rate, (one, other))


def _with_margin(base: str, quote: str, over: Decimal, under: Decimal, rows: tuple[RateRow, ...]) -> _Found:
    margin = max(row.margin_percent for row in rows)
    ratio = Amount(over, under, quote)
    if margin:
        ratio = ratio.plus_percent(margin)
    used = RateUsed(base, quote, ratio.quotient(_EIGHT), rows[0].table, min(row.effective_at for row in rows))
    return _Found(ratio.over, ratio.under, used)
