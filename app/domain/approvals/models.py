"""Approval policies (published versions of rules), what waits for a decision, decisions, and the ledger of commitments.

Nothing here knows what an order is: whatever asks for approval is a subject with a type, an id and a number.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import AccountOwned, Model, TenantOwned, Versioned, owned_by, wall
from app.core.states import Machine

TRIGGERS = ("always", "order_total", "window_spend")
ASKS = ("customer", "reseller")

REQUEST = Machine(
    "request",
    {
        "pending": ["approved", "refused", "withdrawn", "expired"],
        "approved": [],
        "refused": [],
        "withdrawn": [],
        "expired": [],
    },
)


class Policy(TenantOwned, Versioned, Model):
    """A reseller's policy: for all customers (`account_id` None) or for one. Its content lives in versions."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("account"),
            Index(
                "uq_policy_account",
                "tenant_id",
                "account_id",
                unique=True,
                postgresql_nulls_not_distinct=True,
            ),
        )
    )

    account_id: Mapped[UUID | None]


class PolicyVersion(TenantOwned, Model):
    """What was published, when and by whom. Never changes; the highest number is in force."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls, owned_by("policy"), UniqueConstraint("policy_id", "number"), info={"append_only": True}
        )
    )

    policy_id: Mapped[UUID]
    number: Mapped[int]
    published_at: Mapped[datetime]
    published_by_id: Mapped[UUID | None]
    published_by_name: Mapped[str] = mapped_column(String(200))
    publisher_ids: Mapped[list[UUID]] = mapped_column(
        ARRAY(Uuid)
    )  # everyone who stood behind the publication
    note: Mapped[str] = mapped_column(Text, default="")


class PolicyRule(TenantOwned, Model):
    """One sentence of a version: when this happens, ask them, within so many days."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("policy_version"),
            UniqueConstraint("policy_version_id", "position"),
            CheckConstraint(f"trigger IN {TRIGGERS}", name="trigger_known"),
            CheckConstraint(f"asks IN {ASKS}", name="asks_known"),
            CheckConstraint(
                "(trigger = 'always') = (amount IS NULL) AND (amount IS NULL) = (currency IS NULL)"
                " AND (trigger = 'window_spend') = (window_days IS NOT NULL)",
                name="complete",
            ),
            CheckConstraint("amount >= 0 AND window_days > 0 AND expires_after_days > 0", name="in_range"),
            info={"append_only": True},
        )
    )

    policy_version_id: Mapped[UUID]
    position: Mapped[int]
    trigger: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    window_days: Mapped[int | None]
    asks: Mapped[str] = mapped_column(String(20))
    role: Mapped[str | None] = mapped_column(String(20))  # a reseller role; None: whoever may decide
    expires_after_days: Mapped[int] = mapped_column(default=7)


class ApprovalRequest(AccountOwned, Versioned, Model):
    """Something that waits, or waited, for decisions. `steps` are asked one after the other; `step` is the current one.

    `asks` and `role` repeat the current step's, so that a queue is one indexed look-up. `requester_ids` are all people
    who stand behind the request (the requester, whoever edited it last, an impersonator): none of them may decide it.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            REQUEST.check(),
            CheckConstraint(f"asks IN {ASKS}", name="asks_known"),
            Index(
                "uq_approval_request_pending",
                "subject_id",
                unique=True,
                postgresql_where=text("state = 'pending'"),
            ),
            Index("ix_approval_request_queue", "tenant_id", "state", "created_at"),
            Index("ix_approval_request_expiry", "expires_at", postgresql_where=text("state = 'pending'")),
            Index(None, "subject_id"),
        )
    )

    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    subject_number: Mapped[str] = mapped_column(String(40))
    summary: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20), default="pending")
    currency: Mapped[str] = mapped_column(String(3))
    total_amount: Mapped[Decimal]  # of the ask as it stands: the commitment for the whole terms
    digest: Mapped[str] = mapped_column(String(64))
    steps: Mapped[list[Any]]
    step: Mapped[int] = mapped_column(default=0)
    asks: Mapped[str] = mapped_column(String(20))
    role: Mapped[str | None] = mapped_column(String(20))
    verdict: Mapped[dict[str, Any]]
    requested_by_id: Mapped[UUID | None]
    requested_by_name: Mapped[str] = mapped_column(String(200))
    requester_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    requester_emails: Mapped[list[str]] = mapped_column(ARRAY(String(254)))
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str] = mapped_column(Text, default="")


class FrozenAsk(AccountOwned, Model):
    """The ask exactly as it was shown, as canonical JSON, under its SHA-256 digest. Never changes."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("approval_request", account=True),
            UniqueConstraint("approval_request_id", "number"),
            info={"append_only": True},
        )
    )

    approval_request_id: Mapped[UUID]
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class Decision(AccountOwned, Model):
    """One answer to one step of a request. Never changes; the database allows one per step.

    `digest` is the ask that the person had before them; `granted_digest` what was granted (another one when the price
    had moved and the person took the price now), with both totals.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("approval_request", account=True),
            UniqueConstraint("approval_request_id", "step"),
            CheckConstraint("answer IN ('approved', 'refused')", name="answer_known"),
            info={"append_only": True},
        )
    )

    approval_request_id: Mapped[UUID]
    step: Mapped[int]
    answer: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    granted_digest: Mapped[str | None] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    asked_amount: Mapped[Decimal]
    granted_amount: Mapped[Decimal | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[UUID]
    person_name: Mapped[str] = mapped_column(String(200))
    realm: Mapped[str] = mapped_column(String(20))
    decider_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    decided_at: Mapped[datetime]


class Commitment(AccountOwned, Model):
    """What a customer committed to with one subject: the ledger that budgets are counted from.

    `is_unasked` rows went through without a decision and eat the allowance. `counted` holds the amount in the
    currencies of the rules that were in force then, at the rates of then. A released row (canceled, failed) no longer
    counts.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("subject_id"),
            CheckConstraint("amount >= 0", name="not_negative"),
            Index("ix_commitment_window", "account_id", "placed_at"),
            info={"updatable": ["amount", "released_at"]},
        )
    )

    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Decimal]
    counted: Mapped[dict[str, Any]]
    is_unasked: Mapped[bool]
    placed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    verdict: Mapped[dict[str, Any]]
