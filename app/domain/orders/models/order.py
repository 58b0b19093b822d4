"""Orders, their lines and their frozen versions. What happens at the vendor stands in `provisioning.py`."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import AccountOwned, Model, Versioned, owned_by, wall
from app.core.states import Machine

ORDER = Machine(
    "order",
    {
        "new": ["on_hold", "confirmed", "canceled"],
        "on_hold": ["confirmed", "canceled"],
        "confirmed": ["in_progress", "error"],
        "in_progress": ["completed", "error"],
        "completed": [],
        "error": [],
        "canceled": [],
    },
)

LINE = Machine(
    "order line",
    {
        "pending": ["provisioning", "failed", "canceled"],
        "provisioning": ["active", "failed", "unknown"],
        "unknown": ["provisioning", "active", "failed"],  # a read-back, or a person, settles it
        "active": [],
        "failed": [],
        "canceled": [],
    },
)


class Order(AccountOwned, Versioned, Model):
    """What a customer ordered. `total_amount` is what the first charges come to, `commitment_amount` what all charges of
    the terms do: both are sums of the lines' stored amounts.

    `intent_id` makes pressing the button twice one order; `approved_digest` names the version that may be provisioned.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            ORDER.check(),
            owned_by("cart", account=True),
            owned_by("approval_request", account=True),
            UniqueConstraint("tenant_id", "intent_id"),
            UniqueConstraint("tenant_id", "number"),
            CheckConstraint(
                "total_amount >= 0 AND commitment_amount >= total_amount", name="amounts_in_order"
            ),
            Index("ix_order_list", "tenant_id", "placed_at"),
            Index("ix_order_state", "tenant_id", "state"),
            Index("ix_order_approval_request_id", "approval_request_id"),
        )
    )

    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="new")
    cart_id: Mapped[UUID]
    intent_id: Mapped[UUID]
    body_digest: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    total_amount: Mapped[Decimal]
    commitment_amount: Mapped[Decimal]
    purchase_order_number: Mapped[str] = mapped_column(String(60), default="")
    placed_at: Mapped[datetime]
    placed_by_id: Mapped[UUID]
    placed_by_name: Mapped[str] = mapped_column(String(200))
    is_on_behalf: Mapped[bool] = mapped_column(default=False)  # placed by the reseller's people
    terms_version: Mapped[str] = mapped_column(String(80))
    terms_accepted_from: Mapped[str] = mapped_column(String(45), default="")  # an address
    version_number: Mapped[int] = mapped_column(default=1)
    approval_request_id: Mapped[UUID | None]
    approved_digest: Mapped[str | None] = mapped_column(String(64))
    confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was canceled, or what went wrong


class OrderLine(AccountOwned, Model):
    """One offer and quantity of an order, with everything about it as it was when ordered. Cost is the reseller's own.

    Unit amounts are per unit and charge, `total_amount` is all units and one charge, `commitment_amount` all charges of the
    term. All come rounded from the quote; nothing is rounded again.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            LINE.check(),
            owned_by("order", account=True),
            UniqueConstraint("order_id", "position"),
            CheckConstraint(
                "quantity > 0 AND unit_amount >= 0 AND total_amount >= 0 AND commitment_amount >= total_amount",
                name="in_range",
            ),
            Index("ix_order_line_state", "tenant_id", "state"),
        )
    )

    order_id: Mapped[UUID]
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="pending")
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    vendor_key: Mapped[str] = mapped_column(String(40))
    vendor_product_id: Mapped[str] = mapped_column(String(64))
    vendor_sku_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    unit: Mapped[str] = mapped_column(String(60))
    term: Mapped[str] = mapped_column(String(3))
    billing_plan: Mapped[str] = mapped_column(String(10))
    segment: Mapped[str] = mapped_column(String(12))
    market: Mapped[str] = mapped_column(String(2))
    quantity: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    unit_amount: Mapped[Decimal]
    total_amount: Mapped[Decimal]
    commitment_amount: Mapped[Decimal]
    cost_unit_amount: Mapped[Decimal]
    cost_total_amount: Mapped[Decimal]
    cost_commitment_amount: Mapped[Decimal]
    quote: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(Text, default="")
    vendor_order_id: Mapped[str] = mapped_column(String(120), default="")
    vendor_subscription_id: Mapped[str] = mapped_column(String(120), default="")
    settled_at: Mapped[datetime | None]


class OrderVersion(AccountOwned, Model):
    """An order exactly as it was shown and approved: canonical JSON under its SHA-256 digest. Never changes."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("order", account=True),
            UniqueConstraint("order_id", "number"),
            info={"append_only": True},
        )
    )

    order_id: Mapped[UUID]
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
