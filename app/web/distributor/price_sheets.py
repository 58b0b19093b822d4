"""Price sheets: handing one in, watching it being read, and deciding about its good rows when some were refused."""

from typing import Any
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.fields import FileField

from app.core.errors import Invalid
from app.domain.catalog import actions
from app.domain.catalog import queries as catalog
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import export_list, moment, number, state, text
from app.web.kit.forms import Form, SelectField
from app.web.kit.listing import asked
from app.web.kit.pages import form_page, page, see_other

area = Area("distributor_price_sheets", __name__, side=PLATFORM, url_prefix="/distributor")

MAX_UPLOAD = 2_000_000_000
"""Real sheets have 100 MB and more; every other route takes a megabyte."""


class SheetForm(Form):
    """A file and whose it is."""

    vendor = SelectField(_l("Vendor"))
    file = FileField(_l("Price sheet"))
    take_good_rows = BooleanField(_l("Take the good rows even if some are refused"))


@area.get("/price-sheets", can="sheet:read")
def list_sheets() -> ResponseReturnValue:
    """Every sheet that was handed in, newest first."""
    ask = asked()
    sheets, total = catalog.sheets(page=ask.page, size=ask.size)
    return page("distributor/price_sheets/list.html", sheets=sheets, total=total, ask=ask)


export_list(
    area,
    "/price-sheets",
    can="sheet:read",
    named="price-sheets",
    rows=catalog.every_sheet,
    columns=[
        text(_l("File"), "file_name"),
        text(_l("Vendor"), "vendor.name"),
        state(_l("State"), "sheet", "state"),
        number(_l("Rows"), "rows"),
        number(_l("New"), "new"),
        number(_l("Changed"), "changed"),
        number(_l("Unchanged"), "unchanged"),
        number(_l("Refused"), "refused"),
        number(_l("Size in bytes"), "size"),
        text(_l("Handed in by"), "person_name"),
        moment(_l("Handed in"), "created_at"),
        moment(_l("Done"), "finished_at"),
    ],
)


def _issues(sheet_id: UUID) -> Any:
    return catalog.every_issue(catalog.sheet(sheet_id).id)


export_list(
    area,
    "/price-sheets/<uuid:sheet_id>",
    can="sheet:read",
    named="refused-rows",
    rows=_issues,
    columns=[
        number(_l("Line"), "line"),
        text(_l("Column"), "column"),
        text(_l("Reason"), "reason"),
        text(_l("Value"), "value"),
    ],
)


@area.get("/price-sheets/new", can="sheet:import")
def ask_for_sheet() -> ResponseReturnValue:
    """The form to hand one in."""
    return _form_page(_form())


@area.post("/price-sheets", can="sheet:import", max_body=MAX_UPLOAD)
def import_sheet() -> ResponseReturnValue:
    """Stores the file and leaves the reading to the worker; its page shows how far it is."""
    form = _form()
    if form.taken():
        upload = form.file.data
        if not upload or not upload.filename:
            form.file.errors = [_("Choose the file of the price sheet.")]
        else:
            try:
                sheet = actions.import_sheet(
                    upload.stream,
                    vendor_key=form.vendor.data,
                    file_name=upload.filename,
                    take_good_rows=form.take_good_rows.data,
                    by=g.arrival.actor,
                )
                return see_other(".show_sheet", sheet_id=sheet.id)
            except Invalid as invalid:
                form.blame(invalid)
    return _form_page(form)


def _form() -> SheetForm:
    form = SheetForm()
    form.vendor.choices = [(vendor.key, vendor.name) for vendor in catalog.vendors()]
    return form


def _form_page(form: SheetForm) -> ResponseReturnValue:
    return form_page("distributor/price_sheets/new.html", form)


@area.get("/price-sheets/<uuid:sheet_id>", can="sheet:read")
def show_sheet(sheet_id: UUID) -> ResponseReturnValue:
    """How far it is; then what it brought, and what was refused and why."""
    return page("distributor/price_sheets/detail.html", **_about(sheet_id))


@area.get("/parts/price-sheets/<uuid:sheet_id>", can="sheet:read")
def show_sheet_progress(sheet_id: UUID) -> ResponseReturnValue:
    """The part of a sheet's page that moves, for polling."""
    g.part_of = f"/distributor/price-sheets/{sheet_id}"
    return page("distributor/parts/price-sheet.html", **_about(sheet_id))


def _about(sheet_id: UUID) -> dict[str, Any]:
    ask = asked()
    sheet = catalog.sheet(sheet_id)
    is_moving = catalog.is_moving(sheet)
    return {
        "sheet": sheet,
        "is_moving": is_moving,
        "same": catalog.same_file(sheet) if sheet.digest else None,
        "issues": catalog.sheet_issues(sheet_id, page=ask.page) if sheet.refused or not is_moving else None,
    }


@area.post("/price-sheets/<uuid:sheet_id>/acceptance", can="sheet:import")
def take_good_rows(sheet_id: UUID) -> ResponseReturnValue:
    """The rows that were refused stay out; the others are taken."""
    sheet = actions.take_good_rows(sheet_id, by=g.arrival.actor)
    flash(_("The good rows are being taken. The %(n)s refused ones stay out.", n=sheet.refused), "good")
    return see_other(".show_sheet", sheet_id=sheet_id)


@area.post("/price-sheets/<uuid:sheet_id>/cancellation", can="sheet:import")
def cancel_sheet(sheet_id: UUID) -> ResponseReturnValue:
    """Nothing of it is taken."""
    actions.cancel_sheet(sheet_id, by=g.arrival.actor)
    flash(_("Cancelled. The catalogue is as it was."), "good")
    return see_other(".show_sheet", sheet_id=sheet_id)
