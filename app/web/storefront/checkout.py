"""The last page before an order: what it comes to, a purchase-order number, the terms, and the button.

The button may be pressed any number of times; the cart's intent makes it one order. Prices that moved are shown and asked
about again, and nothing that was typed is lost.
"""

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField

from app.core import unit
from app.core.errors import Conflict, Invalid
from app.domain.orders import actions as orders
from app.domain.orders.errors import PriceMoved
from app.domain.orders.models import Order
from app.domain.orders.queries.carts import CartView, cart_of
from app.domain.orders.rules.terms import terms_in_force
from app.web.kit.area import PUBLIC, SHOP, Area
from app.web.kit.forms import Form
from app.web.kit.listing import uuid_of
from app.web.kit.pages import see_other
from app.web.storefront.frame import account_id, shop_page

area = Area("checkout", __name__, side=SHOP)


class CheckoutForm(Form):
    """`cart`, `intent` and `seen` say which cart at which prices was looked at; the server works each of them out again."""

    cart = HiddenField()
    intent = HiddenField()
    seen = HiddenField()
    purchase_order_number = StringField(_l("Purchase-order number"))
    accepted_terms = BooleanField(_l("I accept the terms of sale."))


@area.route("/checkout", methods=["GET", "POST"], can="order:place")
def check_out() -> ResponseReturnValue:
    """Shows what will be ordered and takes the order."""
    form = CheckoutForm()
    moved: PriceMoved | None = None
    status, note = 200, ""
    if form.taken():
        try:
            order = _place(form)
            return see_other("orders.show_order", number=order.number)
        except PriceMoved as refusal:
            unit.start_over()
            moved, status = refusal, 409
        except Conflict as refusal:
            unit.start_over()
            status, note = 409, refusal.message
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
            status = 422
    cart = cart_of(account_id(), g.arrival.actor)
    if cart is None or cart.is_empty:
        flash(note or _("Your cart is empty."), "info")
        return see_other("orders.list_orders") if note else see_other("cart.show_cart")
    return _page(form, cart, moved, note, status)


def _place(form: CheckoutForm) -> Order:
    cart_id, intent = uuid_of(form.cart.data or ""), uuid_of(form.intent.data or "")
    if cart_id is None or intent is None:
        raise Conflict(_("This page was not complete. Look at your cart again."))
    return orders.place(
        cart_id,
        intent_id=intent,
        purchase_order_number=form.purchase_order_number.data or "",
        accepted_terms=request.form.get("accepted_terms", ""),
        seen=form.seen.data or "",
        address=request.remote_addr or "",
        by=g.arrival.actor,
    )


def _page(
    form: CheckoutForm, cart: CartView, moved: PriceMoved | None, note: str, status: int
) -> ResponseReturnValue:
    lines = moved.lines if moved else [*(line.moved for line in cart.lines if line.moved), *cart.gone]
    terms = terms_in_force(g.arrival.shop.profile)
    return shop_page("shop/checkout.html", status, form=form, cart=cart, moved=lines, note=note, terms=terms)


@area.get("/terms", can=PUBLIC)
def show_terms() -> ResponseReturnValue:
    """The terms of sale in force: the reseller's own, or the standard ones."""
    profile = g.arrival.shop.profile
    return shop_page("shop/terms.html", version=terms_in_force(profile), own=str(profile.get("terms") or ""))
