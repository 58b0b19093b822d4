"""Products with the offer that stands for each, and single offers, as frozen rows. Which ones is decided elsewhere."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Row, String, Uuid, bindparam, text

from app.core import clock
from app.core.db import session
from app.domain.catalog.queries.in_force import HAS_PRICE
from app.domain.catalog.queries.shelf import Signature
from app.domain.catalog.rules.codes import PLAN_ORDER, SEGMENT_ORDER, TERM_ORDER

_OFFER_COLUMNS = """o.id, o.product_id, o.sku_id, s.vendor_sku_id, s.title, s.description, s.unit, s.min_quantity,
       s.max_quantity, o.term, o.billing_plan, o.segment, o.market, o.is_trial, o.tags"""
# of several skus the first that is no trial, in the usual segment, for the usual term on the usual plan
_USUAL = """o.is_trial, array_position(:segment_order, o.segment::text), array_position(:term_order, o.term::text),
         array_position(:plan_order, o.billing_plan::text), s.vendor_sku_id"""
_CARDS = text(
    f"""
SELECT DISTINCT ON (o.product_id) {_OFFER_COLUMNS}, count(*) OVER (PARTITION BY o.product_id) AS ways,
       p.title AS product_title, p.publisher, p.description AS product_description, p.vendor_product_id
FROM product p
JOIN offer o ON o.product_id = p.id AND o.market = :market
JOIN sku s ON s.id = o.sku_id
WHERE p.id = ANY (:products) AND o.segment = ANY (:segments)
  AND (:any_term OR o.term = ANY (:terms)) AND (:any_plan OR o.billing_plan = ANY (:plans))
  AND {HAS_PRICE.format(offer="o.id")}
ORDER BY o.product_id, {_USUAL}
"""  # noqa: S608 - only our own constants are written into it
)
_OFFERS = text(
    f"""
SELECT {_OFFER_COLUMNS}
FROM offer o JOIN sku s ON s.id = o.sku_id
WHERE o.product_id = :product AND o.market = :market AND o.segment = ANY (:segments)
  AND {HAS_PRICE.format(offer="o.id")}
ORDER BY {_USUAL}
"""  # noqa: S608
)
_TEXTS = ARRAY(String())
_ORDERS = {
    "segment_order": list(SEGMENT_ORDER),
    "term_order": list(TERM_ORDER),
    "plan_order": list(PLAN_ORDER),
}
_CARDS = _CARDS.bindparams(
    bindparam("products", type_=ARRAY(Uuid())),
    *(bindparam(name, type_=_TEXTS) for name in ("segments", "terms", "plans", *_ORDERS)),
    bindparam("at", type_=DateTime(timezone=True)),
)
_OFFERS = _OFFERS.bindparams(
    bindparam("product", type_=Uuid()),
    *(bindparam(name, type_=_TEXTS) for name in ("segments", *_ORDERS)),
    bindparam("at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One way to buy, with its sku's texts and bounds. `max_quantity` None: the vendor names none."""

    id: UUID
    product_id: UUID
    sku_id: UUID
    vendor_sku_id: str
    title: str
    description: str
    unit: str
    min_quantity: int
    max_quantity: int | None
    term: str
    billing_plan: str
    segment: str
    market: str
    is_trial: bool
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A product in a list: `offer` stands for its `ways` offers that fit the filters."""

    id: UUID
    title: str
    publisher: str
    description: str
    vendor_product_id: str
    vendor_key: str
    vendor_name: str
    family_key: str
    family_name: str
    category_key: str
    category_name: str
    offer: OfferRow
    ways: int


def cards(
    product_ids: list[UUID],
    signatures: Mapping[UUID, Signature],
    *,
    market: str,
    segments: Collection[str],
    terms: Collection[str] = (),
    plans: Collection[str] = (),
    at: datetime | None = None,
) -> tuple[ProductCard, ...]:
    """Cards of these products in the order given. One statement; none for no products."""
    if not product_ids:
        return ()
    rows = session().execute(
        _CARDS,
        {
            "products": product_ids,
            "market": market,
            "segments": list(segments),
            "any_term": not terms,
            "terms": list(terms),
            "any_plan": not plans,
            "plans": list(plans),
            "at": at or clock.now(),
            **_ORDERS,
        },
    )
    found = {row.product_id: row for row in rows}
    return tuple(_card(found[one], signatures[one]) for one in product_ids if one in found)


def offers_of(
    product_id: UUID, *, market: str, segments: Collection[str] = SEGMENT_ORDER, at: datetime | None = None
) -> tuple[OfferRow, ...]:
    """Every offer of a product with a price in force, the usual one first. One statement. Choices are not looked at."""
    rows = session().execute(
        _OFFERS,
        {
            "product": product_id,
            "market": market,
            "segments": list(segments),
            "at": at or clock.now(),
            **_ORDERS,
        },
    )
    return tuple(_offer(row) for row in rows)


def _offer(row: Row[Any]) -> OfferRow:
    return OfferRow(*row[:14], tags=tuple(row.tags))


def _card(row: Row[Any], of: Signature) -> ProductCard:
    return ProductCard(
        id=row.product_id,
        title=row.product_title,
        publisher=row.publisher,
        description=row.product_description,
        vendor_product_id=row.vendor_product_id,
        vendor_key=of.vendor.key,
        vendor_name=of.vendor.name,
        family_key=of.family.key,
        family_name=of.family.name,
        category_key=of.category.key,
        category_name=of.category.name,
        offer=_offer(row),
        ways=row.ways,
    )
