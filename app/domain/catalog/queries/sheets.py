"""Price sheets and how far they are: what the distributor's pages and the command line show."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.core.db import session, streamed
from app.core.errors import NotFound
from app.domain.catalog.models import SHEET, PriceSheet, PriceSheetIssue

ISSUES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class SheetIssues:
    """A page of what was refused. `kept` issues are stored (a thousand at most); the sheet's `refused` counts rows."""

    issues: tuple[PriceSheetIssue, ...]
    kept: int
    page: int
    pages: int


def sheet(sheet_id: UUID) -> PriceSheet:
    """The sheet with its vendor. NotFound when there is none."""
    found = session().get(PriceSheet, sheet_id, options=[joinedload(PriceSheet.vendor)])
    if found is None:
        raise NotFound()
    return found


def is_moving(found: PriceSheet) -> bool:
    """Whether the page about this sheet should look again: it is waiting for the worker, being read or being stored."""
    return not SHEET.is_final(found.state) and found.state not in ("undecided", "failed")


_NEWEST = (
    select(PriceSheet)
    .options(joinedload(PriceSheet.vendor))
    .order_by(PriceSheet.created_at.desc(), PriceSheet.id.desc())
)


def sheets(*, page: int = 1, size: int = 25) -> tuple[list[PriceSheet], int]:
    """Sheets, newest first, and how many there are."""
    current = session()
    total = current.scalar(select(func.count()).select_from(PriceSheet)) or 0
    rows = current.scalars(_NEWEST.limit(size).offset((max(page, 1) - 1) * size))
    return list(rows), total


def every_sheet() -> Iterable[PriceSheet]:
    """All sheets, newest first, as a stream."""
    return streamed(_NEWEST).scalars()


def every_issue(sheet_id: UUID) -> Iterable[PriceSheetIssue]:
    """All that is kept of what was refused, by line, as a stream."""
    return streamed(_by_line(sheet_id)).scalars()


def _by_line(sheet_id: UUID) -> Select[tuple[PriceSheetIssue]]:
    return (
        select(PriceSheetIssue)
        .where(PriceSheetIssue.sheet_id == sheet_id)
        .order_by(PriceSheetIssue.line, PriceSheetIssue.id)
    )


def same_file(found: PriceSheet) -> PriceSheet | None:
    """The earlier sheet of the same bytes that was taken, if any: the page can say that nothing new is to be expected."""
    return session().scalar(
        select(PriceSheet)
        .where(
            PriceSheet.digest == found.digest,
            PriceSheet.vendor_id == found.vendor_id,
            PriceSheet.state == "taken",
            PriceSheet.id != found.id,
        )
        .order_by(PriceSheet.revision.desc())
        .limit(1)
    )


def sheet_issues(sheet_id: UUID, *, page: int = 1, size: int = ISSUES_SHOWN) -> SheetIssues:
    """What was refused, by line."""
    current = session()
    kept = (
        current.scalar(
            select(func.count()).select_from(PriceSheetIssue).where(PriceSheetIssue.sheet_id == sheet_id)
        )
        or 0
    )
    pages = max(-(-kept // size), 1)
    page = min(max(page, 1), pages)
    rows = current.scalars(_by_line(sheet_id).limit(size).offset((page - 1) * size))
    return SheetIssues(tuple(rows), kept, page, pages)
