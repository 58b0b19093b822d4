"""What vendors ask, as dated rows that never change, and the instants at which the price in force turns."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Keyed, Model


class VendorPrice(Keyed, Model):
    """Cost and list price of one unit for the WHOLE term, from `effective_from` on, up to `effective_to` if given.

    Rows are only ever added. A sheet that corrects a row adds one with a higher `revision` (the catalogue's version
    that brought it), so every price ever quoted can still be shown. In force at an instant: of the rows that have
    begun, the latest `effective_from`, and of its revisions the highest; when that row has ended, there is no price.
    """

    __table_args__ = (
        # one index is both the natural key and the order in which the price in force is looked up
        Index(
            "uq_vendor_price_in_force",
            "offer_id",
            "currency",
            "min_quantity",
            "effective_from",
            "revision",
            unique=True,
        ),
        CheckConstraint("cost >= 0 AND list_price >= 0", name="not_negative"),
        CheckConstraint("min_quantity >= 1", name="min_quantity_positive"),
        {"info": {"append_only": True}},
    )

    # No foreign keys: checking them row by row doubles the time of an import (500,000 rows: 4 s became 12 s). Rows
    # are written by one statement that joins them to `offer`, and the application may not delete offers.
    offer_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(String(3, collation="C"))
    cost: Mapped[Decimal] = mapped_column(Numeric(20, 8))
    list_price: Mapped[Decimal] = mapped_column(Numeric(20, 8))
    min_quantity: Mapped[int] = mapped_column(default=1)
    effective_from: Mapped[datetime]
    effective_to: Mapped[datetime | None]
    revision: Mapped[int]  # the price_sheet's


class CatalogTurn(Model):
    """An instant at which some price begins or ends: with the revision, it names exactly what the catalogue says."""

    __table_args__ = ({"info": {"rights": "SELECT, INSERT"}},)

    at: Mapped[datetime] = mapped_column(primary_key=True)
