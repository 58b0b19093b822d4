"""Bringing an exact price to what is asked: minor units, price endings, floors. Kinds of rules stand in `kinds`."""

from decimal import ROUND_FLOOR, Decimal

from app.core.money import exponent
from app.domain.pricing.rules.exact import Amount, coin

ROUNDINGS = ("none", ".99", ".95", ".00", "0.05")
"""none: the minor unit, half-up. .99, .95, .00: the nearest amount that ends so. 0.05: the nearest multiple."""

ENDINGS = {
    ".99": (Decimal(1), Decimal("0.99")),
    ".95": (Decimal(1), Decimal("0.95")),
    ".00": (Decimal(1), Decimal(0)),
    "0.05": (Decimal("0.05"), Decimal(0)),
}
"""Of every rounding but `none`: the step from one amount that ends so to the next, and one such amount."""


def settle(
    price: Amount, rounding: str, least: Decimal | None = None, most: Decimal | None = None
) -> Decimal:
    """`price` as it is asked, in whole minor units of its currency.

    Ties go up. Never below `least` (what a floor demands, in minor units), and never nothing for something: then it is the
    next amount of the same ending above. Never above `most` (a cap), unless the floor is. A currency without the digits
    for an ending (yen) is rounded plainly.
    """
    if not price.over:
        return max(price.to_minor(), least or Decimal(0))
    smallest = coin(price.currency)
    if rounding == "none" and least is None and most is None:
        return price.to_minor() or smallest
    step, ending = smallest, Decimal(0)
    if rounding != "none" and exponent(price.currency) >= 2:
        step, ending = ENDINGS[rounding]
    bound = smallest if least is None or least <= 0 else least
    found = _nearest(price, step, ending)
    if found < bound:
        found = _next(bound, step, ending)
    if most is not None and found > most:
        lower = _at_or_below(most, step, ending)
        found = lower if lower >= bound else max(most, bound)
    return found.quantize(smallest)


def _nearest(price: Amount, step: Decimal, ending: Decimal) -> Decimal:
    """The point of the grid ending + n x step nearest to `price`; of two equally near, the higher."""
    if not ending and step == coin(price.currency):
        return price.to_minor()
    low = _at_or_below(price.to_minor(), step, ending)
    # to_minor() may have crossed a point of the grid: every point is a whole minor unit, so only by landing on one
    middle = Amount.of(low + step / 2, price.currency)
    return low if price.is_less(middle) else low + step


def _at_or_below(amount: Decimal, step: Decimal, ending: Decimal) -> Decimal:
    return ((amount - ending) / step).to_integral_value(rounding=ROUND_FLOOR) * step + ending


def _next(bound: Decimal, step: Decimal, ending: Decimal) -> Decimal:
    low = _at_or_below(bound, step, ending)
    return low if low >= bound else low + step
