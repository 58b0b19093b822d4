"""Why a price is what it is, as lines of a list, from the quote that was stored with a cart or order line."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import gettext

from app.core.money import Money
from app.domain.pricing.rules.explain import explain
from app.domain.pricing.rules.quote import CustomerPrice, Quote
from app.web.kit.filters import money_text


class PriceStep(NamedTuple):
    """One sentence and, where the step has one, the amount after it as people write it."""

    words: str
    amount: str


def steps_of(quote: Quote | CustomerPrice | Mapping[str, Any], *, with_cost: bool) -> list[PriceStep]:
    """The steps to the quote's price; those that tell of cost and books only `with_cost`."""
    found = quote if isinstance(quote, Quote | CustomerPrice) else Quote.from_dict(quote)
    told = explain(found, "reseller" if with_cost else "customer", translate=gettext, money=_shown)
    return [
        PriceStep(step.text, "" if step.amount is None else _shown(Money(step.amount, step.currency)))
        for step in told
    ]


def _shown(amount: Money) -> str:
    return money_text(amount, unit=True)
