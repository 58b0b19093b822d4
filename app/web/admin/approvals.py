"""The queue of what waits for a decision, and one request with everything a person needs to decide it."""

from uuid import UUID

from flask import g, request
from flask.typing import ResponseReturnValue

from app.domain.approvals import queries as approvals
from app.web.admin.approval_detail import detail_page
from app.web.kit.area import PLATFORM, Area
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
    ask = asked(SORTS, "", view=VIEWS, account=None)
    view = ask["view"] or ("mine" if counts.mine else "waiting")
    return page(
        template,
        ask=ask,
        view=view,
        counts=counts,
        found=_found(ask, view),
        query=request.query_string.decode("ascii", "ignore"),
    )


def _found(ask: Asked, view: str) -> object:
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


@area.get("/approvals/<uuid:request_id>", can="approval:read")
def show_approval(request_id: UUID) -> ResponseReturnValue:
    """One request."""
    return detail_page(request_id)
