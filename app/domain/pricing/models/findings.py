"""What the margin guard found: lines that earn less than they must, and what somebody decided about each."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, TenantOwned, Versioned, owned_by, wall
from app.core.states import Machine
from app.domain.pricing.models.owned import NOBODY

FINDING = Machine(
    "margin finding",
    {
        "open": ["accepted", "closed", "resolved"],
        "accepted": ["open", "closed", "resolved"],  # open again: the time is over, or it has become worse
        "closed": ["open", "accepted", "resolved"],
        "resolved": [],  # the price earns enough again
    },
)
CAUSES = ("price_sheet", "exchange_rate", "promotion", "distributors_book", "price_book", "setting", "night")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class MarginFinding(TenantOwned, Versioned, Model):
    """One offer under one book (None: list price), in one currency, at its least quantity.

    Amounts are per unit and charge. `cause` is what had changed when it was found. One line has one finding that is not
    resolved.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            FINDING.check(),
            owned_by("price_book", "book_id"),
            Index(
                "one_finding_per_line",
                "tenant_id",
                "offer_id",
                text(f"(coalesce(book_id, {NOBODY}))"),
                "currency",
                unique=True,
                postgresql_where=text("state <> 'resolved'"),
            ),
            Index("ix_margin_finding_state", "tenant_id", "state"),
            CheckConstraint("reason IN ('under_cost', 'under_margin', 'at_floor')", name="reason_known"),
            CheckConstraint(f"cause IN ({_listed(CAUSES)})", name="cause_known"),
            CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved_when"),
        )
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    book_id: Mapped[UUID | None]
    currency: Mapped[str] = mapped_column(String(3, collation="C"))
    quantity: Mapped[int]
    unit_price: Mapped[Decimal]
    unit_cost: Mapped[Decimal]
    least_price: Mapped[Decimal]
    reason: Mapped[str] = mapped_column(String(12))
    cause: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="open")
    seen_at: Mapped[datetime]  # when the amounts were last worked out
    accepted_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str] = mapped_column(String(200), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    resolved_at: Mapped[datetime | None]
