"""The last page before an order: what it comes to, a purchase-order number, the terms, and the button.

The button may be pressed any number of times; the cart's intent makes it one order. Prices that moved are shown and asked
about again, and nothing that was typed is lost.
"""

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from app.core import unit
from app.core.errors import Conflict, Invalid
from app.domain.orders.errors import PriceMoved
from app.domain.orders.queries.carts import CartView, cart_of
from app.domain.orders.rules.terms import terms_in_force
from app.web.kit.area import PUBLIC, SHOP, Area
from app.web.kit.ordering import OrderForm, place
from app.web.kit.pages import see_other
from app.web.storefront.frame import account_id, shop_page

area = Area("checkout", __name__, side=SHOP)


class CheckoutForm(OrderForm):
    """The order, with the buyer's own word on the terms."""

    accepted_terms = BooleanField(_l("I accept the terms of sale."))


@area.route("/checkout", methods=["GET", "POST"], can="order:place")
def check_out() -> ResponseReturnValue:
    """Shows what will be ordered and takes the order."""
    form = CheckoutForm()
    moved: PriceMoved | None = None
    status, note = 200, ""
    if form.taken():
        try:
            order = place(form)
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


def _page(
    form: CheckoutForm, cart: CartView, moved: PriceMoved | None, note: str, status: int
) -> ResponseReturnValue:
    lines = moved.lines if moved else [*(line.moved for line in cart.lines if line.moved), *cart.gone]
    terms = terms_in_force(g.arrival.shop.profile)
    return shop_page("shop/checkout.html", status, form=form, cart=cart, moved=lines, note=note, terms=terms)


@area.get("/terms", can=PUBLIC, viewed=True)
def show_terms() -> ResponseReturnValue:
    """The terms of sale in force: the reseller's own, or the standard ones."""
    profile = g.arrival.shop.profile
    return shop_page("shop/terms.html", version=terms_in_force(profile), own=str(profile.get("terms") or ""))
