"""A customer's orders: the list, one order as it goes along, taking it back, and buying the same again."""

from typing import Any

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.core.paging import Page
from app.domain.approvals.queries import RequestDetail, request_detail
from app.domain.orders import actions
from app.domain.orders.models import ORDER, Order
from app.domain.reports.queries import orders as reports
from app.web.kit.area import SHOP, Area
from app.web.kit.exports import amount, export_list, moment, number, state, text
from app.web.kit.forms import Form
from app.web.kit.listing import Asked, asked
from app.web.kit.pages import page, see_other
from app.web.storefront.frame import shop_page
from app.web.storefront.tellings import order_line, reason_words, story_of

area = Area("orders", __name__, side=SHOP)
parts = Area("order_parts", __name__, side=SHOP, url_prefix="/parts")

MOVING = ("new", "on_hold", "confirmed", "in_progress")


class WithdrawalForm(Form):
    """Why an order is taken back; it may be left empty."""

    reason = StringField()


@area.get("/orders", can="order:read")
def list_orders() -> ResponseReturnValue:
    """All orders of this customer, newest first; found by number, purchase order or product."""
    want = _want()
    return shop_page("shop/orders.html", want=want, found=_found(want), states=reports.states(q=want.q))


def _want() -> Asked:
    return asked(("number", "placed", "total", "state"), "-placed", state=ORDER.states)


def _found(want: Asked) -> Page[Any]:
    return reports.orders(q=want.q, state=want["state"], sort=want.sort, page=want.page, size=want.size)


export_list(
    area,
    "/orders",
    can="order:read",
    named="orders",
    rows=lambda: _found(_want().whole()),
    columns=[
        text(_l("Number"), "Order.number"),
        text(_l("First line"), "title"),
        number(_l("Lines"), "lines"),
        text(_l("Purchase order"), "Order.purchase_order_number"),
        moment(_l("Placed"), "Order.placed_at"),
        text(_l("Placed by"), "Order.placed_by_name"),
        state(_l("State"), "order", "Order.state"),
        text(_l("Currency"), "Order.currency"),
        amount(_l("First charge"), "Order.total_amount", "Order.currency"),
        amount(_l("All charges"), "Order.commitment_amount", "Order.currency"),
    ],
)


@area.get("/orders/<number>", can="order:read")
def show_order(number: str) -> ResponseReturnValue:
    """One order: what, how much, for whom it waits and why, and what has happened."""
    return shop_page("shop/order.html", **_context(number))


@parts.get("/orders/<number>", can="order:read")
def show_progress(number: str) -> ResponseReturnValue:
    """The part of an order's page that moves, for polling."""
    return page("shop/order_part.html", is_part=True, **_context(number))


@area.route("/orders/<number>/withdrawal", methods=["GET", "POST"], can="order:withdraw")
def withdraw_order(number: str) -> ResponseReturnValue:
    """Asks whether to take the order back, and takes it back."""
    order = reports.order(number).order
    form = WithdrawalForm()
    if form.taken():
        actions.withdraw(order.id, reason=form.reason.data or "", by=g.arrival.actor)
        flash(_("Order %(number)s is taken back. Nothing was bought.", number=number), "good")
        return see_other(".show_order", number=number)
    return shop_page("shop/withdrawal.html", order=order, form=form)


@area.post("/orders/<number>/return-to-cart", can="cart:edit")
def return_to_cart(number: str) -> ResponseReturnValue:
    """Puts what was refused, withdrawn or cancelled back into the cart, at today's prices."""
    refilled = actions.put_back_into_cart(reports.order(number).order.id, by=g.arrival.actor)
    _tell(refilled.left_out)
    return see_other("cart.show_cart")


@area.post("/orders/<number>/repetition", can="cart:edit")
def repeat_order(number: str) -> ResponseReturnValue:
    """Puts the same into the cart once more, at today's prices."""
    refilled = actions.reorder(reports.order(number).order.id, by=g.arrival.actor)
    _tell(refilled.left_out)
    return see_other("cart.show_cart")


def _tell(left_out: Any) -> None:
    if left_out:
        flash(_("No longer sold, so left out: %(titles)s.", titles=", ".join(left_out)), "warn")
    else:
        flash(_("It is in your cart, at today's prices."), "good")


def _context(number: str) -> dict[str, Any]:
    detail = reports.order(number)
    order = detail.order
    approval = _approval(order)
    return {
        "order": order,
        "lines": [order_line(row) for row in detail.lines],
        "approval": approval,
        "story": story_of(order, approval),
        "is_moving": order.state in MOVING,
        "can_withdraw": _can_withdraw(order),
        "reason_words": reason_words,
    }


def _approval(order: Order) -> RequestDetail | None:
    if order.approval_request_id is None:
        return None
    return request_detail(order.approval_request_id, g.arrival.actor)


def _can_withdraw(order: Order) -> bool:
    """Whether to offer it; whether it may be done is for the action to say."""
    actor = g.arrival.actor
    return order.state == "on_hold" and order.placed_by_id == actor.person_id and actor.can("order:withdraw")
