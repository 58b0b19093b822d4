"""What an order needs to know of offers: names, vendor identities, quantity limits, and whether the shop sells them."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from app.core.db import execute
from app.core.errors import NotFound


class OfferFacts(NamedTuple):
    """One offer, with what a cart or an order line copies from it."""

    id: UUID
    product_id: UUID
    family_id: UUID
    category_id: UUID | None
    vendor_id: UUID
    vendor_key: str
    vendor_name: str
    vendor_product_id: str
    vendor_sku_id: str
    title: str
    unit: str
    term: str
    billing_plan: str
    segment: str
    market: str
    min_quantity: int
    max_quantity: int | None
    is_trial: bool


class InCart(NamedTuple):
    """What a cart has of one offer."""

    quantity: int
    currency: str


class Selling(NamedTuple):
    """Offers by id, those that do not exist left out; which of them the customer may order; what a cart has, by offer."""

    facts: dict[UUID, OfferFacts]
    sold: frozenset[UUID]
    there: dict[UUID, InCart]


FACTS = """
    o.id, o.product_id, p.family_id, p.category_id, p.vendor_id, v.key, v.name, p.vendor_product_id, s.vendor_sku_id,
    coalesce(nullif(s.title, ''), p.title), s.unit, o.term, o.billing_plan, o.segment, o.market, s.min_quantity,
    s.max_quantity, o.is_trial
"""
"""The columns of `OfferFacts`, in its order, from JOINS."""

JOINS = (
    "JOIN sku s ON s.id = o.sku_id JOIN product p ON p.id = s.product_id JOIN vendor v ON v.id = p.vendor_id"
)

# Sold: the shop is open, the offer is of its market and of a segment the customer belongs to, and the reseller shows it. The
# narrowest choice counts: product before family before vendor; without one it is shown. Vendors call nonprofits charities.
IS_SOLD = """
    (t.is_open AND o.market = t.country
     AND o.segment IN ('commercial', CASE a.segment WHEN 'charity' THEN 'nonprofit' ELSE a.segment END)
     AND coalesce((SELECT c.is_shown FROM catalog_choice c
                   WHERE c.tenant_id = t.id
                     AND (c.product_id = p.id OR c.family_id = p.family_id OR c.vendor_id = p.vendor_id)
                   ORDER BY c.product_id NULLS LAST, c.family_id NULLS LAST LIMIT 1), true))
"""
"""Whether offer `o` of product `p` is sold to account `a` of tenant `t`."""

_FACTS = text(f"SELECT {FACTS} FROM offer o {JOINS} WHERE o.id = ANY(:offers)")  # noqa: S608 - only the texts above
_SELLING = text(f"""
    SELECT (SELECT jsonb_agg(jsonb_build_array(l.offer_id, l.quantity, l.quote ->> 'currency'))
            FROM cart_line l WHERE l.tenant_id = a.tenant_id AND l.cart_id = CAST(:cart AS uuid)),
           {IS_SOLD}, {FACTS}
    FROM account a JOIN tenant t ON t.id = a.tenant_id
    LEFT JOIN (offer o {JOINS}) ON o.id = ANY(:offers)
    WHERE a.id = :account
""")  # noqa: S608 - only the texts above


class OrderedLine(NamedTuple):
    """A line as it was ordered; `is_sold`: the customer could order the offer now."""

    account_id: UUID
    offer_id: UUID
    title: str
    quantity: int
    currency: str
    commitment_amount: Decimal
    quote: dict[str, Any]
    is_sold: bool


_ORDERED = text(f"""
    SELECT l.account_id, l.offer_id, l.title, l.quantity, l.currency, l.commitment_amount, l.quote, {IS_SOLD}
    FROM order_line l
    JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
    JOIN tenant t ON t.id = l.tenant_id
    JOIN offer o ON o.id = l.offer_id {JOINS}
    WHERE l.order_id = :order
    ORDER BY l.position
""")  # noqa: S608 - only the texts above


def ordered_lines(order_id: UUID) -> list[OrderedLine]:
    """The lines of an order, and whether each could be ordered now. One query."""
    return [OrderedLine(*row) for row in execute(_ORDERED, {"order": order_id})]


def facts_of(row: Any) -> OfferFacts:
    """The facts at the end of a row that selects FACTS last."""
    return OfferFacts(*row[-len(OfferFacts._fields) :])


def offer_facts(offer_ids: Collection[UUID]) -> dict[UUID, OfferFacts]:
    """The facts of these offers by id; one that does not exist is left out. One query."""
    if not offer_ids:
        return {}
    return {row[0]: OfferFacts(*row) for row in execute(_FACTS, {"offers": list(offer_ids)})}


def selling(offer_ids: Collection[UUID], account_id: UUID, cart_id: UUID | None = None) -> Selling:
    """The facts of these offers, which of them this customer may order here, and all that the cart has. One query.

    NotFound: no such customer in scope.
    """
    rows = execute(_SELLING, {"offers": list(offer_ids), "account": account_id, "cart": cart_id}).all()
    if not rows:
        raise NotFound
    found = [(facts_of(row), row[1]) for row in rows if row[2] is not None]
    return Selling(
        {facts.id: facts for facts, _ in found},
        frozenset(facts.id for facts, is_sold in found if is_sold),
        {UUID(offer_id): InCart(quantity, currency) for offer_id, quantity, currency in rows[0][0] or ()},
    )
