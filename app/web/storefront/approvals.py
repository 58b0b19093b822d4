"""What waits for the customer's own approvers: the inbox, many decided at once, and one request with all one needs to decide."""

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core import unit
from app.core.errors import Forbidden, Invalid
from app.core.paging import Page
from app.domain.approvals import actions, ports
from app.domain.approvals import queries as approvals
from app.domain.approvals.actions.prices import price_choices
from app.domain.reports.queries import orders as reports
from app.web.kit.approval_file import approval_pdf
from app.web.kit.area import SHOP, Area
from app.web.kit.exports import amount, export_list, moment, state, text
from app.web.kit.inbox import (
    AGES,
    KINDS,
    STATE_OF_VIEW,
    BulkForm,
    DecisionForm,
    asked_of_inbox,
    narrow_of,
    problems_by_number,
)
from app.web.kit.listing import Asked
from app.web.kit.pages import see_other
from app.web.kit.policies import who
from app.web.kit.refusals import attempt, note_self_decision
from app.web.kit.subjects import subject_of
from app.web.kit.talk import OfferForm, QuestionForm, quantities, step_of
from app.web.storefront.frame import shop_page
from app.web.storefront.tellings import order_line, reason_words

area = Area("approvals", __name__, side=SHOP)


@area.get("/approvals", can="approval:read")
def list_approvals() -> ResponseReturnValue:
    """What waits, oldest first; or what was decided."""
    return _list()


def _list(
    status: int = 200, form: BulkForm | None = None, refused: actions.NotAll | None = None
) -> ResponseReturnValue:
    want = asked_of_inbox()
    found = _found(want)
    return shop_page(
        "shop/approvals.html",
        status,
        want=want,
        view=want["view"] or "waiting",
        found=found,
        kinds=KINDS,
        ages=AGES,
        form=form,
        chosen=set(form.chosen.data or ()) if form else set(),
        problems=problems_by_number(found.rows, refused.problems) if refused else [],
    )


def _found(want: Asked) -> Page[approvals.RequestRow]:
    view = want["view"] or "waiting"
    return approvals.inbox(
        g.arrival.actor,
        state=STATE_OF_VIEW[view],
        mine=view == "mine",
        narrow=narrow_of(want),
        sort=want.sort,
        page=want.page,
        size=want.size,
    )


export_list(
    area,
    "/approvals",
    can="approval:read",
    named="approvals",
    rows=lambda: _found(asked_of_inbox().whole()),
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


@area.post("/approvals/decisions", can="approval:decide")
def decide_many() -> ResponseReturnValue:
    """Answers all that were chosen, or none: then the list says which ones cannot be decided like that."""
    form = BulkForm()
    if form.taken():
        try:
            count = actions.decide_all(
                form.requests(), form.answer.data or "", comment=form.comment.data or "", by=g.arrival.actor
            )
            told = (
                ngettext("One request approved.", "%(num)d requests approved.", count)
                if form.answer.data == "approved"
                else ngettext("One request refused.", "%(num)d requests refused.", count)
            )
            flash(told, "good")
            return see_other(".list_approvals")
        except actions.NotAll as refused:
            unit.start_over()
            for request_id in refused.own_ids:
                note_self_decision(request_id)
            return _list(409, form, refused)
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
    return _list(422, form)


@area.get("/approvals/<uuid:request_id>/decision", can="approval:read")
def show_decision(request_id: UUID) -> ResponseReturnValue:
    """The small page that mails lead to: only what a decision needs. Looking at it decides nothing."""
    return _page(request_id, DecisionForm(), 200, template="shop/decision.html")


@area.get("/approvals/<uuid:request_id>/file.pdf", can="approval:read")
def show_file(request_id: UUID) -> ResponseReturnValue:
    """All that is kept about one request, as a PDF for the customer's auditor: nobody's cost and no margin."""
    file = approvals.request_file(request_id, g.arrival.actor)
    return approval_pdf(file, reasons=file.found.verdict.met, told=reason_words, customer=True)


@area.route("/approvals/<uuid:request_id>", methods=["GET", "POST"], can="approval:read")
def show_approval(request_id: UUID) -> ResponseReturnValue:
    """One request. A POST decides it; whoever was a moment late reads who decided and when."""
    form = DecisionForm()

    def wrong(invalid: Invalid) -> ResponseReturnValue:
        form.blame(invalid)
        return _page(request_id, form, 422)

    if form.taken():
        return attempt(
            request_id,
            lambda: _decide(request_id, form),
            late=lambda late: _page(request_id, form, 409, late.message),
            wrong=wrong,
        )
    return _page(request_id, form, 422 if form.has_errors else 200)


def _decide(request_id: UUID, form: DecisionForm) -> ResponseReturnValue:
    actor = g.arrival.actor
    if not actor.can("approval:decide"):
        raise Forbidden(_("Your role does not include this."))
    decision = actions.decide(
        request_id,
        form.answer.data or "",
        digest=form.digest.data or "",
        step=form.step_number,
        comment=form.comment.data or "",
        at_amount=form.amount,
        by=actor,
    )
    is_yes = decision.answer == "approved"
    flash(_("Approved. It goes on its way.") if is_yes else _("Refused. The buyer is told why."), "good")
    return see_other(".show_approval", request_id=request_id)


@area.post("/approvals/<uuid:request_id>/question", can="approval:decide")
def ask_back(request_id: UUID) -> ResponseReturnValue:
    """Sends the request back with a question."""
    form = QuestionForm()
    if not form.taken():
        return _page(request_id, DecisionForm(formdata=None), 422)
    return _try(
        request_id,
        lambda: actions.send_back(
            request_id, form.comment.data or "", step=step_of(form), by=g.arrival.actor
        ),
        _("Asked. The buyer gets a mail, and the answer stands here."),
    )


@area.post("/approvals/<uuid:request_id>/offer", can="approval:decide")
def offer_less(request_id: UUID) -> ResponseReturnValue:
    """Offers to approve lower quantities."""
    form = OfferForm()
    if not form.taken():
        return _page(request_id, DecisionForm(formdata=None), 422)
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
        _("Offered. Nothing changes until the buyer agrees."),
    )


def _try(request_id: UUID, act: Callable[[], object], told: str) -> ResponseReturnValue:
    def done() -> ResponseReturnValue:
        act()
        flash(told, "good")
        return see_other(".show_approval", request_id=request_id)

    return attempt(
        request_id,
        done,
        late=lambda late: _page(request_id, DecisionForm(formdata=None), 409, late.message),
        wrong=lambda invalid: _page(request_id, DecisionForm(formdata=None), 422, errors=invalid.errors),
    )


def _page(
    request_id: UUID,
    form: DecisionForm,
    status: int,
    problem: str = "",
    *,
    errors: Mapping[str, str] | None = None,
    template: str = "shop/approval.html",
) -> ResponseReturnValue:
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
    subject = ports.subject(found.row.subject_type)
    return shop_page(
        template,
        status,
        found=found,
        row=found.row,
        form=form,
        now=now if moved else None,
        choices=choices,
        problem=problem,
        order=detail.order if detail else None,
        **subject_of(found.row.subject_type, found.row.subject_id),
        lines=[order_line(row) for row in detail.lines] if detail else [],
        reducible=[row.line for row in detail.lines]
        if detail and isinstance(subject, ports.Reducible)
        else [],
        trouble={"errors": errors or {}, "quantities": request.form if errors else {}},
        who=who,
    )
