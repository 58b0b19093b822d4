"""Money: exact amounts in one currency. Rounding happens only in `rounded()`, half-up, to the currency's minor unit.

Prices and rates keep up to eight decimals until then; every total is a sum of stored, rounded lines (promise P10).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

# ISO 4217 minor units where they are not two.
WITHOUT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(WITHOUT.split(), 0) | dict.fromkeys(THOUSANDTHS.split(), 3)
_TRADED = (
    "AED AUD BGN BHD BRL CAD CHF CLP CNY CZK DKK EGP EUR GBP HKD HUF IDR ILS INR IQD ISK JOD JPY KRW KWD MXN MYR "
    "NOK NZD OMR PHP PLN QAR RON RSD SAR SEK SGD THB TND TRY TWD UAH USD VND ZAR"
)
CURRENCIES = frozenset(_TRADED.split())
RATE_PLACES = Decimal("0.00000001")
MAX_AMOUNT = Decimal("999999999999")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,8})?", re.ASCII)
CONTEXT = Context(prec=40, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])


class CurrencyMismatch(TypeError):
    """Two currencies met in one sum: a programming error, never a person's."""


def exponent(currency: str) -> int:
    """Digits after the point in `currency` (ISO 4217): JPY 0, EUR 2, KWD 3. ValueError when it is not one we trade in."""
    if currency not in CURRENCIES:
        raise ValueError(f"unknown currency {currency!r}")
    return _EXPONENTS.get(currency, 2)


def parse_amount(text: str, *, signed: bool = False) -> Decimal | None:
    """The plain decimal number in `text` (ASCII digits, one point, at most 12 + 8 digits), or None.

    Guards what `Decimal` would take: `1_000`, `٣`, `NaN`, `1e999999` (46 s of CPU in `int`).
    """
    text = text.strip()
    if not _AMOUNT.fullmatch(text) or (text.startswith("-") and not signed):
        return None
    return Decimal(text)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` of `currency` (ISO 4217 code). Never a float, never NaN or infinite, never beyond 12 digits."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not Decimal:
            raise TypeError(f"Money takes a Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite() or abs(self.amount) > MAX_AMOUNT:
            raise ValueError("amount out of range")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0), currency)

    @classmethod
    def of(cls, amount: str | int, currency: str) -> "Money":
        """Money from a literal: `Money.of("12.50", "EUR")`."""
        return cls(Decimal(amount), currency)

    def _same(self, other: "Money") -> None:
        if not isinstance(other, Money) or other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {getattr(other, 'currency', type(other).__name__)}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(CONTEXT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(CONTEXT.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        if isinstance(factor, bool) or not isinstance(factor, int | Decimal):
            raise TypeError("Money is multiplied by an int or a Decimal")
        return Money(CONTEXT.multiply(self.amount, Decimal(factor)), self.currency)

    def __truediv__(self, divisor: int | Decimal) -> "Money":
        if isinstance(divisor, bool) or not isinstance(divisor, int | Decimal):
            raise TypeError("Money is divided by an int or a Decimal")
        return Money(CONTEXT.divide(self.amount, Decimal(divisor)), self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __gt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount > other.amount

    def __ge__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount >= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def rounded(self) -> "Money":
        """This amount in whole minor units, half-up, away from zero on a tie."""
        step = Decimal(1).scaleb(-exponent(self.currency))
        return Money(self.amount.quantize(step, rounding=ROUND_HALF_UP, context=CONTEXT), self.currency)

    def minor_units(self) -> int:
        """The rounded amount as an integer of cents, yen, fils… (what payment providers count in)."""
        return int(self.rounded().amount.scaleb(exponent(self.currency)))

    def converted(self, rate: Decimal, currency: str) -> "Money":
        """This amount times `rate` (units of `currency` per unit of ours), unrounded."""
        return Money(CONTEXT.multiply(self.amount, rate), currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, all of `currency`; zero when there are none."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
