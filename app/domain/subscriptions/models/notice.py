"""What a customer was told of prices that rise for what it runs: kept as it was said."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr

from app.core.db import AccountOwned, Model, owned_by, wall


class PriceNotice(AccountOwned, Model):
    """One per customer and version. `lines` hold number, title, quantity, before, after, currency and changes_on of each."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("price_book_version", "version_id"),
            UniqueConstraint("version_id", "account_id"),
            info={"append_only": True},
        )
    )

    version_id: Mapped[UUID]
    effective_at: Mapped[datetime]
    lines: Mapped[list[Any]]
