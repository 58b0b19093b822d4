"""Amounts that are never rounded on the way: a numerator and a denominator in one currency. Rounding stands in `rounding`.

Dividing a yearly price by twelve and multiplying by 1.206 must give the same cent whichever comes first; with quotients
cut off after some digits it does not (10 / 12 x 1.206 is exactly 1.005, which rounds up).
"""

from decimal import (
    ROUND_CEILING,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from functools import cache
from typing import NamedTuple

from app.core.money import exponent

_EXACT = Context(prec=300, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
# A tie has few digits, so it shows exactly; whatever is no tie differs from one long before the 160th.
_DIVIDE = Context(prec=160, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_EIGHT = Decimal("0.00000001")

_times = _EXACT.multiply


class Amount(NamedTuple):
    """`over` / `under` units of `currency`; `under` is positive."""

    over: Decimal
    under: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Amount":
        """A plain amount."""
        return cls(amount, _ONE, currency)

    def times(self, factor: Decimal) -> "Amount":
        """This amount times an exact factor."""
        return Amount(_times(self.over, factor), self.under, self.currency)

    def divided(self, divisor: Decimal) -> "Amount":
        """This amount divided by a positive number."""
        return Amount(self.over, _times(self.under, divisor), self.currency)

    def plus_percent(self, percent: Decimal) -> "Amount":
        """This amount raised by `percent` (lowered when negative)."""
        return Amount(
            _times(self.over, _EXACT.add(_HUNDRED, percent)), _times(self.under, _HUNDRED), self.currency
        )

    def with_margin(self, percent: Decimal) -> "Amount":
        """What this cost must sell for so that `percent` of the selling price is margin: cost / (1 - m)."""
        return Amount(
            _times(self.over, _HUNDRED), _times(self.under, _EXACT.subtract(_HUNDRED, percent)), self.currency
        )

    def plus(self, other: "Amount") -> "Amount":
        """The sum of two amounts of one currency."""
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} and {other.currency}")
        over = _EXACT.add(_times(self.over, other.under), _times(other.over, self.under))
        return Amount(over, _times(self.under, other.under), self.currency)

    def is_less(self, other: "Amount") -> bool:
        """Whether this is strictly less than `other`, of the same currency."""
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} and {other.currency}")
        return _times(self.over, other.under) < _times(other.over, self.under)

    def in_currency(self, currency: str, over: Decimal, under: Decimal) -> "Amount":
        """This amount at the rate `over` / `under` units of `currency` for one of ours."""
        return Amount(_times(self.over, over), _times(self.under, under), currency)

    def to_minor(self, *, up: bool = False) -> Decimal:
        """The amount in whole minor units of its currency: half-up, or (`up`) the next one not below it."""
        exact = self.over if self.under == _ONE else _DIVIDE.divide(self.over, self.under)
        return exact.quantize(coin(self.currency), ROUND_CEILING if up else ROUND_HALF_UP, _DIVIDE)

    def quotient(self, step: Decimal) -> Decimal:
        """The plain number, half-up to `step`."""
        return _DIVIDE.divide(self.over, self.under).quantize(step, context=_DIVIDE)

    def shown(self) -> Decimal:
        """To eight places, without trailing zeros beyond the minor unit: for explanations, never for sums."""
        exact = self.quotient(_EIGHT)
        digits = exponent(self.currency)
        short = exact.normalize(_DIVIDE)
        return (
            short
            if -int(short.as_tuple().exponent) > digits
            else exact.quantize(MINOR[digits], context=_DIVIDE)
        )


MINOR = {digits: Decimal(1).scaleb(-digits) for digits in range(5)}


@cache
def coin(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 EUR, 1 JPY, 0.001 KWD."""
    return MINOR[exponent(currency)]
