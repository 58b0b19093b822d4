"""Everything that placing an order reads, in one statement: customer, shop, lines, offers, and whether it was placed before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.core.db import execute
from app.core.errors import NotFound
from app.domain.orders.queries.carts import KeptLine
from app.domain.orders.queries.offers import FACTS, IS_SOLD, JOINS, OfferFacts, facts_of


@dataclass(frozen=True, slots=True)
class Checkout:
    """A cart that is about to be ordered. `earlier_id` is the order that the intent has already become.

    `profile` is the shop's; `domain` and `country` are the customer's; `sold` are the offers that it may order here.
    """

    earlier_id: UUID | None
    account_id: UUID
    tenant_id: UUID
    can_shop: bool
    domain: str
    country: str
    profile: Mapping[str, Any]
    rows: tuple[KeptLine, ...]
    facts: Mapping[UUID, OfferFacts]
    sold: frozenset[UUID]


_CHECKOUT = text(f"""
    SELECT e.id, a.id, a.tenant_id, a.can_shop, a.domain, a.country, t.profile,
           l.id, l.offer_id, l.quantity, l.quote, {IS_SOLD}, {FACTS}
    FROM cart c
    JOIN account a ON a.tenant_id = c.tenant_id AND a.id = c.account_id
    JOIN tenant t ON t.id = c.tenant_id
    LEFT JOIN "order" e ON e.tenant_id = c.tenant_id AND e.intent_id = :intent
    LEFT JOIN (cart_line l JOIN offer o ON o.id = l.offer_id {JOINS}) ON l.tenant_id = c.tenant_id AND l.cart_id = c.id
    WHERE c.id = :cart
    ORDER BY l.created_at, l.id
""")  # noqa: S608 - only texts of ours


def checkout_of(cart_id: UUID, intent_id: UUID) -> Checkout:
    """What stands in the cart now. To be asked once account and cart are locked, so that nothing of it changes any more.

    One query. NotFound outside the scope.
    """
    found = execute(_CHECKOUT, {"cart": cart_id, "intent": intent_id}).all()
    if not found:
        raise NotFound
    lines = [row for row in found if row[7] is not None]
    return Checkout(
        *found[0][:7],
        rows=tuple(KeptLine(*row[7:11]) for row in lines),
        facts={row[8]: facts_of(row) for row in lines},
        sold=frozenset(row[8] for row in lines if row[11]),
    )
