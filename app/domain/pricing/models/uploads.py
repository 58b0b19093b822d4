"""A file of rules or lines between its being handed in and its being taken over, or not: what it says, already checked."""

from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, owned_by, wall
from app.domain.pricing.models.owned import OwnedByEither, part_of


class PriceUpload(OwnedByEither, Model):
    """`body` is the compressed list of what the file says (`actions/importing.py`). It goes when it is taken or replaced."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("price_book", "book_id"),
            part_of("price_book", "book_id"),
            CheckConstraint("kind IN ('rules', 'lines')", name="kind_known"),
            info={"rights": "SELECT, INSERT, DELETE"},
        )
    )

    book_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(5))
    file_name: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int]
    body: Mapped[bytes]
    person_id: Mapped[UUID | None]
