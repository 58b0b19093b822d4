"""Accounts that customers have at vendors, and requests to open, link or give one up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import AccountOwned, Model, Versioned, owned_by, wall
from app.core.states import Machine
from app.domain.vendors.models import CALL, VendorCall

KINDS = ("provision", "link", "deletion")

CLOUD_ACCOUNT = Machine("account", {"active": ["closed"], "closed": []})

CLOUD_REQUEST = Machine(
    "request",
    {
        "new": ["on_hold", "confirmed"],
        "on_hold": ["confirmed", "canceled"],
        "confirmed": ["in_progress", "failed"],
        "in_progress": ["completed", "failed", "unknown"],
        "unknown": ["in_progress", "completed", "failed"],
        "completed": [],
        "failed": [],
        "canceled": [],
    },
)
OPEN = ("new", "on_hold", "confirmed", "in_progress", "unknown")


class CloudAccount(AccountOwned, Versioned, Model):
    """A customer's own account at a vendor, where what it buys runs. `vendor_account_id` is what the vendor calls it."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            CLOUD_ACCOUNT.check(),
            UniqueConstraint("tenant_id", "number"),
            Index(
                "uq_cloud_account_active",
                "tenant_id",
                "vendor_id",
                "vendor_account_id",
                unique=True,
                postgresql_where=text("state = 'active'"),
            ),
        )
    )

    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="active")
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    vendor_account_id: Mapped[str] = mapped_column(String(120))
    domain: Mapped[str] = mapped_column(String(120))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CloudAccountRequest(AccountOwned, Versioned, Model):
    """Somebody wants an account opened (`provision`), linked (`link`) or given up (`deletion`).

    What the customer gives is frozen when it is asked; `details` is what the reseller adds before deciding, for its own books.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            CLOUD_REQUEST.check(),
            owned_by("cloud_account", account=True),
            UniqueConstraint("tenant_id", "number"),
            UniqueConstraint("tenant_id", "intent_id"),
            CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
            CheckConstraint("(kind = 'deletion') = (cloud_account_id IS NOT NULL)", name="deletion_names_it"),
            Index("ix_cloud_account_request_state", "tenant_id", "state", "requested_at"),
        )
    )

    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="new")
    kind: Mapped[str] = mapped_column(String(20))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    cloud_account_id: Mapped[UUID | None]
    vendor_account_id: Mapped[str] = mapped_column(String(120), default="")
    domain: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    terms_version: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    intent_id: Mapped[UUID]
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[UUID | None]
    requested_by_name: Mapped[str] = mapped_column(String(200))
    is_on_behalf: Mapped[bool] = mapped_column(default=False)
    approval_request_id: Mapped[UUID | None]
    approved_digest: Mapped[str | None] = mapped_column(String(64))
    confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")


class CloudAccountStep(VendorCall, AccountOwned, Model):
    """The one call to the vendor that a request comes to."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            CALL.check(),
            owned_by("cloud_account_request", account=True),
            UniqueConstraint("cloud_account_request_id", "name"),
            UniqueConstraint("key"),
        )
    )

    cloud_account_request_id: Mapped[UUID]
