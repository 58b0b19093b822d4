"""Vendors' promotions: a percentage off what the vendor asks, dated, for some offers and a range of quantities."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, wall
from app.domain.pricing.models.owned import OwnedByEither, readable
from app.domain.pricing.models.turns import noted


class Promotion(OwnedByEither, Model):
    """The distributor's record of a vendor's promotion. `code` is the vendor's (Microsoft: `39NFJQT1PJQB:0001:39NFJQT1Q5KN`).

    Its window is half-open and can end earlier or later than was said; nothing else of it changes.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("vendor_id", "code", "starts_at"),
            CheckConstraint("tenant_id IS NULL", name="promotions_are_the_distributors"),
            CheckConstraint("percent > 0 AND percent < 100", name="percent_possible"),
            CheckConstraint("starts_at <= ends_at", name="window_in_order"),
            CheckConstraint("min_quantity >= 1", name="min_quantity_positive"),
            CheckConstraint("max_quantity >= min_quantity", name="quantities_in_order"),
            info={
                "updatable": ["ends_at"],
                "after_create": [
                    readable("promotion", "true"),
                    *noted("promotion", "starts_at", "ends_at"),
                ],
            },
        )
    )

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    code: Mapped[str] = mapped_column(String(80, collation="C"))
    name: Mapped[str] = mapped_column(String(200))
    percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    min_quantity: Mapped[int] = mapped_column(default=1)
    max_quantity: Mapped[int | None]
    entered_by: Mapped[UUID | None]
    entered_by_name: Mapped[str] = mapped_column(String(200), default="")


class PromotionOffer(Model):
    """An offer that a promotion is about. Written with the promotion, never after it."""

    __table_args__ = (
        Index("ix_promotion_offer_offer_id", "offer_id"),
        {"info": {"append_only": True}},
    )

    promotion_id: Mapped[UUID] = mapped_column(ForeignKey("promotion.id"), primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), primary_key=True)
