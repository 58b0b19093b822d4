"""The reseller's first page: what waits, how business goes, what happened last."""

from flask import g
from flask.typing import ResponseReturnValue

from app.domain.approvals import queries as approvals
from app.domain.reports.queries import overview
from app.web.kit.area import PLATFORM, Area
from app.web.kit.happenings import tell
from app.web.kit.pages import page

area = Area("admin_overview", __name__, side=PLATFORM)


@area.get("/admin", can="console:enter")
def show_overview() -> ResponseReturnValue:
    """What waits for me first, then the figures, then the latest events."""
    shop, actor = g.arrival.shop, g.arrival.actor
    waiting = (
        approvals.inbox(actor, mine=actor.can("approval:decide"), size=5)
        if actor.can("approval:read")
        else None
    )
    if waiting is not None:
        g.approvals_waiting = waiting.total
    months = overview.months(shop.time_zone, shop.currency)
    return page(
        "admin/overview.html",
        waiting=waiting,
        states=overview.order_states(),
        months=[month for month in months if month.currency == shop.currency],
        elsewhere=[month for month in months if month.currency != shop.currency],
        subscriptions=overview.subscription_figures(shop.time_zone),
        events=[tell(event, about=name or "") for event, name in overview.latest_events()],
    )
