"""Price books and their versions. Rules stand in `rules.py`; who pays by a book, in `assignments.py`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, Versioned, owned_by, wall
from app.domain.pricing.models.owned import OwnedByEither, in_a_book_of_ours, part_of, readable

KEEP_VERSION = """
CREATE FUNCTION keep_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    -- the one thing that may still happen to a published version: it is withdrawn before it takes effect
    -- (owner_id is generated, and not worked out yet when this runs)
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
       AND to_jsonb(NEW) - ARRAY['withdrawn_at', 'owner_id'] = to_jsonb(OLD) - ARRAY['withdrawn_at', 'owner_id'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of price book % is published and cannot change', OLD.number, OLD.book_id
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
KEEP_VERSION_ALWAYS = """
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON price_book_version
FOR EACH ROW EXECUTE FUNCTION keep_published_version()
"""


class PriceBook(OwnedByEither, Versioned, Model):
    """What a reseller asks of customers; without a tenant, what the distributor asks of resellers.

    `base` is what inherit, percent and delta start from: the owner's cost, or the vendor's list price. `currency` is the
    one in which fixed prices, deltas and least amounts are written. Neither ever changes: published versions rest on them.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("owner_id", "id"),
            UniqueConstraint("owner_id", "name"),
            CheckConstraint("base IN ('cost', 'list')", name="base_known"),
            CheckConstraint("running_terms IN ('renewal', 'period')", name="running_terms_known"),
            CheckConstraint("monthly_terms IN ('period', 'kept')", name="monthly_terms_known"),
            info={
                "updatable": ["name", "is_archived", "version", "running_terms", "monthly_terms"],
                "after_create": [readable("price_book", in_a_book_of_ours("id"))],
            },
        )
    )

    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3, collation="C"))
    base: Mapped[str] = mapped_column(String(4), default="cost")
    is_archived: Mapped[bool] = mapped_column(default=False)
    # what happens to subscriptions that run already; None: as the owner's settings say
    running_terms: Mapped[str | None] = mapped_column(String(10))
    monthly_terms: Mapped[str | None] = mapped_column(String(10))


class PriceBookVersion(OwnedByEither, Model):
    """One state of a book's rules: a draft until `published_at`, then unchangeable.

    Live at an instant is the version with the latest `effective_at` not after it (of equal ones the highest number), so
    a scheduled version takes over by itself. One that was published for later can be withdrawn until then.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("price_book", "book_id"),
            part_of("price_book", "book_id"),
            owned_by("price_book_version", "based_on_id"),
            part_of("price_book_version", "based_on_id"),
            UniqueConstraint("owner_id", "id"),
            UniqueConstraint("owner_id", "book_id", "id"),
            UniqueConstraint("book_id", "number"),
            Index(
                "one_draft_per_book", "book_id", unique=True, postgresql_where=text("published_at IS NULL")
            ),
            Index(
                "ix_price_book_version_live",
                "book_id",
                text("effective_at DESC"),
                text("number DESC"),
                postgresql_where=text("published_at IS NOT NULL AND withdrawn_at IS NULL"),
            ),
            CheckConstraint(
                "(published_at IS NULL) = (effective_at IS NULL)", name="effective_when_published"
            ),
            CheckConstraint("effective_at >= published_at", name="never_backdated"),
            CheckConstraint(
                "withdrawn_at >= published_at AND withdrawn_at < effective_at", name="withdrawn_in_time"
            ),
            info={
                "after_create": [
                    readable(
                        "price_book_version", "published_at IS NOT NULL AND " + in_a_book_of_ours("book_id")
                    ),
                    KEEP_VERSION,
                    KEEP_VERSION_ALWAYS,
                ],
            },
        )
    )

    book_id: Mapped[UUID]
    number: Mapped[int]
    based_on_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    passes_promotions: Mapped[bool] = mapped_column(default=True)  # the vendor's, to whoever pays by it
    published_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None]  # a person
    published_by_name: Mapped[str] = mapped_column(String(200), default="")

    def state(self, instant: datetime, live_id: UUID | None) -> str:
        """draft, withdrawn, scheduled, live or superseded at `instant`, when `live_id` is the book's live version then."""
        if self.published_at is None:
            return "draft"
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.effective_at is not None and self.effective_at > instant:
            return "scheduled"
        return "live" if self.id == live_id else "superseded"
