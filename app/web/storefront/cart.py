"""The cart: what is in it, how many, and out with it. Putting things in happens on a product's page."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField, StringField

from app.core.errors import Invalid, NotFound
from app.domain.orders.actions import carts
from app.domain.orders.queries.carts import cart_of
from app.domain.orders.rules.quantities import parse_quantity
from app.web.kit.area import SHOP, Area
from app.web.kit.forms import Form
from app.web.kit.listing import uuid_of
from app.web.kit.pages import see_other
from app.web.storefront.frame import account_id, shop_page

area = Area("cart", __name__, side=SHOP)


class QuantityForm(Form):
    """How many of one line."""

    line = HiddenField()
    quantity = StringField()


@area.route("/cart", methods=["GET", "POST"], can="cart:edit")
def show_cart() -> ResponseReturnValue:
    """The cart at the prices that hold now. A POST changes how many one line has."""
    form = QuantityForm()
    typed, problems = "", {}
    if form.taken():
        line_id = _line(form.line.data)
        typed = form.quantity.data or ""
        try:
            carts.set_quantity(line_id, parse_quantity(typed), by=g.arrival.actor)
            return see_other(".show_cart")
        except Invalid as invalid:
            problems[line_id] = " ".join(invalid.errors.values())
    view = cart_of(account_id(), g.arrival.actor)
    return shop_page("shop/cart.html", 422 if problems else 200, cart=view, problems=problems, typed=typed)


@area.post("/cart/lines/<uuid:line_id>/removal", can="cart:edit")
def remove_line(line_id: UUID) -> ResponseReturnValue:
    """Takes one line out. Pressing twice is no mistake: it is out."""
    try:
        carts.remove(line_id, by=g.arrival.actor)
    except NotFound:
        flash(_("That line was taken out already."), "info")
    return see_other(".show_cart")


@area.post("/cart/prices", can="cart:edit")
def accept_prices() -> ResponseReturnValue:
    """Keeps the prices that hold now, for lines whose own have run out."""
    view = cart_of(account_id(), g.arrival.actor)
    if view is not None:
        carts.requote(view.id, by=g.arrival.actor)
    return see_other(".show_cart")


def _line(text: str | None) -> UUID:
    found = uuid_of(text or "")
    if found is None:
        raise NotFound()
    return found
