"""A cart as a page shows it: each line at the price that holds now, and what moved since it was put there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text

from app.core import clock
from app.core.actor import Actor
from app.core.db import execute, session
from app.core.money import Money, total
from app.domain.orders.errors import MovedLine
from app.domain.orders.models import Cart, CartLine
from app.domain.orders.queries.offers import FACTS, JOINS, OfferFacts, facts_of, offer_facts
from app.domain.orders.rules.intent import intent_id, seen_prices
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import CustomerPrice, Quote


@dataclass(frozen=True, slots=True)
class CartLineView:
    """One line. `price` is what the customer may see of the quote; `quote` is the reseller's; `moved` is set when the price
    is not the one it was put in with."""

    id: UUID
    offer: OfferFacts
    quantity: int
    quote: Quote
    moved: MovedLine | None

    @property
    def price(self) -> CustomerPrice:
        return self.quote.for_customer()


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart. `intent_id` and `seen` go into the checkout form. `gone` are lines that are no longer for sale.

    `total` is the first charges, `commitment` all charges of all terms.
    """

    id: UUID
    account_id: UUID
    version: int
    lines: tuple[CartLineView, ...]
    gone: tuple[MovedLine, ...]
    currency: str
    total: Money | None
    commitment: Money | None
    intent_id: UUID
    seen: str
    expires_at: datetime | None

    @property
    def is_empty(self) -> bool:
        return not self.lines


class KeptLine(NamedTuple):
    """A line as it is stored; what the functions below need of a `CartLine`."""

    id: UUID
    offer_id: UUID
    quantity: int
    quote: dict[str, Any]


_CART = text(f"""
    SELECT c.id, c.version, l.id, l.offer_id, l.quantity, l.quote, {FACTS}
    FROM cart c
    LEFT JOIN (cart_line l JOIN offer o ON o.id = l.offer_id {JOINS}) ON l.tenant_id = c.tenant_id AND l.cart_id = c.id
    WHERE c.account_id = :account AND c.person_id = :person AND c.state = 'open'
    ORDER BY l.created_at, l.id
""")  # noqa: S608 - only the texts above


def cart_of(account_id: UUID, by: Actor) -> CartView | None:
    """The person's open cart for this customer, or None. One query, however many lines; two when a price has run out."""
    if by.person_id is None:
        return None
    found = execute(_CART, {"account": account_id, "person": by.person_id}).all()
    if not found:
        return None
    cart_id, version = found[0][:2]
    rows = [KeptLine(*row[2:6]) for row in found if row[2] is not None]
    facts = {row[3]: facts_of(row) for row in found if row[2] is not None}
    moved, quotes = moved_lines(account_id, rows, facts)
    told = {line.offer_id: line for line in moved}
    lines = tuple(
        CartLineView(row.id, facts[row.offer_id], row.quantity, quotes[row.offer_id], told.get(row.offer_id))
        for row in rows
        if row.offer_id in quotes
    )
    currency = lines[0].quote.currency if lines else ""
    return CartView(
        id=cart_id,
        account_id=account_id,
        version=version,
        lines=lines,
        gone=tuple(line for line in moved if line.now is None),
        currency=currency,
        total=total((line.quote.line_amount for line in lines), currency) if lines else None,
        commitment=total((line.quote.commitment_amount for line in lines), currency) if lines else None,
        intent_id=intent_id(cart_id, version, by.person_id),
        seen=seen_prices(line.quote for line in lines),
        expires_at=min((line.quote.expires_at for line in lines), default=None),
    )


def cart_count(account_id: UUID, by: Actor) -> int:
    """How many lines the person's open cart has: the number in the header. One query."""
    return (
        session()
        .execute(
            select(func.count(CartLine.id))
            .join(Cart, (Cart.tenant_id == CartLine.tenant_id) & (Cart.id == CartLine.cart_id))
            .where(Cart.account_id == account_id, Cart.person_id == by.person_id, Cart.state == "open")
        )
        .scalar_one()
    )


def moved_lines(
    account_id: UUID, rows: Sequence[CartLine | KeptLine], facts: Mapping[UUID, OfferFacts] | None = None
) -> tuple[list[MovedLine], dict[UUID, Quote]]:
    """Every line's quote that holds now (its own while it lasts, else a fresh one), and which of them moved.

    A line that has no price any more is in the first list only, with `now` None.
    """
    instant = clock.now()
    quotes = {row.offer_id: Quote.from_dict(row.quote) for row in rows}
    over = [row for row in rows if quotes[row.offer_id].is_expired(instant)]
    if not over:
        return [], quotes
    facts = facts if facts is not None else offer_facts([row.offer_id for row in over])
    fresh = pricing.quotes([(row.offer_id, row.quantity) for row in over], account_id=account_id)
    moved = []
    for row in over:
        before, now = quotes[row.offer_id], fresh.get(row.offer_id)
        if now is None:
            del quotes[row.offer_id]
        else:
            quotes[row.offer_id] = now
        if now is None or not now.asks_the_same(before):
            moved.append(
                MovedLine(
                    row.offer_id,
                    facts[row.offer_id].title,
                    row.quantity,
                    before.unit_price,
                    None if now is None else now.unit_price,
                )
            )
    return moved, quotes
