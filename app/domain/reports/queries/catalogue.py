"""The catalogue as the console looks through it: what a price rule can be for, and what the shop shows of each vendor."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from app.core.db import session
from app.core.paging import Page
from app.domain.catalog.models import CatalogChoice, Category, Family, Offer, Product, Sku, Vendor
from app.domain.reports.queries.paged import take


def targets(
    selector: str, *, market: str, q: str = "", target_id: UUID | None = None, limit: int = 20
) -> list[Any]:
    """Rows of (id, name, detail) of what a rule of this selector may name, found by `q`; `target_id` alone when given.

    An offer's `detail` is None: its row also has `term`, `billing_plan`, `segment`. One statement.
    """
    statement, key, name = _targets(selector, market)
    if target_id is not None:
        statement = statement.where(key == target_id)
    else:
        for word in q.split()[:6]:
            statement = statement.where(name.icontains(word, autoescape=True))
    return list(session().execute(statement.order_by(name).limit(limit)))


def _targets(selector: str, market: str) -> tuple[Select[Any], Any, Any]:
    if selector == "vendor":
        return (
            select(Vendor.id, Vendor.name.label("name"), Vendor.key.label("detail")),
            Vendor.id,
            Vendor.name,
        )
    if selector == "category":
        return (
            select(Category.id, Category.name.label("name"), Category.key.label("detail")),
            Category.id,
            Category.name,
        )
    if selector == "family":
        found = select(Family.id, Family.name.label("name"), Vendor.name.label("detail"))
        return found.join(Vendor, Vendor.id == Family.vendor_id), Family.id, Family.name
    if selector == "product":
        found = select(Product.id, Product.title.label("name"), Vendor.name.label("detail"))
        return found.join(Vendor, Vendor.id == Product.vendor_id), Product.id, Product.title
    found = (
        select(
            Offer.id,
            Sku.title.label("name"),
            Product.title.label("detail"),
            Offer.term,
            Offer.billing_plan,
            Offer.segment,
        )
        .join(Sku, Sku.id == Offer.sku_id)
        .join(Product, Product.id == Sku.product_id)
        .where(Offer.market == market, ~Offer.is_trial)
    )
    return found, Offer.id, Sku.title


def shown_products(
    *, market: str, q: str = "", vendor_id: UUID | None = None, family_id: UUID | None = None, shown: str = "",
    page: int = 1, size: int = 25,
) -> Page[Any]:  # fmt: skip
    """Rows of (Product, vendor_name, family_name, offers, own, wider, is_shown): what the shop says about each product.

    `own` is the choice about the product itself (None: none), `wider` what its family or vendor says, `is_shown` what
    follows. `shown` is "yes", "no" or nothing. Only products with offers in `market`. One statement.
    """
    own, of_family, of_vendor = (_choice() for _ in range(3))
    wider = func.coalesce(of_family.c.is_shown, of_vendor.c.is_shown, True)
    is_shown = func.coalesce(own.c.is_shown, wider)
    offers = (
        select(func.count())
        .select_from(Offer)
        .where(Offer.product_id == Product.id, Offer.market == market)
        .scalar_subquery()
    )
    statement = (
        select(
            Product,
            Vendor.name.label("vendor_name"),
            Family.name.label("family_name"),
            offers.label("offers"),
            own.c.is_shown.label("own"),
            wider.label("wider"),
            is_shown.label("is_shown"),
        )
        .join(Vendor, Vendor.id == Product.vendor_id)
        .join(Family, Family.id == Product.family_id)
        .outerjoin(own, own.c.product_id == Product.id)
        .outerjoin(of_family, of_family.c.family_id == Product.family_id)
        .outerjoin(of_vendor, of_vendor.c.vendor_id == Product.vendor_id)
        .where(select(Offer.id).where(Offer.product_id == Product.id, Offer.market == market).exists())
    )
    if q:
        statement = statement.where(
            and_(*(or_(Product.title.icontains(word, autoescape=True), Family.name.icontains(word, autoescape=True))
                   for word in q.split()[:6]))
        )  # fmt: skip
    if vendor_id is not None:
        statement = statement.where(Product.vendor_id == vendor_id)
    if family_id is not None:
        statement = statement.where(Product.family_id == family_id)
    if shown:
        statement = statement.where(is_shown.is_(shown == "yes"))
    return take(statement.order_by(Product.sort_title, Product.id), page, size)


def families(*, market: str) -> list[Any]:
    """Rows of (vendor_id, vendor_name, vendor_choice, family_id, family_name, family_choice, products), by vendor and name.

    Choices are True, False or None (none made). Only families with products on offer in `market`. One statement.
    """
    of_family, of_vendor = _choice(), _choice()
    on_offer = select(Offer.product_id).where(Offer.market == market)
    products = (
        select(func.count()).where(Product.family_id == Family.id, Product.id.in_(on_offer)).scalar_subquery()
    )
    return list(
        session().execute(
            select(
                Vendor.id.label("vendor_id"),
                Vendor.name.label("vendor_name"),
                of_vendor.c.is_shown.label("vendor_choice"),
                Family.id.label("family_id"),
                Family.name.label("family_name"),
                of_family.c.is_shown.label("family_choice"),
                products.label("products"),
            )
            .select_from(Family)
            .join(Vendor, Vendor.id == Family.vendor_id)
            .outerjoin(of_family, of_family.c.family_id == Family.id)
            .outerjoin(of_vendor, of_vendor.c.vendor_id == Vendor.id)
            .where(products > 0)
            .order_by(Vendor.name, Family.name)
        )
    )


def _choice() -> Any:
    """The tenant's choices as a table to join: through the ORM, so that the scope's filter is in it."""
    return select(
        CatalogChoice.vendor_id, CatalogChoice.family_id, CatalogChoice.product_id, CatalogChoice.is_shown
    ).subquery()
