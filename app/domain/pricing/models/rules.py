"""The rules of a book's version. What they mean is written in `rules/` (pure); here is how they are kept."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, owned_by, wall
from app.domain.pricing.models.owned import NOBODY, OwnedByEither, in_a_book_of_ours, readable
from app.domain.pricing.rules.kinds import FLOORS, KINDS, SELECTORS
from app.domain.pricing.rules.rounding import ROUNDINGS


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


KEEP_RULES = """
CREATE FUNCTION keep_published_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked uuid[]; drafts uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        asked := ARRAY(SELECT DISTINCT version_id FROM fresh);
    ELSIF TG_OP = 'DELETE' THEN
        asked := ARRAY(SELECT DISTINCT version_id FROM gone);
    ELSE
        asked := ARRAY(SELECT version_id FROM gone UNION SELECT version_id FROM fresh);
    END IF;
    -- FOR SHARE waits for a publication that is under way, and then sees it
    drafts := ARRAY(SELECT id FROM price_book_version WHERE id = ANY (asked) AND published_at IS NULL FOR SHARE);
    IF cardinality(drafts) <> cardinality(asked) THEN
        RAISE EXCEPTION 'the rules of a published price book version cannot change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""
# once per statement, not per row: a book may be filled with a hundred thousand rules at once
KEEP_RULES_ALWAYS = [
    f"CREATE TRIGGER keep_published_{event.lower()} AFTER {event} ON price_rule REFERENCING {tables}"
    " FOR EACH STATEMENT EXECUTE FUNCTION keep_published_rules()"
    for event, tables in (
        ("INSERT", "NEW TABLE AS fresh"),
        ("UPDATE", "OLD TABLE AS gone NEW TABLE AS fresh"),
        ("DELETE", "OLD TABLE AS gone"),
    )
]
ONE_AT_A_TIME = """
ALTER TABLE price_rule ADD CONSTRAINT one_rule_at_a_time EXCLUDE USING gist
(version_id WITH =, target_id WITH =, min_quantity WITH =, tstzrange(starts_at, ends_at) WITH &&)
WHERE (starts_at IS NOT NULL OR ends_at IS NOT NULL)
"""


class PriceRule(OwnedByEither, Model):
    """What one version says about an offer, a product, a family, a category, a vendor, or everything (`default`).

    Exactly the column that `selector` names is set. `rank` orders selectors, narrowest first; `target_id` is whichever
    column is set. `value` is a percentage, or an amount per unit and charge in the book's currency. Its window is
    half-open; a rule with a window counts before one without (a promotion), after the highest minimum quantity.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("price_book_version", "version_id"),
            ForeignKeyConstraint(
                ["owner_id", "book_id", "version_id"],
                ["price_book_version.owner_id", "price_book_version.book_id", "price_book_version.id"],
            ),
            Index("ix_price_rule_choice", "version_id", "target_id", "min_quantity"),
            Index(
                "one_lasting_rule",
                "version_id",
                "target_id",
                "min_quantity",
                unique=True,
                postgresql_where=text("starts_at IS NULL AND ends_at IS NULL"),
            ),
            CheckConstraint(f"selector IN ({_listed(SELECTORS)})", name="selector_known"),
            CheckConstraint(
                "num_nonnulls(offer_id, product_id, family_id, category_id, vendor_id)"
                " = CASE selector WHEN 'default' THEN 0 ELSE 1 END"
                " AND (selector <> 'offer' OR offer_id IS NOT NULL)"
                " AND (selector <> 'product' OR product_id IS NOT NULL)"
                " AND (selector <> 'family' OR family_id IS NOT NULL)"
                " AND (selector <> 'category' OR category_id IS NOT NULL)"
                " AND (selector <> 'vendor' OR vendor_id IS NOT NULL)",
                name="selects_one_thing",
            ),
            CheckConstraint(f"kind IN ({_listed(KINDS)})", name="kind_known"),
            CheckConstraint("(kind = 'inherit') = (value IS NULL)", name="value_fits_kind"),
            CheckConstraint("kind <> 'margin' OR (value >= 0 AND value < 100)", name="margin_possible"),
            CheckConstraint("kind <> 'fixed' OR value >= 0", name="fixed_not_negative"),
            CheckConstraint(
                "kind <> 'list_minus' OR (value >= 0 AND value < 100)", name="list_minus_possible"
            ),
            CheckConstraint("kind <> 'percent' OR value > -100", name="percent_possible"),
            CheckConstraint("kind <> 'split' OR (value >= 0 AND value <= 100)", name="split_possible"),
            CheckConstraint("min_quantity >= 1", name="min_quantity_positive"),
            CheckConstraint("starts_at < ends_at", name="window_in_order"),
            CheckConstraint(f"floor IN ({_listed(FLOORS)})", name="floor_known"),
            CheckConstraint(
                "(floor IN ('margin', 'amount')) = (floor_value IS NOT NULL) AND floor_value >= 0"
                " AND (floor <> 'margin' OR floor_value < 100)",
                name="floor_possible",
            ),
            CheckConstraint("jsonb_typeof(roundings) = 'object'", name="roundings_by_currency"),
            CheckConstraint(f"rounding IN ({_listed(ROUNDINGS)})", name="rounding_known"),
            info={
                "after_create": [
                    ONE_AT_A_TIME,
                    readable("price_rule", in_a_book_of_ours("book_id")),
                    KEEP_RULES,
                    *KEEP_RULES_ALWAYS,
                ],
            },
        )
    )

    version_id: Mapped[UUID]
    book_id: Mapped[UUID]  # its version's: row-level security looks at it
    selector: Mapped[str] = mapped_column(String(10))
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"))
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id"))
    family_id: Mapped[UUID | None] = mapped_column(ForeignKey("family.id"))
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id"))
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    target_id: Mapped[UUID] = mapped_column(
        Computed(
            f"coalesce(offer_id, product_id, family_id, category_id, vendor_id, {NOBODY})", persisted=True
        )
    )
    rank: Mapped[int] = mapped_column(
        SmallInteger,
        Computed(
            "CASE selector WHEN 'offer' THEN 1 WHEN 'product' THEN 2 WHEN 'family' THEN 3"
            " WHEN 'category' THEN 4 WHEN 'vendor' THEN 5 ELSE 6 END",
            persisted=True,
        ),
    )
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[Decimal | None]
    min_quantity: Mapped[int] = mapped_column(default=1)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    floor: Mapped[str] = mapped_column(String(10), default="none")
    floor_value: Mapped[Decimal | None]
    is_capped: Mapped[bool] = mapped_column(default=False)  # never above the vendor's list price
    rounding: Mapped[str] = mapped_column(String(10), default="none")
    # by currency of the price, where it is another one: {"CHF": "0.05"}
    roundings: Mapped[dict[str, Any]] = mapped_column(default=dict)
