"""Rules and lines of a version as rows of a file, with the keys that name their targets in any catalogue."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.core.db import session
from app.core.tables import Value
from app.domain.catalog.models import Category, Family, Offer, Product, Sku, Vendor
from app.domain.pricing.models import PriceRule
from app.domain.pricing.queries.worked_out import Lens
from app.domain.pricing.rules.rule_rows import LINE_HEADINGS, RULE_HEADINGS, said
from app.domain.reports.queries import price_lines
from app.domain.reports.queries.price_lines import Narrowing


def rule_rows(version_id: UUID) -> Iterator[list[Value]]:
    """A row per rule, as `RULE_HEADINGS` says, narrowest first. One statement."""
    product, vendor = Product.__table__.alias("of_product"), Vendor.__table__.alias("of_vendor")
    statement = (
        select(
            PriceRule,
            vendor.c.key.label("vendor"),
            Family.key.label("family"),
            Category.key.label("category"),
            product.c.vendor_product_id.label("product"),
            Sku.vendor_sku_id.label("sku"),
            Offer.term,
            Offer.billing_plan,
            Offer.segment,
            Offer.market,
            func.coalesce(Sku.title, product.c.title, Family.name, Category.name, vendor.c.name, "").label(
                "name"
            ),
        )
        .outerjoin(Offer, Offer.id == PriceRule.offer_id)
        .outerjoin(Sku, Sku.id == Offer.sku_id)
        .outerjoin(product, product.c.id == func.coalesce(PriceRule.product_id, Offer.product_id))
        .outerjoin(Family, Family.id == PriceRule.family_id)
        .outerjoin(Category, Category.id == PriceRule.category_id)
        .outerjoin(
            vendor, vendor.c.id == func.coalesce(PriceRule.vendor_id, Family.vendor_id, product.c.vendor_id)
        )
        .where(PriceRule.version_id == version_id)
        .order_by(
            PriceRule.rank,
            vendor.c.key,
            product.c.vendor_product_id,
            Sku.vendor_sku_id,
            Offer.term,
            PriceRule.min_quantity,
        )
    )
    for row in session().execute(statement.execution_options(yield_per=1000)):
        cells: dict[str, Any] = {name: getattr(row, name) for name in RULE_HEADINGS[1:11]} | said(
            row.PriceRule
        )
        cells["for"] = row.PriceRule.selector
        yield [cells[name] for name in RULE_HEADINGS]


def line_rows(
    narrowing: Narrowing, version_id: UUID, lens: Lens, *, with_cost: bool
) -> Iterator[list[Value]]:
    """A row per line, as `line_headings` says: what it costs and is asked now, and the rule of its own, to be edited."""
    own = {
        rule.offer_id: rule
        for rule in session().scalars(
            select(PriceRule).where(
                PriceRule.version_id == version_id, PriceRule.offer_id.is_not(None), PriceRule.min_quantity == 1,
                PriceRule.starts_at.is_(None), PriceRule.ends_at.is_(None),
            )
        )
    }  # fmt: skip
    headings = line_headings(with_cost)
    for row in price_lines.whole(narrowing, version_id, lens):
        rule = own.get(row.offer_id)
        cells: dict[str, Any] = {
            "vendor": row.vendor_key, "product": row.vendor_product_id, "sku": row.vendor_sku_id, "term": row.term,
            "billing_plan": row.billing_plan, "segment": row.segment, "market": row.market, "name": row.title,
            "currency": lens.currency, "list_price": row.unit_list, "cost": row.unit_cost, "price": row.own_price,
            "margin_percent": None if not row.own_price else round(100 * (row.own_price - row.unit_cost) / row.own_price, 2),
            "rule": row.own_selector or "", "kind": "", "value": None, "floor": "", "floor_value": None, "rounding": "",
            "new_price": None,
        }  # fmt: skip
        if rule is not None:
            cells |= {name: value for name, value in said(rule).items() if name in cells}
        yield [cells[name] for name in headings]


def line_headings(with_cost: bool) -> list[str]:
    """The columns of a file of lines; cost and margin only for those who may see them."""
    return [name for name in LINE_HEADINGS if with_cost or name not in ("cost", "margin_percent")]
