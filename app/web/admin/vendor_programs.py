"""Vendors' programs: which ones there are, which we are in, and asking the distributor to be let into one."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from app.core import unit
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.vendors import programs
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.pages import page, see_other

area = Area("admin_vendor_programs", __name__, side=PLATFORM, url_prefix="/admin/vendor-programs")


class RequestForm(Form):
    """What the distributor needs to know."""

    partner_number = StringField(_l("Your number with the vendor"))
    note = TextAreaField(_l("Note"))


@area.get("", can="program:request")
def show_programs() -> ResponseReturnValue:
    """All programs, and what was asked for."""
    return page(
        "admin/vendor_programs/list.html",
        found=programs.programs_for(g.arrival.actor.tenant_id),
        requests=programs.program_requests(),
    )


@area.route("/<uuid:program_id>/request", methods=["GET", "POST"], can="program:request")
def ask(program_id: UUID) -> ResponseReturnValue:
    """Asks the distributor to be let in."""
    row = next(
        (one for one in programs.programs_for(g.arrival.actor.tenant_id) if one.program.id == program_id),
        None,
    )
    if row is None:
        raise NotFound()
    form, problem, status = RequestForm(), "", 200
    if form.taken():
        try:
            programs.request_program(
                program_id,
                partner_number=form.partner_number.data or "",
                note=form.note.data or "",
                by=g.arrival.actor,
            )
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
        except Conflict as conflict:
            unit.start_over()
            problem, status = conflict.message, 409
        else:
            flash(_("The distributor has your request."), "good")
            return see_other(".show_programs")
    return page(
        "admin/vendor_programs/request.html",
        422 if form.has_errors else status,
        row=row,
        form=form,
        problem=problem,
    )


@area.post("/requests/<uuid:program_request_id>/withdrawal", can="program:request")
def withdraw(program_request_id: UUID) -> ResponseReturnValue:
    """Takes a request back while it waits."""
    programs.withdraw_program_request(program_request_id, by=g.arrival.actor)
    flash(_("The request is taken back."), "good")
    return see_other(".show_programs")
