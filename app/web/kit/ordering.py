"""Placing an order from a form: what the shop's checkout and the cart on a customer's behalf share."""

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from app.core.errors import Conflict
from app.domain.orders import actions as orders
from app.domain.orders.models import Order
from app.web.kit.forms import Form
from app.web.kit.listing import uuid_of


class OrderForm(Form):
    """`cart`, `intent` and `seen` say which cart at which prices was looked at; the server works each of them out again.

    A form adds its box `accepted_terms`, whose value is the version of the terms that was shown.
    """

    cart = HiddenField()
    intent = HiddenField()
    seen = HiddenField()
    purchase_order_number = StringField(_l("Purchase-order number"))


def place(form: OrderForm) -> Order:
    """Places what the form names. Raises Conflict for a form that lacks its cart, and what `orders.place` raises."""
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
