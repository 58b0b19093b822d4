"""Exchange rates as dated rows: the distributor's table, and each reseller's own that goes before it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, wall
from app.domain.pricing.models.owned import OwnedByEither, readable


class ExchangeRate(OwnedByEither, Model):
    """1 `base` buys `rate` `quote` from `effective_at` on; `margin_percent` is put on top when an amount is converted.

    In force is the latest row of its owner, source and pair that has begun, unless it was ended. `source` is `hand` or
    `ecb` (the European Central Bank's euro reference rates, the distributor's only; `quoted_on` is their day).
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            Index(
                "uq_exchange_rate_in_force",
                "owner_id",
                "source",
                "base",
                "quote",
                "effective_at",
                unique=True,
            ),
            CheckConstraint("rate > 0", name="rate_positive"),
            CheckConstraint("base <> quote", name="two_currencies"),
            CheckConstraint("margin_percent >= 0 AND margin_percent < 100", name="margin_possible"),
            CheckConstraint(
                "source IN ('ecb', 'hand') AND (source = 'hand' OR tenant_id IS NULL)", name="source_known"
            ),
            CheckConstraint("effective_at <= ends_at", name="window_in_order"),
            info={"updatable": ["ends_at"], "after_create": [readable("exchange_rate", "true")]},
        )
    )

    source: Mapped[str] = mapped_column(String(4, collation="C"))
    base: Mapped[str] = mapped_column(String(3, collation="C"))
    quote: Mapped[str] = mapped_column(String(3, collation="C"))
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 8))
    margin_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    quoted_on: Mapped[date]
    effective_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    set_by: Mapped[UUID | None]
    set_by_name: Mapped[str] = mapped_column(String(200), default="")
