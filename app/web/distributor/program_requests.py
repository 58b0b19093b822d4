"""The distributor's inbox: resellers who ask to be let into a vendor's program."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField

from app.core import unit
from app.core.errors import Conflict, Invalid
from app.domain.vendors import programs
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.listing import asked
from app.web.kit.pages import page, see_other

area = Area(
    "distributor_program_requests", __name__, side=PLATFORM, url_prefix="/distributor/program-requests"
)


class AnswerForm(Form):
    """The answer, a reference of the distributor's own, and what the reseller reads."""

    answer = HiddenField()
    reference = StringField(_l("Your reference"))
    comment = TextAreaField(_l("Comment"))


@area.get("", can="tenant:read")
def show_requests() -> ResponseReturnValue:
    """What waits; or everything."""
    ask = asked((), "", view=("waiting", "all"))
    view = ask["view"] or "waiting"
    return page(
        "distributor/program_requests/list.html",
        view=view,
        found=programs.program_requests(state="pending" if view == "waiting" else ""),
    )


@area.route("/<uuid:program_request_id>", methods=["GET", "POST"], can="tenant:edit")
def decide(program_request_id: UUID) -> ResponseReturnValue:
    """One request; a POST decides it, once."""
    form, problem, status = AnswerForm(), "", 200
    if form.taken():
        try:
            programs.decide_program_request(
                program_request_id,
                form.answer.data or "",
                comment=form.comment.data or "",
                reference=form.reference.data or "",
                by=g.arrival.actor,
            )
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
        except Conflict as conflict:
            unit.start_over()
            problem, status = conflict.message, 409
        else:
            flash(_("Decided."), "good")
            return see_other(".show_requests")
    return page(
        "distributor/program_requests/detail.html",
        422 if form.has_errors else status,
        row=programs.program_request(program_request_id),
        form=form,
        problem=problem,
    )
