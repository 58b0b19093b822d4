"""Handing in a price sheet, deciding about its good rows, canceling it. The import itself is `sheet_import.py`."""

from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events, jobs
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid, NotFound
from app.core.ids import new_id
from app.domain.catalog import sheet_parts
from app.domain.catalog.models import SHEET, PriceSheet, Vendor
from app.domain.catalog.rules.codes import VENDORS

JOB = "catalog.import_sheet"
LOCK = "catalog:import"
"""One sheet is read at a time: two would only wait for each other."""


def add_vendor(key: str, name: str) -> Vendor:
    """The vendor with `key`, made when there is none yet."""
    current = session()
    vendor = current.scalar(select(Vendor).where(Vendor.key == key))
    if vendor is None:
        vendor = Vendor(key=key, name=name)
        current.add(vendor)
        current.flush()
    return vendor


def import_sheet(
    stream: BinaryIO, *, vendor_key: str, file_name: str, take_good_rows: bool = False, by: Actor
) -> PriceSheet:
    """Stores the file and defers its import; answers the sheet, whose state and counters tell how far it is.

    Invalid for an unknown vendor, an empty file or one beyond 2 GB. What is wrong inside is in the sheet's issues later.
    """
    sheet = _new_sheet(vendor_key, file_name, take_good_rows, by)
    current = session()
    current.add(sheet)
    current.flush()
    stored = sheet_parts.store(sheet.id, stream)
    sheet.size, sheet.digest = stored.size, stored.digest
    _handed_in(sheet, by)
    jobs.defer(JOB, lock=LOCK, sheet_id=sheet.id)
    return sheet


def register_file(
    stream: BinaryIO, *, vendor_key: str, file_name: str, take_good_rows: bool = False, by: Actor
) -> PriceSheet:
    """A sheet whose file stays where it is, for `sheet_import.run(sheet.id, open_file)` by the caller. No job."""
    sheet = _new_sheet(vendor_key, file_name, take_good_rows, by)
    stored = sheet_parts.digest_of(stream)
    if stored.size == 0:
        raise Invalid({"file": "The file is empty."})
    sheet.size, sheet.digest = stored.size, stored.digest
    session().add(sheet)
    _handed_in(sheet, by)
    return sheet


def take_good_rows(sheet_id: UUID, *, by: Actor) -> PriceSheet:
    """Says that the good rows of a sheet with refused ones are to be taken. Conflict when it no longer waits for that."""
    sheet = _locked(sheet_id)
    if sheet.state != "undecided":
        raise Conflict(f"This price sheet is {sheet.state} and no longer waits for a decision.")
    SHEET.move(sheet, "reading")
    sheet.take_good_rows, sheet.percent = True, 0
    events.record("price_sheet.accepted", sheet, by, {"refused": sheet.refused})
    jobs.defer(JOB, lock=LOCK, sheet_id=sheet.id)
    return sheet


def cancel_sheet(sheet_id: UUID, *, by: Actor) -> PriceSheet:
    """Takes nothing of the sheet. Conflict once it is being stored or done."""
    sheet = _locked(sheet_id)
    SHEET.move(sheet, "canceled")
    sheet.finished_at = clock.now()
    sheet_parts.forget(sheet.id)
    events.record("price_sheet.canceled", sheet, by)
    return sheet


def _new_sheet(vendor_key: str, file_name: str, take_good_rows: bool, by: Actor) -> PriceSheet:
    vendor = session().scalar(select(Vendor).where(Vendor.key == vendor_key))
    if vendor is None and vendor_key in VENDORS:
        vendor = add_vendor(vendor_key, VENDORS[vendor_key])
    if vendor is None:
        raise Invalid({"vendor": "Choose the vendor whose price sheet this is."})
    shown = "".join(ch for ch in file_name if ch.isprintable()).rsplit("/", 1)[-1].rsplit("\\", 1)[-1].strip()
    return PriceSheet(
        id=new_id(),
        vendor_id=vendor.id,
        file_name=shown[:200] or "price sheet",
        digest="",
        size=0,
        person_id=by.person_id,
        person_name=by.name,
        take_good_rows=take_good_rows,
    )


def _handed_in(sheet: PriceSheet, by: Actor) -> None:
    events.record("price_sheet.uploaded", sheet, by, {"file_name": sheet.file_name, "digest": sheet.digest})


def _locked(sheet_id: UUID) -> PriceSheet:
    current = session()
    state = current.scalar(select(PriceSheet.state).where(PriceSheet.id == sheet_id))
    if state is None:
        raise NotFound()
    if state == "storing":  # its row is locked until that is done: say so instead of waiting
        raise Conflict("This price sheet is being stored at this moment.")
    return current.get_one(PriceSheet, sheet_id, with_for_update=True)
