"""The queue of what waits for a decision, and one request with everything a person needs to decide it."""

from uuid import UUID

from flask import g, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.core.paging import Page
from app.domain.approvals import queries as approvals
from app.web.admin.approval_detail import detail_page
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import amount, export_list, moment, state, text
from app.web.kit.listing import Asked, asked, uuid_of
from app.web.kit.pages import page

area = Area("admin_approvals", __name__, side=PLATFORM, url_prefix="/admin")

VIEWS = ("mine", "waiting", "decided", "all")
STATE_OF_VIEW = {"mine": "pending", "waiting": "pending", "decided": "closed", "all": ""}
SORTS = ("asked", "amount", "expires", "account", "number")


@area.get("/approvals", can="approval:read")
def list_approvals() -> ResponseReturnValue:
    """The queue: mine to decide first, then all that waits, what was decided, everything."""
    return _queue("admin/approvals/list.html")


@area.get("/parts/approvals", can="approval:read")
def show_queue() -> ResponseReturnValue:
    """The queue's table alone, for polling."""
    g.part_of = "/admin/approvals"
    return _queue("admin/parts/approvals.html")


def _queue(template: str) -> ResponseReturnValue:
    actor = g.arrival.actor
    counts = approvals.waiting_counts(actor)
    g.approvals_waiting = counts.mine if actor.can("approval:decide") else counts.waiting
    ask = _ask()
    view = _view(ask, counts)
    return page(
        template,
        ask=ask,
        view=view,
        counts=counts,
        found=_found(ask, view),
        query=request.query_string.decode("ascii", "ignore"),
    )


def _ask() -> Asked:
    return asked(SORTS, "", view=VIEWS, account=None)


def _view(ask: Asked, counts: approvals.Counts) -> str:
    return ask["view"] or ("mine" if counts.mine else "waiting")


def _found(ask: Asked, view: str) -> Page[approvals.RequestRow]:
    return approvals.inbox(
        g.arrival.actor,
        state=STATE_OF_VIEW[view],
        mine=view == "mine",
        q=ask.q,
        account_id=uuid_of(ask["account"]),
        sort=ask.sort,
        page=ask.page,
        size=ask.size,
    )


export_list(
    area,
    "/approvals",
    can="approval:read",
    named="approvals",
    rows=lambda: _found(_ask().whole(), _view(_ask(), approvals.waiting_counts(g.arrival.actor))),
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
