"""What makes pressing the button twice one order (promise P3): the intent of a checkout, and the body it came with."""

import hashlib
from collections.abc import Iterable
from uuid import UUID, uuid5

from app.domain.pricing.rules.quote import Quote

_SPACE = UUID("6ba0a6a4-64d2-5c0e-9f0b-2a4b8d0a7c11")


def intent_id(cart_id: UUID, cart_version: int, person_id: UUID) -> UUID:
    """The intent of checking out this cart, as it is, by this person. Any change of the cart makes another one.

    The server works it out again when the order is placed, so that a page can only carry it, never make one up.
    """
    return uuid5(_SPACE, f"{cart_id}:{cart_version}:{person_id}")


def seen_prices(quotes: Iterable[Quote]) -> str:
    """Names the prices that a page showed: the same text as long as they ask the same of the buyer."""
    asked = sorted(
        f"{quote.offer_id}|{quote.quantity}|{quote.currency}|{quote.unit_price.rounded().amount}"
        f"|{quote.term}|{quote.billing_plan}"
        for quote in quotes
    )
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()[:32]


def body_digest(*values: str) -> str:
    """Of everything the form said. The same intent with another body is a conflict, not a repetition."""
    return hashlib.sha256("\x1f".join(values).encode()).hexdigest()
