"""Which exchange rate counts, and converting at it. Rates come from outside as rows; nothing is read here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple

from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.steps import RateUsed

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

    The reseller's own table goes before the distributor's, and a rate set by hand before the central bank's. In each,
    the pair itself goes before its reverse (1 / rate); the central bank's rates are crossed through the euro. A margin
    is put on top once, whichever way the conversion goes; a cross takes the higher of its two.
    """

    def __init__(self, rows: Iterable[RateRow] = ()):
        self._rows = {(row.table, row.base, row.quote): row for row in rows}
        self._found: dict[tuple[str, str], Conversion] = {}

    @cached_property
    def distributors(self) -> "RateTable":
        """The same without the reseller's own table."""
        return RateTable(row for row in self._rows.values() if row.table != "own")

    def find(self, base: str, quote: str) -> "Conversion":
        """The conversion that counts from `base` to `quote`. NoRate when there is none."""
        found = self._found.get((base, quote))
        if found is None:
            found = self._found[base, quote] = self._look(base, quote)
        return found

    def _look(self, base: str, quote: str) -> "Conversion":
        for table in ("own", "hand", "ecb"):
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


class Conversion(NamedTuple):
    """`over` / `under` units of the second currency for one of the first, exactly; and what to say of it."""

    over: Decimal
    under: Decimal
    used: RateUsed


class Converter:
    """Converts at the rates of a table and remembers which ones it used."""

    __slots__ = ("_table", "used")

    def __init__(self, table: RateTable):
        self._table = table
        self.used: dict[tuple[str, str], RateUsed] = {}

    def convert(self, amount: Amount, currency: str) -> Amount:
        """`amount` in `currency`, exactly. NoRate when there is none."""
        if amount.currency == currency:
            return amount
        found = self._table.find(amount.currency, currency)
        self.used[amount.currency, currency] = found.used
        return amount.in_currency(currency, found.over, found.under)


def _with_margin(
    base: str, quote: str, over: Decimal, under: Decimal, rows: tuple[RateRow, ...]
) -> Conversion:
    margin = max(row.margin_percent for row in rows)
    ratio = Amount(over, under, quote)
    if margin:
        ratio = ratio.plus_percent(margin)
    used = RateUsed(base, quote, ratio.quotient(_EIGHT), rows[0].table, min(row.effective_at for row in rows))
    return Conversion(ratio.over, ratio.under, used)
