"""Ordering for a customer: the catalogue as that customer may buy it, at that customer's prices. The cart is in `shop_cart`."""

from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField, StringField

from app.core import unit
from app.core.errors import Invalid, NotFound
from app.domain.catalog.queries import Filters, list_products, product_detail
from app.domain.orders.actions import carts
from app.domain.orders.rules.quantities import parse_quantity
from app.domain.people.models import Account
from app.domain.pricing import queries as pricing
from app.domain.reports.queries import accounts
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.listing import asked, uuid_of
from app.web.kit.pages import page, see_other
from app.web.kit.prices import steps_of

area = Area("admin_shop", __name__, side=PLATFORM, url_prefix="/admin/accounts/<uuid:account_id>/shop")


class AddForm(Form):
    """An offer and how many."""

    offer = HiddenField()
    quantity = StringField()


def segments_of(account: Account) -> frozenset[str]:
    """What a customer may buy: commercial offers, and those of its own segment."""
    return frozenset({"commercial", account.segment})


@area.get("", can="order:place")
def list_shelf(account_id: UUID) -> ResponseReturnValue:
    """Search, vendor, page; each product at the customer's price."""
    shopper = accounts.shopper(account_id, g.arrival.actor.person_id)
    ask = asked(vendor=None, family=None)
    found = list_products(
        Filters(
            query=ask.q,
            vendors=frozenset({ask["vendor"]} - {""}),
            families=frozenset({ask["family"]} - {""}),
        ),
        market=g.arrival.shop.country,
        segments=segments_of(shopper.Account),
        page=ask.page,
    )
    wanted = [(card.offer.id, card.offer.min_quantity) for card in found.cards]
    return page(
        "admin/shop/list.html",
        ask=ask,
        customer=shopper.Account,
        cart_lines=shopper.cart_lines,
        found=found,
        quotes=pricing.quotes(wanted, account_id=account_id),
    )


@area.route("/products/<uuid:product_id>", methods=["GET", "POST"], can="order:place")
def show_product(account_id: UUID, product_id: UUID) -> ResponseReturnValue:
    """Every way to buy one product; a POST puts one of them into the cart for this customer."""
    form, problems = AddForm(), {}
    if form.taken():
        offer_id = uuid_of(form.offer.data or "")
        if offer_id is None:
            raise NotFound()
        try:
            carts.add(account_id, offer_id, parse_quantity(form.quantity.data), by=g.arrival.actor)
            flash(_("It is in the cart."), "good")
            return see_other("admin_shop_cart.show_cart", account_id=account_id)
        except Invalid as invalid:
            unit.start_over()
            problems[offer_id] = " ".join(invalid.errors.values())
    shopper = accounts.shopper(account_id, g.arrival.actor.person_id)
    detail = product_detail(product_id, market=g.arrival.shop.country, segments=segments_of(shopper.Account))
    if detail is None:
        raise NotFound()
    quotes = pricing.quotes([(o.id, o.min_quantity) for o in detail.offers], account_id=account_id)
    with_cost = g.arrival.actor.can("cost:read")
    return page(
        "admin/shop/product.html",
        422 if problems else 200,
        customer=shopper.Account,
        cart_lines=shopper.cart_lines,
        detail=detail,
        quotes=quotes,
        problems=problems,
        typed=request.form.get("quantity", ""),
        steps_of=lambda quote: steps_of(quote, with_cost=with_cost),
    )
