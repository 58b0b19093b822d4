"""The cart that one of the reseller's people fills for a customer, and its order: through the same gate as a buyer's."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField

from app.core import unit
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.orders.actions import carts
from app.domain.orders.errors import PriceMoved
from app.domain.orders.models import Order
from app.domain.orders.queries.carts import CartView, cart_of
from app.domain.orders.rules.quantities import parse_quantity
from app.domain.orders.rules.terms import terms_in_force
from app.domain.people.queries import account as find_account
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.listing import uuid_of
from app.web.kit.ordering import OrderForm, place
from app.web.kit.pages import page, see_other
from app.web.kit.prices import steps_of

area = Area(
    "admin_shop_cart", __name__, side=PLATFORM, url_prefix="/admin/accounts/<uuid:account_id>/shop/cart"
)


class QuantityForm(Form):
    """How many of one line."""

    line = HiddenField()
    quantity = StringField()


class BehalfForm(OrderForm):
    """The order, with the reseller's word that the customer agrees to the terms."""

    accepted_terms = BooleanField(_l("The customer has accepted the terms of sale."))


@area.route("", methods=["GET", "POST"], can="order:place")
def show_cart(account_id: UUID) -> ResponseReturnValue:
    """The cart at the prices that hold now. A POST changes how many one line has."""
    form, problems, typed = QuantityForm(), {}, ""
    if form.taken():
        line_id, typed = uuid_of(form.line.data or ""), form.quantity.data or ""
        if line_id is None:
            raise NotFound()
        try:
            carts.set_quantity(line_id, parse_quantity(typed), by=g.arrival.actor)
            return see_other(".show_cart", account_id=account_id)
        except Invalid as invalid:
            unit.start_over()
            problems[line_id] = " ".join(invalid.errors.values())
    cart = cart_of(account_id, g.arrival.actor)
    return _page(
        account_id, BehalfForm(formdata=None), cart, 422 if problems else 200, problems=problems, typed=typed
    )


@area.post("/lines/<uuid:line_id>/removal", can="order:place")
def remove_line(account_id: UUID, line_id: UUID) -> ResponseReturnValue:
    """Takes one line out. Pressing twice is no mistake: it is out."""
    try:
        carts.remove(line_id, by=g.arrival.actor)
    except NotFound:
        flash(_("That line was taken out already."), "info")
    return see_other(".show_cart", account_id=account_id)


@area.post("/prices", can="order:place")
def accept_prices(account_id: UUID) -> ResponseReturnValue:
    """Keeps the prices that hold now, for lines whose own have run out."""
    cart = cart_of(account_id, g.arrival.actor)
    if cart is not None:
        carts.requote(cart.id, by=g.arrival.actor)
    return see_other(".show_cart", account_id=account_id)


@area.post("/order", can="order:place")
def place_order(account_id: UUID) -> ResponseReturnValue:
    """Places the order on the customer's behalf. Over the threshold it waits, as it would for a buyer."""
    form = BehalfForm()
    moved: PriceMoved | None = None
    status, note = 200, ""
    if form.taken():
        try:
            order = place(form)
            flash(_told(order), "good")
            return see_other("admin_orders.show_order", number=order.number)
        except PriceMoved as refusal:
            unit.start_over()
            moved, status = refusal, 409
        except Conflict as refusal:
            unit.start_over()
            status, note = 409, refusal.message
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
    cart = cart_of(account_id, g.arrival.actor)
    return _page(account_id, form, cart, 422 if form.has_errors else status, moved=moved, note=note)


def _told(order: Order) -> str:
    if order.state == "on_hold":
        return _("Order %(number)s waits for a decision, as the customer's rule asks.", number=order.number)
    return _("Order %(number)s is placed and being delivered.", number=order.number)


def _page(
    account_id: UUID,
    form: BehalfForm,
    cart: CartView | None,
    status: int,
    *,
    moved: PriceMoved | None = None,
    note: str = "",
    problems: dict[UUID, str] | None = None,
    typed: str = "",
) -> ResponseReturnValue:
    with_cost = g.arrival.actor.can("cost:read")
    lines = moved.lines if moved else []
    if cart is not None and not lines:
        lines = [*(line.moved for line in cart.lines if line.moved), *cart.gone]
    return page(
        "admin/shop/cart.html",
        status,
        form=form,
        customer=find_account(account_id),
        cart=cart,
        moved=lines,
        told=note,
        problems=problems or {},
        typed=typed,
        terms=terms_in_force(g.arrival.shop.profile),
        steps_of=lambda quote: steps_of(quote, with_cost=with_cost),
    )
