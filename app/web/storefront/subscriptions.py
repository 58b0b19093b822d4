"""What a customer has: subscriptions, their seats, terms and what they cost."""

from datetime import date, timedelta
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.money import Money
from app.core.paging import Page
from app.domain.pricing.rules.cycles import Cycle, charge_cycle
from app.domain.reports.queries import subscriptions as reports
from app.domain.subscriptions.models import SUBSCRIPTION, Subscription
from app.domain.subscriptions.queries.changes import changes_of
from app.web.kit.area import SHOP, Area
from app.web.kit.exports import amount, day, export_list, number, state, text
from app.web.kit.filters import charge_words
from app.web.kit.listing import Asked, asked
from app.web.kit.pages import page
from app.web.kit.prices import steps_of
from app.web.storefront.frame import shop_page

area = Area("subscriptions", __name__, side=SHOP)
parts = Area("subscription_parts", __name__, side=SHOP, url_prefix="/parts")


@area.get("/subscriptions", can="subscription:read")
def list_subscriptions() -> ResponseReturnValue:
    """All subscriptions of this customer; the newest first unless asked otherwise."""
    want = _want()
    return shop_page(
        "shop/subscriptions.html",
        want=want,
        found=_found(want),
        states=reports.states(q=want.q),
        cycle_of=_cycle,
        charge_of=_charge,
        last_day_of=_last_day,
    )


def _want() -> Asked:
    return asked(("title", "seats", "renews", "started"), "-started", state=SUBSCRIPTION.states)


def _found(want: Asked) -> Page[Any]:
    return reports.subscriptions(
        q=want.q, state=want["state"], sort=want.sort, page=want.page, size=want.size
    )


export_list(
    area,
    "/subscriptions",
    can="subscription:read",
    named="subscriptions",
    rows=lambda: _found(_want().whole()),
    columns=[
        text(_l("Subscription"), "Subscription.number"),
        text(_l("Product"), "Subscription.title"),
        text(_l("Vendor"), "vendor_name"),
        state(_l("State"), "subscription", "Subscription.state"),
        number(_l("Quantity"), "Subscription.vendor_quantity"),
        text(_l("Currency"), "Subscription.currency"),
        amount(_l("Unit price"), "Subscription.unit_amount", "Subscription.currency"),
        amount(_l("Price"), lambda row: _charge(row.Subscription)),
        text(_l("Charged"), lambda row: charge_words(_cycle(row.Subscription))),
        day(_l("Started"), "Subscription.started_at"),
        day(_l("Renews"), "Subscription.renews_on"),
        day(_l("Last day"), lambda row: _last_day(row.Subscription)),
    ],
)


@area.get("/subscriptions/<number>", can="subscription:read")
def show_subscription(number: str) -> ResponseReturnValue:
    """One subscription: how many, until when, at what price, what can be changed, and what was."""
    return shop_page("shop/subscription.html", **_context(number))


@parts.get("/subscriptions/<number>", can="subscription:read")
def show_progress(number: str) -> ResponseReturnValue:
    """The part of a subscription's page that moves while a change is on its way, for polling."""
    return page("shop/subscription_part.html", **_context(number))


def _context(number: str) -> dict[str, Any]:
    row = reports.subscription(number)
    subscription = row.Subscription
    return {
        "subscription": subscription,
        "vendor": row.vendor_name,
        "cycle": _cycle(subscription),
        "unit_price": Money(subscription.unit_amount, subscription.currency),
        "charge": _charge(subscription),
        "last_day": _last_day(subscription),
        "batches": reports.batches(subscription.id),
        "changes": changes_of(subscription.id),
        "steps": steps_of(subscription.quote, with_cost=False),
        "now": clock.now(),
    }


def _cycle(subscription: Subscription) -> Cycle:
    return charge_cycle(subscription.term, subscription.billing_plan)


def _last_day(subscription: Subscription) -> date:
    """The last day of the term; what is stored is the first day after it."""
    return subscription.term_ends_on - timedelta(days=1)


def _charge(subscription: Subscription) -> Money:
    """What all units that the vendor counts come to, each charge; the unit amount is rounded already."""
    return Money(subscription.unit_amount, subscription.currency) * subscription.vendor_quantity
