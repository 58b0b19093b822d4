"""The one inbox: everything that waits for a decision, narrowed, sorted, decided one by one or many at once."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core import unit
from app.core.errors import Conflict, Invalid
from app.core.paging import Page
from app.domain.approvals import actions
from app.domain.approvals import queries as approvals
from app.domain.reports.queries import orders
from app.web.admin.approval_detail import detail_page
from app.web.kit.approval_file import Inside, approval_pdf
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import amount, export_list, moment, state, text
from app.web.kit.inbox import (
    AGES,
    KINDS,
    STATE_OF_VIEW,
    BulkForm,
    ViewForm,
    address_of,
    asked_of_inbox,
    filters_of,
    narrow_of,
    problems_by_number,
    query_of_page,
)
from app.web.kit.listing import Asked
from app.web.kit.pages import page, see_other
from app.web.kit.policies import reason_inside
from app.web.kit.refusals import note_self_decision

area = Area("admin_approvals", __name__, side=PLATFORM, url_prefix="/admin")


@area.get("/approvals", can="approval:read")
def list_approvals() -> ResponseReturnValue:
    """The queue: mine to decide first, then all that waits, what was decided, everything."""
    return _queue("admin/approvals/list.html")


@area.get("/parts/approvals", can="approval:read")
def show_queue() -> ResponseReturnValue:
    """The queue's table alone, for polling."""
    g.part_of = "/admin/approvals"
    return _queue("admin/parts/approvals.html")


def _queue(
    template: str, status: int = 200, form: BulkForm | None = None, refused: actions.NotAll | None = None
) -> ResponseReturnValue:
    actor = g.arrival.actor
    counts = approvals.waiting_counts(actor)
    g.approvals_waiting = counts.mine if actor.can("approval:decide") else counts.waiting
    ask = asked_of_inbox()
    view = _view(ask, counts)
    found = _found(ask, view)
    names = {row.account_id: row.account_name for row in found.rows}
    return page(
        template,
        status,
        ask=ask,
        view=view,
        counts=counts,
        found=found,
        query=query_of_page(),
        kinds=KINDS,
        ages=AGES,
        filters=filters_of(ask, next(iter(names.values()), "")),
        views=approvals.views_of(actor.person_id) if template.endswith("list.html") else [],
        address=address_of(ask),
        form=form,
        chosen=set(form.chosen.data or ()) if form else set(),
        problems=problems_by_number(found.rows, refused.problems) if refused else [],
    )


def _view(ask: Asked, counts: approvals.Counts) -> str:
    return ask["view"] or ("mine" if counts.mine else "waiting")


def _found(ask: Asked, view: str) -> Page[approvals.RequestRow]:
    return approvals.inbox(
        g.arrival.actor,
        state=STATE_OF_VIEW[view],
        mine=view == "mine",
        narrow=narrow_of(ask),
        sort=ask.sort,
        page=ask.page,
        size=ask.size,
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
            return _queue("admin/approvals/list.html", 409, form, refused)
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
    return _queue("admin/approvals/list.html", 422, form)


@area.post("/approvals/views", can="approval:read")
def save_view() -> ResponseReturnValue:
    """Keeps the filters of the page under a name."""
    form = ViewForm()
    if form.taken():
        try:
            actions.save_view(form.name.data or "", form.query.data or "", by=g.arrival.actor)
            flash(_("The view is saved."), "good")
        except (Invalid, Conflict) as refused:
            flash(refused.message, "bad")
    return see_other(".list_approvals")


@area.post("/approvals/views/<uuid:view_id>/removal", can="approval:read")
def remove_view(view_id: UUID) -> ResponseReturnValue:
    """Forgets a saved view of one's own."""
    if ViewForm().taken():
        actions.remove_view(view_id, by=g.arrival.actor)
    return see_other(".list_approvals")


export_list(
    area,
    "/approvals",
    can="approval:read",
    named="approvals",
    rows=lambda: _found(
        asked_of_inbox().whole(), _view(asked_of_inbox(), approvals.waiting_counts(g.arrival.actor))
    ),
    columns=[
        text(_l("Order"), "subject_number"),
        text(_l("Request"), "summary"),
        text(_l("Customer"), "account_name"),
        text(_l("Currency"), "total.currency"),
        amount(_l("Amount"), "total"),
        text(_l("Asked by"), "requested_by_name"),
        moment(_l("Asked"), "requested_at"),
        moment(_l("Expires"), "expires_at"),
        state(_l("State"), "approval", "state"),
        text(_l("Decided by"), lambda row: row.decided_by_name if row.state != "pending" else ""),
        moment(_l("Closed"), "closed_at"),
    ],
)


@area.get("/approvals/<uuid:request_id>", can="approval:read")
def show_approval(request_id: UUID) -> ResponseReturnValue:
    """One request."""
    return detail_page(request_id)


@area.get("/approvals/<uuid:request_id>/file.pdf", can="approval:read")
def show_file(request_id: UUID) -> ResponseReturnValue:
    """All that is kept about one request, as a PDF for an auditor. Cost and margin for those who may see cost."""
    file = approvals.request_file(request_id, g.arrival.actor)
    sees_cost = g.arrival.actor.can("cost:read")
    detail = None
    if sees_cost and file.found.row.subject_type == "order":
        detail = orders.order_by_id(file.found.row.subject_id)
    return approval_pdf(
        file,
        reasons=file.found.verdict.reasons,
        told=reason_inside if sees_cost else lambda reason: reason.sentence,
        customer=False,
        inside=Inside(detail.cost, detail.margin) if detail else None,
    )
