"""One run over one price sheet, from file to catalogue: read and check, stage, compare, take. Opens its own units.

One part is read while the one before is being copied into the stage, which is a temporary table: reading touches no table
for good but the sheet's own row (progress). Then the same unit compares and, if nothing was refused or a person said so,
takes: a crash at any moment leaves the catalogue as it was, and running again begins anew.
"""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

import polars as pl
from sqlalchemy import delete, insert, update

from app.core import clock, events, scope
from app.core.actor import Actor
from app.core.ahead import Ahead
from app.core.db import session
from app.core.faults import fault
from app.core.unit import unit
from app.domain.catalog import sheet_parts
from app.domain.catalog.actions import limits, staging, taking
from app.domain.catalog.models import SHEET, PriceSheet, PriceSheetIssue
from app.domain.catalog.rules import offer_matrix
from app.domain.catalog.rules.sheet import SheetReader, SheetReport
from app.domain.catalog.sheet_spool import Spool

PROGRESS_SECONDS = 0.5
_SCOPE = scope.everyone(reason="price sheet import")


class _Canceled(Exception):
    pass


class _Counted:
    """Counts the bytes that were read, for the percentage."""

    def __init__(self, stream: BinaryIO):
        self._stream, self.count = stream, 0

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self.count += len(piece)
        return piece

    def close(self) -> None:
        self._stream.close()


