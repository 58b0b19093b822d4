"""One product: its editions, the ways to buy it, what so many cost, and into the cart with it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField, StringField

from app.core import unit
from app.core.errors import Invalid, NotFound
from app.domain.catalog.queries import OfferRow, ProductDetail
from app.domain.orders.actions import carts
from app.domain.orders.rules.quantities import MAX_QUANTITY, check_quantity, parse_quantity
from app.domain.pricing.rules.quote import CustomerPrice
from app.web.kit.area import PUBLIC, SHOP, Area
from app.web.kit.filters import figure
from app.web.kit.forms import Form
from app.web.kit.listing import uuid_of
from app.web.kit.pages import see_other
from app.web.kit.prices import steps_of
from app.web.storefront.frame import account_id, shop_page
from app.web.storefront.shelves import prices_of, product_detail, segments, usual_quantity

area = Area("product", __name__, side=SHOP)


class AddForm(Form):
    """Which offer, and how many."""

    offer = HiddenField()
    quantity = StringField()


@dataclass(frozen=True, slots=True)
class Way:
    """One offer of the chosen edition with its price for the quantity that is asked."""

    offer: OfferRow
    price: CustomerPrice | None
    is_chosen: bool


@area.get("/catalogue/<uuid:product_id>", can=PUBLIC, kept=True, viewed=True)
def show_product(product_id: UUID) -> ResponseReturnValue:
    """The product with the price of what is chosen; `offer`, `sku` and `quantity` in the address say what that is."""
    offer, quantity = request.args.get("offer", ""), request.args.get("quantity", "")
    if "typed" in session:  # when the session ran out in between
        form = AddForm()
        offer, quantity = offer or form.offer.data or "", quantity or form.quantity.data or ""
    return _product_page(product_id, uuid_of(offer), uuid_of(request.args.get("sku", "")), quantity)


@area.post("/catalogue/<uuid:product_id>", can="cart:edit")
def add_to_cart(product_id: UUID) -> ResponseReturnValue:
    """Puts so many of an offer into the cart."""
    form = AddForm()
    typed, offer_id, problem = form.quantity.data or "", uuid_of(form.offer.data or ""), ""
    if form.taken():
        if offer_id is None:
            raise NotFound()
        try:
            carts.add(account_id(), offer_id, parse_quantity(typed), by=g.arrival.actor)
            flash(_("It is in your cart."), "good")
            return see_other("cart.show_cart")
        except Invalid as invalid:
            unit.start_over()
            problem = " ".join(invalid.errors.values())
    return _product_page(
        product_id, offer_id, None, typed, problem or _("This could not be taken. Try once more.")
    )


def _product_page(
    product_id: UUID, offer_id: UUID | None, sku_id: UUID | None, typed: str, problem: str = ""
) -> ResponseReturnValue:
    shop = g.arrival.shop
    product = product_detail(product_id, market=shop.country, segments=segments()) if shop.is_open else None
    if product is None:
        raise NotFound()
    chosen = _chosen(product, offer_id, sku_id)
    quantity, unfit = _quantity(typed, chosen)
    problem = problem or unfit
    siblings = [offer for offer in product.offers if offer.sku_id == chosen.sku_id]
    quotes = prices_of(siblings, quantity)
    prices = {offer_id: quote.for_customer() for offer_id, quote in quotes.items()}
    return shop_page(
        "shop/product.html",
        422 if problem else 200,
        product=_told(product),
        description=chosen.description or product.description,
        editions=_editions(product, chosen, typed),
        ways=[Way(offer, prices.get(offer.id), offer is chosen) for offer in siblings],
        chosen=chosen,
        unit=chosen.unit.lower(),
        price=prices.get(chosen.id),
        quantity=quantity,
        typed=typed[:20] if problem else quantity,
        minimum=chosen.min_quantity,
        maximum=min(chosen.max_quantity or MAX_QUANTITY, MAX_QUANTITY),
        limits=_limits(chosen),
        problem=problem,
        steps=steps_of(quotes[chosen.id], with_cost=False) if chosen.id in quotes else [],
    )


def _chosen(product: ProductDetail, offer_id: UUID | None, sku_id: UUID | None) -> OfferRow:
    """The offer that is asked for; else the usual one of the edition, else the product's usual one."""
    for offer in product.offers:
        if offer.id == offer_id:
            return offer
    return next((offer for offer in product.offers if offer.sku_id == sku_id), product.offers[0])


def _quantity(typed: str, chosen: OfferRow) -> tuple[int, str]:
    """How many to price, and what is wrong with what was typed."""
    if not typed:
        return usual_quantity(chosen), ""
    try:
        wanted = parse_quantity(typed)
        check_quantity(wanted, minimum=chosen.min_quantity, maximum=chosen.max_quantity)
    except Invalid as invalid:
        return chosen.min_quantity, " ".join(invalid.errors.values())
    return wanted, ""


def _told(product: ProductDetail) -> dict[str, Any]:
    return {
        "id": product.id,
        "title": product.title,
        "vendor": product.vendor_name,
        "vendor_key": product.vendor_key,
        "family": product.family_name,
        "category": product.category_name,
        "publisher": product.publisher,
    }


def _editions(product: ProductDetail, chosen: OfferRow, typed: str) -> list[dict[str, Any]]:
    """The skus by name, each with its address. The quantity goes along."""
    found: dict[UUID, str] = {}
    for offer in product.offers:
        found.setdefault(offer.sku_id, offer.title)
    kept = f"&quantity={int(typed)}" if typed.isascii() and typed.isdigit() and len(typed) < 7 else ""
    return [
        {
            "title": title,
            "href": f"/catalogue/{product.id}?sku={sku_id}{kept}",
            "is_chosen": sku_id == chosen.sku_id,
        }
        for sku_id, title in sorted(found.items(), key=lambda pair: pair[1])
    ]


def _limits(chosen: OfferRow) -> str:
    if chosen.max_quantity:
        return _("%(least)s to %(most)s", least=figure(chosen.min_quantity), most=figure(chosen.max_quantity))
    return _("at least %(least)s", least=figure(chosen.min_quantity)) if chosen.min_quantity > 1 else ""
