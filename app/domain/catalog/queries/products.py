"""One product as a shop shows it, and what a reseller can choose to show."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, null, select

from app.core.db import session
from app.domain.catalog.models import CatalogChoice, Category, Family, Product, Vendor
from app.domain.catalog.queries.cards import OfferRow, offers_of
from app.domain.catalog.queries.versions import Choices
from app.domain.catalog.rules.codes import SEGMENT_ORDER, VENDORS


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """A product with every offer the customer could take, the usual one first."""

    id: UUID
    title: str
    publisher: str
    description: str
    vendor_product_id: str
    vendor_id: UUID
    vendor_key: str
    vendor_name: str
    family_id: UUID
    family_key: str
    family_name: str
    category_id: UUID
    category_key: str
    category_name: str
    offers: tuple[OfferRow, ...]


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A vendor, family or product in the reseller's catalogue desk. `chosen` None: it follows the wider choice."""

    kind: str
    id: UUID
    name: str
    products: int
    chosen: bool | None
    is_shown: bool


def product_detail(
    product_id: UUID, *, market: str, segments: Collection[str] = SEGMENT_ORDER, at: datetime | None = None
) -> ProductDetail | None:
    """The product as the shop in scope sells it in `market`; None when it does not: unknown, hidden or without a price.

    Two statements.
    """
    row = (
        session()
        .execute(
            select(Product, Vendor, Family, Category, _choices_about_it())
            .join(Vendor, Vendor.id == Product.vendor_id)
            .join(Family, Family.id == Product.family_id)
            .join(Category, Category.id == Product.category_id)
            .where(Product.id == product_id)
        )
        .first()
    )
    if row is None:
        return None
    product, vendor, family, category, pairs = row
    choices = Choices({UUID(target): is_shown for target, is_shown in pairs or ()})
    if not choices.is_shown(product.id, family.id, vendor.id):
        return None
    offers = offers_of(product_id, market=market, segments=segments, at=at)
    if not offers:
        return None
    return ProductDetail(
        id=product.id,
        title=product.title,
        publisher=product.publisher,
        description=product.description,
        vendor_product_id=product.vendor_product_id,
        vendor_id=vendor.id,
        vendor_key=vendor.key,
        vendor_name=vendor.name,
        family_id=family.id,
        family_key=f"{vendor.key}.{family.key}",
        family_name=family.name,
        category_id=category.id,
        category_key=category.key,
        category_name=category.name,
        offers=offers,
    )


def _choices_about_it() -> ScalarSelect[Any]:
    """What the tenant in scope chose for the product that is selected, for its family and for its vendor."""
    scope = session().scope
    if scope is None or scope.tenant_id is None:
        return select(null()).scalar_subquery()
    target = func.coalesce(CatalogChoice.product_id, CatalogChoice.family_id, CatalogChoice.vendor_id)
    return (
        select(func.json_agg(func.json_build_array(target, CatalogChoice.is_shown)))
        .where(
            (CatalogChoice.vendor_id == Product.vendor_id)
            | (CatalogChoice.family_id == Product.family_id)
            | (CatalogChoice.product_id == Product.id)
        )
        .correlate(Product)
        .scalar_subquery()
    )


def choices() -> Choices:
    """All choices of the tenant in scope."""
    rows = session().scalars(select(CatalogChoice))
    return Choices({one.product_id or one.family_id or one.vendor_id: one.is_shown for one in rows})  # type: ignore[misc]


def choice_rows(vendor_id: UUID | None = None, family_id: UUID | None = None) -> list[ChoiceRow]:
    """What the reseller in scope can show or hide: all vendors; or one vendor's families; or one family's products."""
    current, chosen = session(), choices()
    if family_id is not None:
        products = current.execute(
            select(Product.id, Product.title, Product.vendor_id)
            .where(Product.family_id == family_id)
            .order_by(Product.sort_title, Product.id)
        )
        return [
            ChoiceRow(
                "product",
                row.id,
                row.title,
                1,
                chosen.shown.get(row.id),
                chosen.is_shown(row.id, family_id, row.vendor_id),
            )
            for row in products
        ]
    counted = func.count(Product.id)
    if vendor_id is not None:
        families = current.execute(
            select(Family.id, Family.name, counted)
            .outerjoin(Product, Product.family_id == Family.id)
            .where(Family.vendor_id == vendor_id)
            .group_by(Family.id)
            .order_by(Family.name)
        )
        return [
            ChoiceRow("family", key, name, n, chosen.shown.get(key), chosen.is_shown(key, key, vendor_id))
            for key, name, n in families
        ]
    vendors = current.execute(
        select(Vendor.id, Vendor.name, counted)
        .outerjoin(Product, Product.vendor_id == Vendor.id)
        .group_by(Vendor.id)
        .order_by(Vendor.name)
    )
    return [
        ChoiceRow("vendor", key, name, n, chosen.shown.get(key), chosen.is_shown(key, key, key))
        for key, name, n in vendors
    ]


def vendors() -> list[Vendor]:
    """Every vendor, by name."""
    return list(session().scalars(select(Vendor).order_by(Vendor.name)))


def vendor_options() -> list[tuple[str, str]]:
    """Key and name of every vendor whose sheet can be handed in, also before its first one."""
    known = {one.key: one.name for one in vendors()}
    return sorted((VENDORS | known).items(), key=lambda pair: pair[1].lower())