def run(
    sheet_id: UUID,
    open_file: Callable[[], BinaryIO] | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> None:
    """Imports the sheet. Does nothing when it was taken, refused or canceled, or waits for a person.

    `open_file` gives the file when it is not stored with the sheet (command line); `tell` hears rows and percent.
    Raises what went wrong on our side, after the sheet says so: the job that called it tries again.
    """
    size = _begin(sheet_id)
    if size is None:
        return
    try:
        opened = open_file or partial(cast(Any, sheet_parts.PartStream), sheet_id)
        with closing(opened()) as stream:
            is_matrix = offer_matrix.is_offer_matrix(offer_matrix.start_of(stream))
        if is_matrix:
            with closing(opened()) as stream:
                _take_matrix(sheet_id, stream)
            return
        with tempfile.TemporaryDirectory(prefix="awning-sheet-") as folder:
            stream = opened()
            with closing(Spool(Path(folder))) as spool, closing(_Counted(stream)) as counted:  # type: ignore[arg-type]
                reading = partial(_read, sheet_id, counted, size, spool, tell)
                with unit(_SCOPE), ThreadPoolExecutor(1) as aside:
                    with Ahead(reading) as prices:
                        staging.stage_prices(prices)
                    _finish(sheet_id, prices.result, spool, aside)
    except _Canceled:
        return
    except Exception as error:
        _fail(sheet_id, error)
        raise


def _begin(sheet_id: UUID) -> int | None:
    with unit(_SCOPE) as current:
        sheet = current.get_one(PriceSheet, sheet_id, with_for_update=True)
        if SHEET.is_final(sheet.state) or (sheet.state == "undecided" and not sheet.take_good_rows):
            return None
        SHEET.move(sheet, "reading")
        sheet.percent, sheet.rows, sheet.error = 0, 0, ""
        return sheet.size


def _read(
    sheet_id: UUID,
    counted: _Counted,
    size: int,
    spool: Spool,
    tell: Callable[[int, int], None] | None,
    put: Callable[[bytes], None],
) -> SheetReport:
    reader = SheetReader(counted)  # type: ignore[arg-type]
    told = time.monotonic()
    for rows in reader:
        if rows.height:
            put(spool.add(rows))
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            percent = min(99, counted.count * 100 // size)
            _progress(sheet_id, rows=reader.report.rows, percent=percent)
            if tell:
                tell(reader.report.rows, percent)
        fault("catalog.import.reading")
    spool.close()
    if _is_usable(reader.report):
        _progress(sheet_id, state="storing", rows=reader.report.rows, percent=99)
    return reader.report


def _is_usable(report: SheetReport) -> bool:
    return report.good > 0 and not report.is_unreadable


def _progress(sheet_id: UUID, **values: int | str) -> None:
    with unit(_SCOPE) as current:
        found = current.execute(
            update(PriceSheet)
            .where(PriceSheet.id == sheet_id, PriceSheet.state == "reading")
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if not found.rowcount:  # type: ignore[attr-defined]
            raise _Canceled


def _finish(sheet_id: UUID, report: SheetReport, spool: Spool, aside: Executor) -> None:
    usable = _is_usable(report)
    sheet = session().get_one(PriceSheet, sheet_id, with_for_update=True)
    if sheet.state != ("storing" if usable else "reading"):
        return  # canceled, or another run was faster
    at = clock.now()
    _keep_report(sheet, report)
    if not usable:
        SHEET.move(sheet, "refused")
    else:
        vendor, dropped = sheet.vendor, pl.concat([report.repeated, report.contradicting])
        staging.lock()
        skus = staging.stage_rest(spool, dropped)
        # texts are worked on here while the database compares
        described = aside.submit(taking.describe, vendor.key, vendor.name, skus, taking.known_texts(vendor))
        found = staging.compare(vendor.id, at)
        sheet.new, sheet.changed, sheet.starts_later = found.new, found.changed, found.starts_later
        sheet.unchanged, sheet.offers_new = found.unchanged + len(report.repeated), found.offers_new
        if report.refused and not sheet.take_good_rows:
            SHEET.move(sheet, "undecided")
        else:
            taking.take(sheet, vendor, described.result(), at)
            SHEET.move(sheet, "taken")
    _conclude(sheet, at)


def _take_matrix(sheet_id: UUID, stream: BinaryIO) -> None:
    """An offer matrix is small: it is read, compared and taken at once."""
    report = SheetReport()
    found = offer_matrix.read(stream, report)
    fault("catalog.import.reading")
    with unit(_SCOPE) as current:
        sheet = current.get_one(PriceSheet, sheet_id, with_for_update=True)
        if sheet.state != "reading":
            return  # canceled, or another run was faster
        sheet.kind = "offers"
        _keep_report(sheet, report)
        if report.is_unreadable or not found:
            SHEET.move(sheet, "refused")
        else:
            staging.lock()
            compared = limits.compare(sheet.vendor_id, found)
            sheet.changed, sheet.unchanged = compared.changed, report.good - compared.changed
            if unknown := len(found) - compared.known:
                sheet.notes = [*sheet.notes, f"{unknown:,} skus are not in the catalogue and were left out."]
            if report.refused and not sheet.take_good_rows:
                SHEET.move(sheet, "undecided")
            else:
                SHEET.move(sheet, "storing")
                limits.take(sheet)
                SHEET.move(sheet, "taken")
        _conclude(sheet, clock.now())


def _conclude(sheet: PriceSheet, at: datetime) -> None:
    if SHEET.is_final(sheet.state):
        sheet.finished_at = at
        sheet_parts.forget(sheet.id)
    by = Actor(sheet.person_id, sheet.person_name, "distributor" if sheet.person_id else "system")
    events.record(f"price_sheet.{_PAST.get(sheet.state, sheet.state)}", sheet, by, _told(sheet))
    fault("catalog.import.before_commit")


_PAST = {"undecided": "questioned"}


def _told(sheet: PriceSheet) -> dict[str, object]:
    names = ("file_name", "digest", "rows", "new", "changed", "unchanged", "refused", "revision")
    return {name: getattr(sheet, name) for name in names}


def _keep_report(sheet: PriceSheet, report: SheetReport) -> None:
    sheet.rows, sheet.refused, sheet.notes, sheet.percent = report.rows, report.refused, report.notes, 100
    current = session()
    current.execute(delete(PriceSheetIssue).where(PriceSheetIssue.sheet_id == sheet.id))
    if report.issues:
        current.execute(
            insert(PriceSheetIssue),
            [
                {
                    "sheet_id": sheet.id,
                    "line": issue.line,
                    "column": issue.column[:60],
                    "reason": issue.reason[:400],
                    "value": issue.value,
                }
                for issue in report.issues
            ],
        )


def _fail(sheet_id: UUID, error: Exception) -> None:
    with unit(_SCOPE) as current:
        sheet = current.get_one(PriceSheet, sheet_id, with_for_update=True)
        if sheet.state in ("reading", "storing"):
            SHEET.move(sheet, "failed")
            sheet.error = (
                f"Something went wrong on our side ({type(error).__name__}). It will be tried again."
            )
