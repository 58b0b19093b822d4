"""Subscriptions of all customers: the list, and one of them in full."""

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.paging import Page
from app.domain.reports.queries import subscriptions
from app.domain.reports.queries.accounts import names_of
from app.domain.subscriptions.models import SUBSCRIPTION
from app.domain.subscriptions.queries.changes import changes_of, story_of
from app.web.kit.area import PLATFORM, Area
from app.web.kit.choices import words
from app.web.kit.exports import amount, day, export_list, number, state, text, yes
from app.web.kit.happenings import timeline
from app.web.kit.listing import Asked, asked, uuid_of
from app.web.kit.pages import page

area = Area("admin_subscriptions", __name__, side=PLATFORM, url_prefix="/admin/subscriptions")
parts = Area("admin_subscription_parts", __name__, side=PLATFORM, url_prefix="/admin/parts")


@area.get("", can="subscription:read")
def list_subscriptions() -> ResponseReturnValue:
    """Search, state, customer, order, page."""
    ask = _ask()
    account_id = uuid_of(ask["account"])
    return page(
        "admin/subscriptions/list.html",
        ask=ask,
        states=subscriptions.states(q=ask.q, account_id=account_id),
        account_name=names_of([account_id]).get(account_id) if account_id else None,
        found=_found(ask),
        all_states=SUBSCRIPTION.states,
    )


def _ask() -> Asked:
    return asked(subscriptions.SORTS, "-started", state=SUBSCRIPTION.states, account=None)


def _found(ask: Asked) -> Page[Any]:
    account_id = uuid_of(ask["account"])
    return subscriptions.subscriptions(
        q=ask.q, state=ask["state"], account_id=account_id, sort=ask.sort, page=ask.page, size=ask.size
    )


export_list(
    area,
    "",
    can="subscription:read",
    named="subscriptions",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Subscription"), "Subscription.number"),
        text(_l("Product"), "Subscription.title"),
        text(_l("Vendor"), "vendor_name"),
        text(_l("Vendor's id"), "Subscription.vendor_subscription_id"),
        text(_l("Customer"), "account_name"),
        state(_l("State"), "subscription", "Subscription.state"),
        number(_l("Seats"), "Subscription.requested_quantity"),
        number(_l("Seats at the vendor"), "Subscription.vendor_quantity"),
        text(_l("Currency"), "Subscription.currency"),
        amount(_l("Price"), "Subscription.unit_amount", "Subscription.currency"),
        text(_l("Term"), lambda row: words("term", row.Subscription.term)),
        text(_l("Billing"), lambda row: words("plan", row.Subscription.billing_plan)),
        day(_l("Started"), "Subscription.started_at"),
        day(_l("Term ends"), "Subscription.term_ends_on"),
        yes(
            _l("Renews by itself"),
            lambda row: row.Subscription.is_auto_renewed and row.Subscription.renews_on,
        ),
    ],
)


@area.get("/<number>", can="subscription:read")
def show_subscription(number: str) -> ResponseReturnValue:
    """One subscription: seats, term, price, what the vendor calls it, what was changed, what happened."""
    return _show(number, "admin/subscriptions/detail.html")


@parts.get("/subscriptions/<number>", can="subscription:read")
def show_subscription_progress(number: str) -> ResponseReturnValue:
    """The part of a subscription's page that moves while a change is on its way, for polling."""
    return _show(number, "admin/parts/subscription.html")


def _show(number: str, template: str) -> ResponseReturnValue:
    row = subscriptions.subscription(number)
    changes = changes_of(row.Subscription.id)
    return page(
        template,
        subscription=row.Subscription,
        account_name=row.account_name,
        vendor_name=row.vendor_name,
        batches=subscriptions.batches(row.Subscription.id),
        changes=changes,
        events=timeline(story_of(row.Subscription.id, changes)),
        now=clock.now(),
    )
