"""Subscriptions and their batches of seats. What we asked for and what the vendor says are kept apart."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import AccountOwned, Model, Versioned, owned_by, wall
from app.core.states import Machine

SUBSCRIPTION = Machine(
    "subscription",
    {
        "pending": ["active", "cancelled"],
        "active": ["suspended", "cancelled", "expired"],
        "suspended": ["active", "cancelled", "expired"],
        "cancelled": [],
        "expired": [],
    },
)


class Subscription(AccountOwned, Versioned, Model):
    """What a customer has at a vendor. `term_ends_on` is exclusive: the first day after the term.

    `requested_quantity` is ours, `vendor_quantity` the vendor's truth at `synced_at`. The price is the quote that it
    was ordered with, or since `repriced_at` that of its renewal or its other term; amounts are per unit and charge.
    `change_count` counts the changes that were asked for, so that asking twice for the same is one.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            SUBSCRIPTION.check(),
            owned_by("order_line", account=True),
            UniqueConstraint("order_line_id"),
            UniqueConstraint("tenant_id", "number"),
            UniqueConstraint("vendor_id", "vendor_subscription_id"),
            CheckConstraint(
                "requested_quantity >= 0 AND vendor_quantity >= 0", name="quantities_not_negative"
            ),
            CheckConstraint("term_starts_on < term_ends_on", name="term_in_order"),
            Index("ix_subscription_state", "tenant_id", "state"),
            Index("ix_subscription_renews_on", "tenant_id", "renews_on"),
        )
    )

    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="pending")
    order_line_id: Mapped[UUID]
    order_number: Mapped[str] = mapped_column(String(20))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    title: Mapped[str] = mapped_column(String(300))
    unit: Mapped[str] = mapped_column(String(60))
    term: Mapped[str] = mapped_column(String(3))
    billing_plan: Mapped[str] = mapped_column(String(10))
    requested_quantity: Mapped[int]
    vendor_quantity: Mapped[int]
    term_starts_on: Mapped[date]
    term_ends_on: Mapped[date]
    renews_on: Mapped[date | None]  # None: it ends with its term
    is_auto_renewed: Mapped[bool] = mapped_column(default=True)
    currency: Mapped[str] = mapped_column(String(3))
    unit_amount: Mapped[Decimal]
    cost_unit_amount: Mapped[Decimal]
    quote: Mapped[dict[str, Any]]
    vendor_order_id: Mapped[str] = mapped_column(String(120))
    vendor_subscription_id: Mapped[str] = mapped_column(String(120))
    etag: Mapped[str] = mapped_column(String(200), default="")
    cancel_until: Mapped[datetime | None]
    synced_at: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    repriced_at: Mapped[datetime | None]
    change_count: Mapped[int] = mapped_column(default=0, server_default="0")


class SeatBatch(AccountOwned, Model):
    """Seats that were added together; they may be given back until `reduce_until` (None: not before renewal)."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("subscription", account=True),
            CheckConstraint("quantity > 0", name="quantity_positive"),
        )
    )

    subscription_id: Mapped[UUID]
    quantity: Mapped[int]
    added_at: Mapped[datetime]
    reduce_until: Mapped[datetime | None]
