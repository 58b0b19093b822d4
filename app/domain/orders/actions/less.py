"""Ordering less than was asked: what a decider offered and the buyer accepted, as an order of its own, through the gate again."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.ids import new_id
from app.domain.orders.actions.lines import order_lines
from app.domain.orders.actions.making import items_of, order_values, through_the_gate, told, write_order
from app.domain.orders.actions.versions import lines_of
from app.domain.orders.models import Cart, CartLine, Order, OrderLine
from app.domain.orders.queries.offers import Selling, selling
from app.domain.orders.rules.quantities import check_quantity
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import Quote


def order_less(before: Order, quantities: Mapping[UUID, int], *, by: Actor) -> Order:
    """A new order of the lines of `before` with these quantities by line (0: without it), at the unit prices of then.

    Whoever stood behind the old order stands behind the new one. Raises Conflict when something is not sold like that any
    more, or its unit price has moved: then the buyer should see a cart first.
    """
    if not by.can("order:place"):
        raise Forbidden("Your role does not include ordering.")
    wanted = [
        (line, quantities.get(line.id, line.quantity))
        for line in lines_of(before)
        if quantities.get(line.id, line.quantity) > 0
    ]
    found = selling([line.offer_id for line, _ in wanted], before.account_id)
    quotes = _quotes(before, wanted, found)
    cart = _cart_of(before, wanted, quotes, by)
    order = write_order(
        order_values(cart, before.tenant_id, [quotes[line.offer_id] for line, _ in wanted], by)
        | {
            "intent_id": new_id(),
            "body_digest": "",
            "purchase_order_number": before.purchase_order_number,
            "terms_version": before.terms_version,
            "terms_accepted_from": before.terms_accepted_from,
        }
    )
    assert order is not None  # its intent is fresh
    rows = session().scalars(
        select(CartLine).where(CartLine.cart_id == cart.id).order_by(CartLine.created_at, CartLine.id)
    )
    lines = order_lines(order, list(rows), found.facts, quotes)
    session().add_all(lines)
    session().flush()
    events.record("order.placed", order, by, told(order) | {"instead_of": before.number})
    through_the_gate(order, lines, items_of(found.facts, quotes), cart, None, by)
    return order


def _quotes(before: Order, wanted: Sequence[tuple[OrderLine, int]], found: Selling) -> dict[UUID, Quote]:
    for line, quantity in wanted:
        offer = found.facts.get(line.offer_id)
        if offer is None or line.offer_id not in found.sold:
            raise Conflict(f"{line.title} is no longer for sale. Order the rest anew.")
        try:
            check_quantity(quantity, minimum=offer.min_quantity, maximum=offer.max_quantity)
        except Invalid as error:
            raise Conflict(f"{line.title}: {error.message}") from error
    quotes = pricing.quotes(
        [(line.offer_id, quantity) for line, quantity in wanted], account_id=before.account_id
    )
    for line, _ in wanted:
        now, then = quotes.get(line.offer_id), Quote.from_dict(line.quote)
        if now is None or (now.currency, now.unit_cycle_price) != (then.currency, then.unit_cycle_price):
            raise Conflict(
                f"{line.title} has another price now, or for this quantity. Put it into the cart to see it."
            )
    return dict(quotes)


def _cart_of(
    before: Order, wanted: Sequence[tuple[OrderLine, int]], quotes: Mapping[UUID, Quote], by: Actor
) -> Cart:
    """A cart that was checked out already: the buyer's open one is left alone."""
    first = session().get_one(Cart, before.cart_id)
    cart = Cart(
        account_id=before.account_id,
        person_id=by.person_id,
        state="checked_out",
        changed_at=clock.now(),
        editor_ids=sorted({*first.editor_ids, *(str(person) for person in by.people)}),
    )
    session().add(cart)
    session().flush()
    for line, quantity in wanted:
        quote = quotes[line.offer_id]
        session().add(
            CartLine(
                account_id=before.account_id,
                cart_id=cart.id,
                offer_id=line.offer_id,
                quantity=quantity,
                quote=quote.to_dict(),
                quoted_at=quote.quoted_at,
                expires_at=quote.expires_at,
            )
        )
    session().flush()
    return cart
