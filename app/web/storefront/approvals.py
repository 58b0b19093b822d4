"""What waits for the customer's own approvers, and one request with everything needed to decide it."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.core import unit
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.money import parse_amount
from app.core.paging import Page
from app.domain.approvals import actions, ports
from app.domain.approvals import queries as approvals
from app.domain.approvals.actions.prices import price_choices
from app.domain.approvals.errors import SelfDecision
from app.domain.reports.queries import orders as reports
from app.domain.subscriptions.queries.changes import change_detail
from app.web.kit.area import SHOP, Area
from app.web.kit.exports import amount, export_list, moment, state, text
from app.web.kit.forms import Form, RadioField
from app.web.kit.listing import Asked, asked
from app.web.kit.pages import see_other
from app.web.kit.refusals import note_self_decision
from app.web.storefront.frame import shop_page
from app.web.storefront.tellings import order_line

area = Area("approvals", __name__, side=SHOP)

STATE_OF_VIEW = {"waiting": "pending", "decided": "closed"}


class DecisionForm(Form):
    """The answer. `digest` and `step` are what the page showed; `at_amount` which of two prices, once it moved."""

    digest = HiddenField()
    step = HiddenField()
    answer = HiddenField()
    at_amount = RadioField(_l("Approve at"), choices=[], validate_choice=False)
    comment = TextAreaField(_l("Comment"), [Length(max=2000, message=_l("Use at most 2,000 characters."))])


@area.get("/approvals", can="approval:read")
def list_approvals() -> ResponseReturnValue:
    """What waits, oldest first; or what was decided."""
    want = _want()
    return shop_page("shop/approvals.html", want=want, view=want["view"] or "waiting", found=_found(want))


def _want() -> Asked:
    return asked((), "", view=STATE_OF_VIEW)


def _found(want: Asked) -> Page[approvals.RequestRow]:
    state = STATE_OF_VIEW[want["view"] or "waiting"]
    return approvals.inbox(g.arrival.actor, state=state, q=want.q, page=want.page, size=want.size)


export_list(
    area,
    "/approvals",
    can="approval:read",
    named="approvals",
    rows=lambda: _found(_want().whole()),
    columns=[
        text(_l("Order"), "subject_number"),
        text(_l("What"), "summary"),
        text(_l("Asked by"), "requested_by_name"),
        moment(_l("Asked"), "requested_at"),
        state(_l("State"), "approval", "state"),
        text(_l("Decided by"), lambda row: row.decided_by_name if row.state != "pending" else ""),
        moment(_l("Closed"), "closed_at"),
        text(_l("Currency"), "total.currency"),
        amount(_l("All charges"), "total"),
    ],
)


@area.route("/approvals/<uuid:request_id>", methods=["GET", "POST"], can="approval:read")
def show_approval(request_id: UUID) -> ResponseReturnValue:
    """One request. A POST decides it; whoever was a moment late reads who decided and when."""
    form = DecisionForm()
    if form.taken():
        try:
            return _decide(request_id, form)
        except Conflict as late:
            unit.start_over()
            return _page(request_id, form, 409, late.message)
        except SelfDecision:
            note_self_decision(request_id)
            raise
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
    return _page(request_id, form, 422 if form.has_errors else 200)


def _decide(request_id: UUID, form: DecisionForm) -> ResponseReturnValue:
    actor = g.arrival.actor
    if not actor.can("approval:decide"):
        raise Forbidden(_("Your role does not include this."))
    step = form.step.data or ""
    decision = actions.decide(
        request_id,
        form.answer.data or "",
        digest=form.digest.data or "",
        step=int(step) if step.isascii() and step.isdigit() and len(step) < 4 else -1,
        comment=form.comment.data or "",
        at_amount=parse_amount(form.at_amount.data or ""),
        by=actor,
    )
    is_yes = decision.answer == "approved"
    flash(_("Approved. It goes on its way.") if is_yes else _("Refused. The buyer is told why."), "good")
    return see_other(".show_approval", request_id=request_id)


def _page(request_id: UUID, form: DecisionForm, status: int, problem: str = "") -> ResponseReturnValue:
    found = approvals.request_detail(request_id, g.arrival.actor)
    now = ports.subject(found.row.subject_type).price_now(found.row.subject_id) if found.row.is_mine else None
    moved = now is not None and (now.moved or now.total != found.row.total)
    choices = (
        price_choices(found.row.total, now, is_customer=True, is_agreed=bool(found.decisions))
        if now is not None and moved
        else ()
    )
    is_order = found.row.subject_type == "order"
    detail = reports.order_by_id(found.row.subject_id) if is_order else None
    return shop_page(
        "shop/approval.html",
        status,
        found=found,
        row=found.row,
        form=form,
        now=now if moved else None,
        choices=choices,
        problem=problem,
        order=detail.order if detail else None,
        change=None if is_order else change_detail(found.row.subject_id),
        lines=[order_line(row) for row in detail.lines] if detail else [],
    )
