"""Where orders meet the margin guard: what is closed is not sold, what it holds waits for a decision (`pricing.queries.held`)."""

from collections.abc import Sequence

from app.core.errors import Invalid
from app.domain.orders.models import OrderLine
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import Quote


def held_by_the_guard(lines: Sequence[OrderLine]) -> bool:
    """Whether some price must be looked at before this is sold. Invalid when one is closed for new sales. One statement.

    The buyer learns that it cannot be ordered, never that it would be a loss.
    """
    held = pricing.held([Quote.from_dict(line.quote) for line in lines])
    closed = [line.title for line in lines if held.get(line.offer_id) == "closed"]
    if closed:
        raise Invalid(f"{closed[0]} cannot be ordered at the moment; its price is being looked at.")
    return bool(held)
