"""Answering a request: approve or refuse, once, over exactly what was seen. Everything else is said on the request's page."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import unit
from app.core.errors import Conflict, Invalid
from app.domain.approvals import actions
from app.domain.approvals.errors import PriceMoved, SelfDecision, StaleAsk
from app.web.admin.approval_detail import DecisionForm, detail_page
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import see_other
from app.web.kit.refusals import note_self_decision

area = Area("admin_decisions", __name__, side=PLATFORM, url_prefix="/admin/approvals")


@area.post("/<uuid:request_id>/decision", can="approval:decide")
def decide(request_id: UUID) -> ResponseReturnValue:
    """303 to the request once decided; 409 with the page when somebody was faster, the ask changed or the price moved."""
    form = DecisionForm()
    if form.taken():
        try:
            _decide(request_id, form)
            return see_other("admin_approvals.show_approval", request_id=request_id)
        except PriceMoved as moved:
            unit.start_over()
            return detail_page(request_id, form, 409, moved.message)
        except StaleAsk as stale:
            unit.start_over()
            return detail_page(request_id, form, 409, stale.message, stale.changes)
        except Conflict as late:
            unit.start_over()
            return detail_page(request_id, form, 409, late.message)
        except SelfDecision:
            note_self_decision(request_id)
            raise
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
    return detail_page(request_id, form, 422)


def _decide(request_id: UUID, form: DecisionForm) -> None:
    step = form.step.data or "0"
    answer = form.answer.data or ""
    actions.decide(
        request_id,
        answer,
        digest=form.digest.data or "",
        step=int(step) if step.isdecimal() and len(step) < 4 else 0,
        comment=form.comment.data or "",
        at_amount=form.amount,
        by=g.arrival.actor,
    )
    if answer == "approved":
        flash(_("Approved. The order goes on, and the buyer gets a mail."), "good")
    else:
        flash(_("Refused. Nothing is bought, and the buyer reads your reason."), "good")
