"""Who pays by which book, from when to when. Only one assignment is in force for the same target at any instant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, owned_by, wall
from app.domain.pricing.models.owned import FOR_US, NOBODY, OwnedByEither, part_of, readable

ONE_AT_A_TIME = (
    "ALTER TABLE price_book_assignment ADD CONSTRAINT one_book_at_a_time EXCLUDE USING gist (owner_id WITH =,"
    + "".join(
        f" (coalesce({column}, {NOBODY})) WITH =,"
        for column in ("for_tenant_id", "account_id", "vendor_id", "subscription_id", "program_id")
    )
    + " tstzrange(starts_at, ends_at) WITH &&)"
)


class PriceBookAssignment(OwnedByEither, Model):
    """A book in force for a target, over a half-open window.

    A reseller's target, narrowest first: a subscription; an account and a vendor; an account; a vendor; everything (its
    default). The distributor's: a reseller and a vendor; a reseller; a vendor's program (with that vendor); a vendor;
    everything.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("price_book", "book_id"),
            part_of("price_book", "book_id"),
            owned_by("account"),
            Index("ix_price_book_assignment_target", "owner_id", "for_tenant_id", "account_id"),
            CheckConstraint(
                "for_tenant_id IS NULL OR tenant_id IS NULL", name="resellers_are_the_distributors"
            ),
            CheckConstraint(
                "num_nonnulls(account_id, subscription_id) = 0 OR tenant_id IS NOT NULL",
                name="customers_are_the_resellers",
            ),
            CheckConstraint(
                "subscription_id IS NULL OR num_nonnulls(account_id, vendor_id) = 0",
                name="subscription_alone",
            ),
            ForeignKeyConstraint(["vendor_id", "program_id"], ["program.vendor_id", "program.id"]),
            CheckConstraint(
                "program_id IS NULL OR (tenant_id IS NULL AND for_tenant_id IS NULL AND vendor_id IS NOT NULL)",
                name="programs_are_the_distributors",
            ),
            CheckConstraint("starts_at <= ends_at", name="window_in_order"),
            info={
                "updatable": ["ends_at"],
                "after_create": [
                    ONE_AT_A_TIME,
                    readable(
                        "price_book_assignment",
                        FOR_US,
                    ),
                ],
            },
        )
    )

    book_id: Mapped[UUID]
    for_tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    account_id: Mapped[UUID | None]
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    # no foreign key: subscriptions stand higher in the house; it is only ever compared within one tenant's rows
    subscription_id: Mapped[UUID | None]
    program_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    assigned_by: Mapped[UUID | None]
    assigned_by_name: Mapped[str] = mapped_column(String(200), default="")
