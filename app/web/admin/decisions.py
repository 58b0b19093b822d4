"""Answering a request: approve or refuse, once, over exactly what was seen. Everything else is said on the request's page."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.errors import Conflict, Invalid
from app.domain.approvals import actions
from app.domain.approvals.errors import StaleAsk
from app.web.admin.approval_detail import Trouble, detail_page, small_page
from app.web.kit.area import PLATFORM, Area
from app.web.kit.inbox import DecisionForm
from app.web.kit.pages import see_other
from app.web.kit.refusals import attempt

area = Area("admin_decisions", __name__, side=PLATFORM, url_prefix="/admin/approvals")


@area.route("/<uuid:request_id>/decision", methods=["GET", "POST"], can="approval:decide")
def decide(request_id: UUID) -> ResponseReturnValue:
    """GET: the small page that mails lead to; it decides nothing. POST: 303 to the request once decided; 409 with the page
    when somebody was faster, the ask changed or the price moved.
    """
    form = DecisionForm()
    shown = small_page if request.args.get("from") == "mail" or request.method == "GET" else detail_page
    if form.taken():
        return settle(request_id, form, shown)
    return shown(request_id, form if form.has_errors else None, Trouble(422 if form.has_errors else 200))


def settle(
    request_id: UUID, form: DecisionForm, shown: Callable[..., ResponseReturnValue]
) -> ResponseReturnValue:
    """Takes the decision, or shows again what it was about and why it was not taken."""

    def late(conflict: Conflict) -> ResponseReturnValue:
        changes = conflict.changes if isinstance(conflict, StaleAsk) else ()
        return shown(request_id, form, Trouble(409, conflict.message, changes))

    def wrong(invalid: Invalid) -> ResponseReturnValue:
        form.blame(invalid)
        return shown(request_id, form, Trouble(422))

    return attempt(request_id, lambda: _decide(request_id, form), late, wrong)


def _decide(request_id: UUID, form: DecisionForm) -> ResponseReturnValue:
    answer = form.answer.data or ""
    actions.decide(
        request_id,
        answer,
        digest=form.digest.data or "",
        step=form.step_number,
        comment=form.comment.data or "",
        at_amount=form.amount,
        by=g.arrival.actor,
    )
    if answer == "approved":
        flash(_("Approved. Whoever asked gets a mail."), "good")
    else:
        flash(_("Refused. Nothing is bought, and whoever asked reads your reason."), "good")
    return see_other("admin_approvals.show_approval", request_id=request_id)
