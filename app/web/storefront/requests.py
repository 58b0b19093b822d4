"""What those who asked can do while their request waits: answer a question, remind, agree to less or not."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import unit
from app.core.errors import Conflict, Invalid
from app.domain.approvals import actions
from app.domain.approvals import queries as approvals
from app.domain.subscriptions.queries.changes import change_detail
from app.web.kit.area import SHOP, Area
from app.web.kit.pages import see_other
from app.web.kit.talk import AnswerForm, EmptyForm, OfferAnswerForm

area = Area("requests", __name__, side=SHOP, url_prefix="/requests/<uuid:request_id>")


def _try(request_id: UUID, act: Callable[[], object], told: str) -> ResponseReturnValue:
    """Does it, says so or why not, and goes back to where the request is shown."""
    back = _home(request_id)
    try:
        act()
        flash(told, "good")
    except (Conflict, Invalid) as refused:
        unit.start_over()
        flash(refused.message, "bad")
    return back


def _home(request_id: UUID) -> ResponseReturnValue:
    """The page of the order or of the subscription that the request is about."""
    row = approvals.request_detail(request_id, g.arrival.actor).row
    if row.subject_type == "order":
        return see_other("orders.show_order", number=row.subject_number)
    change = change_detail(row.subject_id)
    if change is None:
        return see_other("subscriptions.list_subscriptions")
    return see_other("subscriptions.show_subscription", number=change.subscription.number)


@area.post("/answer", can="order:withdraw")
def answer(request_id: UUID) -> ResponseReturnValue:
    """Answers a question of whoever decides."""
    form = AnswerForm()
    form.taken()
    return _try(
        request_id,
        lambda: actions.answer(request_id, form.answer.data or "", by=g.arrival.actor),
        _("Answered. Whoever decides gets a mail."),
    )


@area.post("/reminder", can="order:withdraw")
def remind(request_id: UUID) -> ResponseReturnValue:
    """Reminds whoever decides, once a day."""
    EmptyForm().taken()
    return _try(
        request_id, lambda: actions.remind(request_id, by=g.arrival.actor), _("They are reminded by mail.")
    )


@area.post("/offers/<uuid:proposal_id>/answer", can="order:withdraw")
def answer_offer(request_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Agrees to lower quantities, or holds on to what was asked."""
    form = OfferAnswerForm()
    if not form.taken() or form.answer.data not in ("accepted", "declined"):
        return _home(request_id)
    if form.answer.data == "declined":
        return _try(
            request_id,
            lambda: actions.decline_less(proposal_id, by=g.arrival.actor),
            _("It stays as it was asked."),
        )
    try:
        number = actions.accept_less(proposal_id, by=g.arrival.actor)
    except Conflict as refused:
        unit.start_over()
        flash(refused.message, "bad")
        return _home(request_id)
    flash(_("Asked anew with the lower quantities, as order %(number)s.", number=number), "good")
    return see_other("orders.show_order", number=number)
