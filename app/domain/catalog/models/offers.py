"""What can be bought: vendor → product → sku → offer, and the families and categories that group products.

Prices stand in `prices.py`. Rows are written by price sheet imports; text columns that codes live in compare bytewise.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Keyed, Model

KEPT = {"rights": "SELECT, INSERT, UPDATE"}
"""Rows that orders and prices point at are never deleted."""


def code(length: int) -> String:
    """A code that machines compare: bytewise collation makes its indexes smaller work than a language's."""
    return String(length, collation="C")


class Vendor(Keyed, Model):
    """Who makes and bills what we sell on: Microsoft, AWS, Google, IBM, or the distributor itself."""

    __table_args__ = ({"info": KEPT},)

    key: Mapped[str] = mapped_column(code(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))


class Family(Keyed, Model):
    """A vendor's product line, such as Microsoft 365 or Dynamics 365."""

    __table_args__ = (UniqueConstraint("vendor_id", "key"), {"info": KEPT})

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    key: Mapped[str] = mapped_column(code(60))
    name: Mapped[str] = mapped_column(String(120))


class Category(Keyed, Model):
    """What a product is for, across vendors: security, productivity, backup …"""

    __table_args__ = ({"info": KEPT},)

    key: Mapped[str] = mapped_column(code(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))


class Product(Keyed, Model):
    """What a buyer looks for. Its skus and their offers are the ways to buy it.

    `search_title` and `search_more` hold the words of its texts, folded by `rules/words.py`; `search` is made of them.
    """

    __table_args__ = (
        UniqueConstraint("vendor_id", "vendor_product_id"),
        Index("ix_product_search", "search", postgresql_using="gin"),
        Index("ix_product_sort_title", "sort_title", "id"),
        Index("ix_product_family_id", "family_id"),
        Index("ix_product_category_id", "category_id"),
        {"info": KEPT},
    )

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    vendor_product_id: Mapped[str] = mapped_column(code(64))
    title: Mapped[str] = mapped_column(String(300))
    publisher: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    family_id: Mapped[UUID] = mapped_column(ForeignKey("family.id"))
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    sort_title: Mapped[str] = mapped_column(code(300))
    texts_digest: Mapped[str] = mapped_column(
        code(32)
    )  # of all a sheet said of it: equal means nothing to do
    search_title: Mapped[str] = mapped_column(Text)
    search_more: Mapped[str] = mapped_column(Text)
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('simple'::regconfig, search_title), 'A')"
            " || setweight(to_tsvector('simple'::regconfig, search_more), 'C')",
            persisted=True,
        ),
        deferred=True,
    )

    vendor: Mapped[Vendor] = relationship()
    family: Mapped[Family] = relationship()
    category: Mapped[Category] = relationship()


class Sku(Keyed, Model):
    """A variant of a product with its own name, such as a trial or an edition; quantities are bounded here.

    `max_quantity` None means the vendor names no maximum.
    """

    __table_args__ = (
        UniqueConstraint("product_id", "vendor_sku_id"),
        CheckConstraint(
            "min_quantity >= 1 AND (max_quantity IS NULL OR max_quantity >= min_quantity)",
            name="quantities_in_order",
        ),
        {"info": KEPT},
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    vendor_sku_id: Mapped[str] = mapped_column(code(64))
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(60), default="user")
    min_quantity: Mapped[int] = mapped_column(default=1)
    max_quantity: Mapped[int | None]

    product: Mapped[Product] = relationship()


class Offer(Keyed, Model):
    """One way to buy: a sku for a term, on a billing plan, to a segment, in a market. What a price belongs to.

    `tags` are the vendor's (`License`, `Trial`, `IncludeOverage`); `product_id` repeats the sku's.
    """

    __table_args__ = (
        # a sku has one product, so this is the natural key; it begins as the storefront looks offers up
        UniqueConstraint(
            "product_id", "market", "sku_id", "segment", "term", "billing_plan", name="uq_offer_natural_key"
        ),
        CheckConstraint("term IN ('P1M', 'P1Y', 'P3Y')", name="term_known"),
        CheckConstraint(
            "billing_plan IN ('none', 'monthly', 'annual', 'triennial')", name="billing_plan_known"
        ),
        CheckConstraint(
            "segment IN ('commercial', 'education', 'nonprofit', 'government')", name="segment_known"
        ),
        {"info": KEPT},
    )

    # no foreign keys, for the reason that vendor prices have none
    product_id: Mapped[UUID]
    sku_id: Mapped[UUID]
    term: Mapped[str] = mapped_column(code(3))
    billing_plan: Mapped[str] = mapped_column(code(10))
    segment: Mapped[str] = mapped_column(code(12))
    market: Mapped[str] = mapped_column(code(2))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(40, collation="C")), default=list)
    is_trial: Mapped[bool] = mapped_column(default=False)

    sku: Mapped[Sku] = relationship(
        primaryjoin="Sku.id == Offer.sku_id", foreign_keys="Offer.sku_id", viewonly=True
    )
    product: Mapped[Product] = relationship(
        primaryjoin="Product.id == Offer.product_id", foreign_keys="Offer.product_id", viewonly=True
    )


class SearchWord(Model):
    """Every word without digits that occurs in a product's texts: what a mistyped word is compared with."""

    __table_args__ = (
        Index(
            "ix_search_word_similar", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}
        ),
        {"info": {"rights": "SELECT, INSERT"}},
    )

    word: Mapped[str] = mapped_column(code(60), primary_key=True)
