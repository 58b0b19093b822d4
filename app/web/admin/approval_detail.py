"""The page of one request, as it is looked at and as it answers a decision that could not be taken."""

from typing import Any
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.core import events
from app.core.money import parse_amount
from app.domain.approvals import ports
from app.domain.approvals import queries as approvals
from app.domain.approvals.actions.prices import price_choices
from app.domain.reports.queries import orders
from app.domain.subscriptions.queries.changes import change_detail
from app.web.kit.forms import Form, RadioField
from app.web.kit.happenings import timeline
from app.web.kit.pages import page
from app.web.kit.prices import steps_of


class DecisionForm(Form):
    """The answer to one step. `digest` and `step` are what the page showed; `at_amount` which of two prices, once it moved."""

    digest = HiddenField()
    step = HiddenField()
    at_amount = RadioField(_l("Approve at"), choices=[], validate_choice=False)
    answer = HiddenField()
    comment = TextAreaField(_l("Comment"), [Length(max=2000, message=_l("Use at most 2,000 characters."))])

    @property
    def amount(self) -> Any:
        """The chosen total, or None."""
        return parse_amount(self.at_amount.data or "")


def detail_page(
    request_id: UUID,
    form: DecisionForm | None = None,
    status: int = 200,
    problem: str = "",
    changes: Any = (),
) -> ResponseReturnValue:
    """The request `request_id` with the form to decide it; `problem` and `changes` say why a decision was not taken."""
    actor = g.arrival.actor
    found = approvals.request_detail(request_id, actor)
    now = choices = None
    if found.row.state == "pending":
        now = ports.subject(found.row.subject_type).price_now(found.row.subject_id)
        if now.moved or now.total != found.row.total:
            choices = price_choices(found.row.total, now, is_customer=False, is_agreed=bool(found.decisions))
    if form is None or problem:
        typed = form.comment.data if form is not None else ""
        form = DecisionForm(
            formdata=None, data={"digest": found.digest, "step": str(found.row.step), "comment": typed}
        )
    form.at_amount.choices = [(str(choice.amount), choice) for choice in choices or ()]
    is_order = found.row.subject_type == "order"
    detail = orders.order_by_id(found.row.subject_id) if is_order else None
    return page(
        "admin/approvals/detail.html",
        status,
        found=found,
        row=found.row,
        form=form,
        now=now,
        choices=choices,
        problem=problem,
        changes=changes,
        detail=detail,
        change=None if is_order else change_detail(found.row.subject_id),
        steps_of=lambda line: steps_of(line.quote, with_cost=actor.can("cost:read")),
        recent=orders.orders(account_id=found.row.account_id, size=6),
        events=timeline(events.timeline(request_id)),
    )
