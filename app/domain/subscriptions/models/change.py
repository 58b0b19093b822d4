"""Changes to subscriptions, what is done at the vendor for each, and what is booked for the renewal."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import AccountOwned, Model, Versioned, owned_by, wall
from app.core.states import Machine
from app.domain.vendors.models import CALL, VendorCall

KINDS = ("seat_change", "cancellation", "renewal", "term_change")
TIMINGS = ("now", "renewal")

CHANGE = Machine(
    "change",
    {
        "new": ["on_hold", "confirmed"],
        "on_hold": ["confirmed", "canceled"],
        "confirmed": ["in_progress", "conflict", "failed"],
        "in_progress": ["completed", "failed", "conflict", "unknown"],
        "unknown": ["in_progress", "completed", "failed", "conflict"],
        "completed": [],
        "failed": [],
        "conflict": [],
        "canceled": [],
    },
)
OPEN = ("new", "on_hold", "confirmed", "in_progress", "unknown")


class SubscriptionChange(AccountOwned, Versioned, Model):
    """Somebody wants a subscription to be another: from what, to what, at what price.

    It is sent to the vendor only while the vendor still has `from_quantity` and `from_term`; otherwise it ends as
    `conflict`, with the vendor's number in `conflict_quantity` (promise P4). `unit_amount` is per unit and charge after the
    change; `due_amount` what is charged (or given back, negative) in the running cycle; `commitment_amount` what the buyer is
    bound to more, never less than zero: budgets count it. `applied_amount` is what was due on the day it happened.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            CHANGE.check(),
            owned_by("subscription", account=True),
            UniqueConstraint("tenant_id", "number"),
            UniqueConstraint("tenant_id", "intent_id"),
            CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
            CheckConstraint(f"timing IN {TIMINGS}", name="timing_known"),
            CheckConstraint("from_quantity >= 0 AND to_quantity >= 0", name="quantities_not_negative"),
            CheckConstraint("commitment_amount >= 0", name="commitment_not_negative"),
            Index(
                "uq_subscription_change_open",
                "subscription_id",
                text("(kind = 'renewal')"),
                unique=True,
                postgresql_where=text(f"state IN {OPEN}"),
            ),
            Index("ix_subscription_change_state", "tenant_id", "state", "requested_at"),
        )
    )

    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="new")
    kind: Mapped[str] = mapped_column(String(20))
    timing: Mapped[str] = mapped_column(String(10), default="now")
    subscription_id: Mapped[UUID]
    intent_id: Mapped[UUID]
    from_quantity: Mapped[int]
    to_quantity: Mapped[int]
    from_term: Mapped[str] = mapped_column(String(3))
    to_term: Mapped[str] = mapped_column(String(3))
    from_billing_plan: Mapped[str] = mapped_column(String(10))
    to_billing_plan: Mapped[str] = mapped_column(String(10))
    from_renews: Mapped[bool]
    to_renews: Mapped[bool]
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    effective_on: Mapped[date]
    reduce_until: Mapped[datetime | None]  # the vendor's deadline for it, where there is one
    currency: Mapped[str] = mapped_column(String(3))
    unit_amount: Mapped[Decimal]
    due_amount: Mapped[Decimal]
    commitment_amount: Mapped[Decimal]
    cost_unit_amount: Mapped[Decimal]
    quote: Mapped[dict[str, Any]]
    arithmetic: Mapped[dict[str, Any]]
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[UUID | None]
    requested_by_name: Mapped[str] = mapped_column(String(200))
    is_on_behalf: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    approval_request_id: Mapped[UUID | None]
    approved_digest: Mapped[str | None] = mapped_column(String(64))
    confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    conflict_quantity: Mapped[int | None]
    applied_amount: Mapped[Decimal | None]


class ChangeStep(VendorCall, AccountOwned, Model):
    """`apply` makes the change at the vendor; `rebook` books again what the vendor forgot by that about the renewal."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            CALL.check(),
            owned_by("subscription_change", account=True),
            UniqueConstraint("subscription_change_id", "name"),
            UniqueConstraint("key"),
            Index("ix_change_step_state", "state", "created_at"),
        )
    )

    subscription_change_id: Mapped[UUID]


class RenewalBooking(AccountOwned, Model):
    """What is to be other after this term. Ours: vendors forget it with every change within the term, so it is booked again.

    `booked_at` None: the vendor does not have it at present.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("subscription", account=True),
            owned_by("subscription_change", account=True),
            UniqueConstraint("subscription_id"),
            CheckConstraint("quantity > 0", name="quantity_positive"),
        )
    )

    subscription_id: Mapped[UUID]
    subscription_change_id: Mapped[UUID]
    quantity: Mapped[int]
    term: Mapped[str] = mapped_column(String(3))
    billing_plan: Mapped[str] = mapped_column(String(10))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    booked_at: Mapped[datetime | None]
