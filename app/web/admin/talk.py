"""What goes to and fro about a request in the console: questions and answers, an offer to approve less, reminders."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.domain.approvals import actions
from app.web.admin.approval_detail import Trouble, detail_page
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import see_other
from app.web.kit.refusals import attempt
from app.web.kit.talk import (
    AnswerForm,
    EmptyForm,
    OfferAnswerForm,
    OfferForm,
    QuestionForm,
    quantities,
    step_of,
)

area = Area("admin_talk", __name__, side=PLATFORM, url_prefix="/admin/approvals/<uuid:request_id>")


def _try(request_id: UUID, act: Callable[[], object], told: str) -> ResponseReturnValue:
    """Does it and goes back to the request; what stands in the way is shown there."""

    def done() -> ResponseReturnValue:
        act()
        flash(told, "good")
        return see_other("admin_approvals.show_approval", request_id=request_id)

    return attempt(
        request_id,
        done,
        late=lambda late: detail_page(request_id, None, Trouble(409, late.message)),
        wrong=lambda invalid: detail_page(
            request_id, None, Trouble(422, errors=invalid.errors, quantities=request.form)
        ),
    )


@area.post("/question", can="approval:decide")
def ask_back(request_id: UUID) -> ResponseReturnValue:
    """Sends the request back with a question."""
    form = QuestionForm()
    if not form.taken():
        return detail_page(request_id, None, Trouble(422))
    return _try(
        request_id,
        lambda: actions.send_back(
            request_id, form.comment.data or "", step=step_of(form), by=g.arrival.actor
        ),
        _("Asked. Whoever asked for it gets a mail, and the answer stands here."),
    )


@area.post("/offer", can="approval:decide")
def offer_less(request_id: UUID) -> ResponseReturnValue:
    """Offers to approve lower quantities."""
    form = OfferForm()
    if not form.taken():
        return detail_page(request_id, None, Trouble(422))
    return _try(
        request_id,
        lambda: actions.offer_less(
            request_id,
            quantities(),
            digest=form.digest.data or "",
            step=step_of(form),
            comment=form.comment.data or "",
            by=g.arrival.actor,
        ),
        _("Offered. Nothing changes until whoever asked agrees."),
    )


@area.post("/answer", can="approval:read")
def answer(request_id: UUID) -> ResponseReturnValue:
    """Answers a question about something one asked for oneself."""
    form = AnswerForm()
    if not form.taken():
        return detail_page(request_id, None, Trouble(422))
    return _try(
        request_id,
        lambda: actions.answer(request_id, form.answer.data or "", by=g.arrival.actor),
        _("Answered. Whoever decides gets a mail."),
    )


@area.post("/reminder", can="approval:read")
def remind(request_id: UUID) -> ResponseReturnValue:
    """Reminds whoever decides, once a day."""
    if not EmptyForm().taken():
        return detail_page(request_id, None, Trouble(422))
    return _try(
        request_id, lambda: actions.remind(request_id, by=g.arrival.actor), _("They are reminded by mail.")
    )


@area.post("/offers/<uuid:proposal_id>/answer", can="approval:read")
def answer_offer(request_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Agrees to lower quantities, or holds on to what was asked."""
    form = OfferAnswerForm()
    if not form.taken() or form.answer.data not in ("accepted", "declined"):
        return detail_page(request_id, None, Trouble(422))
    if form.answer.data == "accepted":
        return _try(
            request_id,
            lambda: actions.accept_less(proposal_id, by=g.arrival.actor),
            _("Asked anew with the lower quantities."),
        )
    return _try(
        request_id,
        lambda: actions.decline_less(proposal_id, by=g.arrival.actor),
        _("It stays as it was asked."),
    )
