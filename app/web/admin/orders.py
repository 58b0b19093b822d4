"""Orders of all customers: the list, one order in full with its delivery, and its cancellation while nothing is bought."""

from typing import Any

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.core import events
from app.core.paging import Page
from app.domain.orders import actions
from app.domain.orders.models import ORDER
from app.domain.reports.queries import orders
from app.domain.reports.queries.accounts import names_of
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import amount, export_list, moment, number, state, text, yes
from app.web.kit.forms import Form
from app.web.kit.happenings import timeline
from app.web.kit.listing import Asked, asked, uuid_of
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.prices import steps_of

area = Area("admin_orders", __name__, side=PLATFORM, url_prefix="/admin")

RUNNING = ("new", "on_hold", "confirmed", "in_progress")


@area.get("/orders", can="order:read")
def list_orders() -> ResponseReturnValue:
    """Search, state, customer, order, page."""
    ask = _ask()
    account_id = uuid_of(ask["account"])
    return page(
        "admin/orders/list.html",
        ask=ask,
        states=orders.states(q=ask.q, account_id=account_id),
        account_name=names_of([account_id]).get(account_id) if account_id else None,
        found=_found(ask),
    )


def _ask() -> Asked:
    return asked(orders.SORTS, "-placed", state=ORDER.states, account=None)


def _found(ask: Asked) -> Page[Any]:
    account_id = uuid_of(ask["account"])
    return orders.orders(
        q=ask.q, state=ask["state"], account_id=account_id, sort=ask.sort, page=ask.page, size=ask.size
    )


export_list(
    area,
    "/orders",
    can="order:read",
    named="orders",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Order"), "Order.number"),
        text(_l("Customer"), "account_name"),
        state(_l("State"), "order", "Order.state"),
        moment(_l("Placed"), "Order.placed_at"),
        text(_l("Placed by"), "Order.placed_by_name"),
        yes(_l("On behalf"), "Order.is_on_behalf"),
        text(_l("Purchase order"), "Order.purchase_order_number"),
        text(_l("First line"), "title"),
        number(_l("Lines"), "lines"),
        text(_l("Currency"), "Order.currency"),
        amount(_l("First charge"), "Order.total_amount", "Order.currency"),
        amount(_l("Whole term"), "Order.commitment_amount", "Order.currency"),
        amount(_l("Cost"), "cost", "Order.currency", can="cost:read"),
    ],
)


@area.get("/orders/<number>", can="order:read")
def show_order(number: str) -> ResponseReturnValue:
    """One order: lines, delivery, what the vendor calls it, what happened."""
    return _show(number, "admin/orders/detail.html")


@area.get("/parts/orders/<number>", can="order:read")
def show_order_progress(number: str) -> ResponseReturnValue:
    """The part of an order's page that moves while it is delivered, for polling."""
    return _show(number, "admin/parts/order.html")


def _show(number: str, template: str) -> ResponseReturnValue:
    detail = orders.order(number)
    with_cost = g.arrival.actor.can("cost:read")
    return page(
        template,
        detail=detail,
        order=detail.order,
        events=timeline(events.timeline(detail.order.id)),
        steps_of=lambda line: steps_of(line.quote, with_cost=with_cost),
        is_running=detail.order.state in RUNNING,
    )


class CancellationForm(Form):
    """Why; the buyer reads it."""

    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Say why, so that the buyer knows.")),
            Length(max=500, message=_l("Use at most 500 characters.")),
        ],
    )


@area.route("/orders/<number>/cancellation", methods=["GET", "POST"], can="order:manage")
def cancel_order(number: str) -> ResponseReturnValue:
    """Asks for a reason, then cancels an order that waits for a decision."""
    detail = orders.order(number)
    form = CancellationForm()
    if form.taken():
        actions.cancel(detail.order.id, reason=form.reason.data or "", by=g.arrival.actor)
        flash(_("Order %(number)s is cancelled. Nothing was bought.", number=number), "good")
        return see_other(".show_order", number=number)
    return form_page("admin/orders/cancel.html", form, detail=detail, order=detail.order)
