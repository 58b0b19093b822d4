"""What an order needs to know of offers: names, vendor identities and quantity limits, and whether a shop sells them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.domain.catalog.models import Offer, Product, Sku, Vendor


@dataclass(frozen=True, slots=True)
class OfferFacts:
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


def offer_facts(offer_ids: Collection[UUID]) -> dict[UUID, OfferFacts]:
    """The facts of these offers by id; one that does not exist is left out. One query."""
    if not offer_ids:
        return {}
    rows = session().execute(
        select(Offer, Sku, Product, Vendor)
        .join(Sku, Sku.id == Offer.sku_id)
        .join(Product, Product.id == Sku.product_id)
        .join(Vendor, Vendor.id == Product.vendor_id)
        .where(Offer.id.in_(offer_ids))
    )
    return {
        offer.id: OfferFacts(
            id=offer.id,
            product_id=product.id,
            family_id=product.family_id,
            category_id=product.category_id,
            vendor_id=vendor.id,
            vendor_key=vendor.key,
            vendor_name=vendor.name,
            vendor_product_id=product.vendor_product_id,
            vendor_sku_id=sku.vendor_sku_id,
            title=sku.title or product.title,
            unit=sku.unit,
            term=offer.term,
            billing_plan=offer.billing_plan,
            segment=offer.segment,
            market=offer.market,
            min_quantity=sku.min_quantity,
            max_quantity=sku.max_quantity,
            is_trial=offer.is_trial,
        )
        for offer, sku, product, vendor in rows
    }
