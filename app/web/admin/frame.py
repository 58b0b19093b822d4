"""What stands around every page of the console: how many requests wait and notices are unread, kept up to date by polling."""

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from app.domain.approvals import queries as approvals
from app.domain.notices.queries import unread_count
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import page

area = Area("admin_parts", __name__, side=PLATFORM, url_prefix="/admin/parts")


@area.app_context_processor
def count_what_waits() -> dict[str, Any]:
    """`nav_counts` for the sidebar; asked once per page and only for those who may see the queue."""
    arrival = g.get("arrival")
    if arrival is None or arrival.actor.realm != "console" or not arrival.actor.can("approval:read"):
        return {}
    return {"nav_counts": {"/admin/approvals": _waiting()}}


@area.app_context_processor
def count_what_is_unread() -> dict[str, Any]:
    """`unread_count` for the bell of the reseller's people; asked once per page."""
    arrival = g.get("arrival")
    if arrival is None or arrival.actor.realm != "console":
        return {}
    if "unread_count" not in g:
        g.unread_count = unread_count(arrival.actor)
    return {"unread_count": g.unread_count}


def _waiting() -> int:
    if "approvals_waiting" not in g:
        counts = approvals.waiting_counts(g.arrival.actor)
        g.approvals_waiting = counts.mine if g.arrival.actor.can("approval:decide") else counts.waiting
    return g.approvals_waiting


@area.get("/approval-count", can="approval:read")
def show_approval_count() -> ResponseReturnValue:
    """The number in the sidebar, for polling."""
    return page("admin/parts/approval-count.html", count=_waiting())
