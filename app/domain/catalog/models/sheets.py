"""A price sheet that was handed in: its file, how far reading it has come, what it brought, and what was refused."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Keyed, Model, Versioned
from app.core.states import Machine
from app.domain.catalog.models.offers import Vendor

SHEET = Machine(
    "price sheet",
    {
        "uploaded": ["reading", "canceled"],
        "reading": ["reading", "undecided", "storing", "refused", "failed", "canceled"],
        "undecided": [
            "reading",
            "canceled",
        ],  # rows were refused: a person says what happens to the good ones
        "storing": ["reading", "taken", "undecided", "failed"],
        "taken": [],
        "refused": [],  # nothing in it could be used
        "failed": ["reading"],  # our fault, not the file's
        "canceled": [],
    },
)


class PriceSheet(Keyed, Versioned, Model):
    """One import run. `revision` is the number of the catalogue's version that it became, once taken.

    Counters count rows of the sheet: `new` and `changed` prices, `unchanged` ones, `refused` rows. `kind` is told from the
    file's first line: a sheet of prices, or an offer matrix, whose rows bound the quantities of skus.
    """

    __table_args__ = (
        SHEET.check(),
        CheckConstraint("kind IN ('prices', 'offers')", name="kind_known"),
        Index(None, "digest"),
    )

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    kind: Mapped[str] = mapped_column(String(10), default="prices")
    file_name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file as it was handed in
    size: Mapped[int]  # bytes, as handed in
    person_id: Mapped[UUID | None]  # who handed it in; None for the command line
    person_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), default="uploaded")
    take_good_rows: Mapped[bool] = mapped_column(default=False)
    percent: Mapped[int] = mapped_column(default=0)  # of the file, read so far
    rows: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    offers_new: Mapped[int] = mapped_column(default=0)
    starts_later: Mapped[int] = mapped_column(
        default=0
    )  # of new and changed: those that take effect by themselves
    notes: Mapped[list[Any]] = mapped_column(default=list)  # sentences about the file as a whole
    revision: Mapped[int | None] = mapped_column(unique=True)
    error: Mapped[str] = mapped_column(Text, default="")
    finished_at: Mapped[datetime | None]

    vendor: Mapped[Vendor] = relationship()


class PriceSheetPart(Model):
    """A piece of the file, compressed: whoever imports it need not share a disk with whoever received it."""

    __table_args__ = ({"info": {"rights": "SELECT, INSERT, DELETE"}},)

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("price_sheet.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes]


class PriceSheetIssue(Keyed, Model):
    """Why a row, or the whole file (line 0), was refused: line, column, a reason, and the start of the value."""

    __table_args__ = (Index(None, "sheet_id", "line"),)

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("price_sheet.id"))
    line: Mapped[int]
    column: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(400))
    value: Mapped[str] = mapped_column(String(80))
