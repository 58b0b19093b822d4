"""Changing what a customer has: seats, the end, the renewal, a longer term; and taking a change back while it waits."""

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.domain.reports.queries import subscriptions as reports
from app.domain.subscriptions import actions
from app.domain.subscriptions.queries.changes import change_by_number
from app.web.kit.area import SHOP, Area
from app.web.kit.changes import change
from app.web.kit.pages import see_other
from app.web.storefront.frame import shop_page

area = Area("subscription_changes", __name__, side=SHOP, url_prefix="/subscriptions/<number>")


def _change(number: str, noun: str) -> ResponseReturnValue:
    row = reports.subscription(number)
    return change(
        noun,
        row.Subscription,
        render=lambda page, status: shop_page(
            "shop/subscription_change.html", status, change=page, vendor=row.vendor_name
        ),
        done=lambda _asked: see_other("subscriptions.show_subscription", number=number),
    )


@area.route("/seats", methods=["GET", "POST"], can="subscription:change")
def change_seats(number: str) -> ResponseReturnValue:
    """More or fewer seats, with what it comes to."""
    return _change(number, "seats")


@area.route("/cancellation", methods=["GET", "POST"], can="subscription:change")
def cancel_subscription(number: str) -> ResponseReturnValue:
    """With its term, or now while the vendor allows it; and what happens then."""
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
    return see_other("subscriptions.show_subscription", number=number)
