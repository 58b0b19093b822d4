"""Differences between what we believe of a subscription and what the vendor says, each decided by a person."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import AccountOwned, Model, Versioned, owned_by, wall
from app.core.states import Machine

ASPECTS = ("quantity", "state", "auto_renewal", "next_term", "missing")

DRIFT = Machine(
    "difference",
    {"open": ["accepted", "pushed", "left", "gone"], "accepted": [], "pushed": [], "left": [], "gone": []},
)


class Drift(AccountOwned, Versioned, Model):
    """One aspect in which the vendor says otherwise. `effect_amount` is what it makes each charge, theirs less ours.

    `left` stays until the vendor's word changes again; `gone`: the vendor says the same as we do again.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            DRIFT.check(),
            owned_by("subscription", account=True),
            CheckConstraint(f"aspect IN {ASPECTS}", name="aspect_known"),
            Index(
                "uq_drift_open",
                "subscription_id",
                "aspect",
                unique=True,
                postgresql_where=text("state = 'open'"),
            ),
            Index("ix_drift_state", "tenant_id", "state", "found_at"),
        )
    )

    subscription_id: Mapped[UUID]
    aspect: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="open")
    ours: Mapped[str] = mapped_column(String(60))
    theirs: Mapped[str] = mapped_column(String(60))
    currency: Mapped[str] = mapped_column(String(3))
    effect_amount: Mapped[Decimal]
    found_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # the last reading that still said so
    closed_at: Mapped[datetime | None]
    closed_by_name: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
