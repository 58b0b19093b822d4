"""Changing a customer's subscription on its behalf: through the same gate as its buyers' own changes."""

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import jobs
from app.domain.reports.queries import subscriptions as reports
from app.domain.subscriptions import actions
from app.domain.subscriptions.queries.changes import change_by_number
from app.web.kit.area import PLATFORM, Area
from app.web.kit.changes import change
from app.web.kit.pages import page, see_other

area = Area(
    "admin_subscription_changes",
    __name__,
    side=PLATFORM,
    url_prefix="/admin/subscriptions/<number>",
)


def _change(number: str, noun: str) -> ResponseReturnValue:
    row = reports.subscription(number)
    return change(
        noun,
        row.Subscription,
        render=lambda shown, status: page(
            "admin/subscriptions/change.html", status, change=shown, account_name=row.account_name
        ),
        done=lambda _asked: see_other("admin_subscriptions.show_subscription", number=number),
    )


@area.route("/seats", methods=["GET", "POST"], can="subscription:change")
def change_seats(number: str) -> ResponseReturnValue:
    """More or fewer seats, with what it comes to for the customer."""
    return _change(number, "seats")


@area.route("/cancellation", methods=["GET", "POST"], can="subscription:change")
def cancel_subscription(number: str) -> ResponseReturnValue:
    """With its term, or now while the vendor allows it."""
    return _change(number, "cancellation")


@area.route("/renewal", methods=["GET", "POST"], can="subscription:change")
def change_renewal(number: str) -> ResponseReturnValue:
    """How many and for how long after this term."""
    return _change(number, "renewal")


@area.route("/term", methods=["GET", "POST"], can="subscription:change")
def change_term(number: str) -> ResponseReturnValue:
    """A longer term that begins now."""
    return _change(number, "term")


@area.post("/changes/<change_number>/withdrawal", can="subscription:change")
def withdraw_change(number: str, change_number: str) -> ResponseReturnValue:
    """Takes a change back while it waits for approval."""
    found = change_by_number(reports.subscription(number).Subscription.id, change_number)
    actions.withdraw_change(found.id, by=g.arrival.actor)
    flash(_("Change %(number)s is taken back. Nothing has changed.", number=change_number), "good")
    return see_other("admin_subscriptions.show_subscription", number=number)


@area.post("/synchronization", can="subscription:change")
def read_again(number: str) -> ResponseReturnValue:
    """Asks for a reading at the vendor, by job; the page shows when it was last read."""
    row = reports.subscription(number).Subscription
    jobs.defer(
        "subscriptions.read",
        tenant_id=row.tenant_id,
        subscription_id=row.id,
        lock=f"subscription:{row.id}",
    )
    flash(_("The vendor is being asked. Differences come to the drift desk."), "info")
    return see_other("admin_subscriptions.show_subscription", number=number)
