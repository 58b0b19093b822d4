"""Buying the same again: a refused or canceled order back into the cart, or a repetition. Prices and gate apply anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, NotFound
from app.domain.orders.actions.carts import fill, lines_of, open_cart
from app.domain.orders.actions.keeping import Held
from app.domain.orders.actions.versions import lines_of as order_lines_of
from app.domain.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Refilled:
    """The cart, and the titles of what is no longer sold (or not in that quantity)."""

    cart: Held
    left_out: Sequence[str]


def put_back_into_cart(order_id: UUID, *, by: Actor) -> Refilled:
    """Puts the lines of an order that was refused, withdrawn or canceled into the person's cart, at today's prices.

    Quantities replace what the cart has of the same offer, so pressing twice changes nothing.
    Raises NotFound, Conflict (the order is alive).
    """
    order = _order(order_id)
    if order.state != "canceled":
        raise Conflict(f"Order {order.number} has not been canceled. To buy the same again, repeat it.")
    return _refill(order, "order.put_back", by)


def reorder(order_id: UUID, *, by: Actor) -> Refilled:
    """Puts the lines of any order into the person's cart, on top of what is there, at today's prices."""
    return _refill(_order(order_id), "order.repeated", by, on_top=True)


def _order(order_id: UUID) -> Order:
    order = session().get(Order, order_id)
    if order is None:
        raise NotFound
    return order


def _refill(order: Order, event: str, by: Actor, *, on_top: bool = False) -> Refilled:
    cart = open_cart(order.account_id, by=by)
    there = {line.offer_id: line.quantity for line in lines_of(cart)} if on_top else {}
    lines: list[OrderLine] = order_lines_of(order)
    left_out = fill(
        cart, [(line.offer_id, line.quantity + there.get(line.offer_id, 0)) for line in lines], by=by
    )
    events.record(event, order, by, {"number": order.number, "left_out": len(left_out)})
    return Refilled(cart, [line.title for line in lines if line.offer_id in left_out])
