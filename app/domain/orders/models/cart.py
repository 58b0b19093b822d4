"""A cart and its lines. A line keeps the quote it was shown with; the cart's version names exactly what was shown."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core import clock
from app.core.db import AccountOwned, Model, Versioned, owned_by, wall


class Cart(AccountOwned, Versioned, Model):
    """What one person is about to buy for one account. Reseller staff who buy on behalf have one per account.

    Every change of a line also touches `changed_at`, so that `version` moves on.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("person"),
            CheckConstraint("state IN ('open', 'checked_out')", name="state_known"),
            Index(
                "uq_cart_open",
                "account_id",
                "person_id",
                unique=True,
                postgresql_where=text("state = 'open'"),
            ),
        )
    )

    person_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(20), default="open")
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    editor_ids: Mapped[list[Any]] = mapped_column(
        default=list
    )  # everyone who ever edited it, impersonators too


class CartLine(AccountOwned, Model):
    """An offer and a quantity, with the quote that was shown for it."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("cart", account=True),
            UniqueConstraint("cart_id", "offer_id"),
            CheckConstraint("quantity > 0", name="quantity_positive"),
        )
    )

    cart_id: Mapped[UUID]
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    quantity: Mapped[int]
    quote: Mapped[dict[str, Any]]
    quoted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
