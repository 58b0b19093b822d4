"""Where sales meet the margin guard: what is closed is not sold, what it holds waits for a decision (`pricing.queries.held`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.core.errors import Invalid
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import Quote


def held_by_the_guard(sold: Iterable[tuple[str, Mapping[str, Any]]]) -> bool:
    """Whether some price must be looked at before this is sold; `sold` are titles with their stored quotes.

    Invalid when one is closed for new sales. One statement. The buyer learns that it cannot be ordered, never that it
    would be a loss.
    """
    titles, quotes = {}, []
    for title, stored in sold:
        quote = Quote.from_dict(stored)
        titles[quote.offer_id] = title
        quotes.append(quote)
    held = pricing.held(quotes)
    closed = [titles[offer_id] for offer_id, how in held.items() if how == "closed"]
    if closed:
        raise Invalid(f"{closed[0]} cannot be ordered at the moment; its price is being looked at.")
    return bool(held)
