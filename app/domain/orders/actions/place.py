"""Placing an order: once, at the prices that were seen, through the approval gate. The gate stands here, for every door."""

from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.approvals.actions import gate
from app.domain.orders.actions.carts import lock_cart
from app.domain.orders.actions.lines import order_lines
from app.domain.orders.actions.making import items_of, order_values, through_the_gate, told, write_order
from app.domain.orders.actions.versions import Customer
from app.domain.orders.errors import PriceMoved
from app.domain.orders.models import Cart, Order
from app.domain.orders.queries.carts import moved_lines
from app.domain.orders.queries.checkout import Checkout, checkout_of
from app.domain.orders.rules.intent import body_digest, seen_prices
from app.domain.orders.rules.intent import intent_id as intent_of
from app.domain.orders.rules.quantities import check_quantity
from app.domain.orders.rules.terms import terms_in_force
from app.domain.pricing.rules.quote import Quote

MAX_PURCHASE_ORDER_NUMBER = 60


def place(
    cart_id: UUID,
    *,
    intent_id: UUID,
    purchase_order_number: str = "",
    accepted_terms: str = "",
    seen: str = "",
    address: str = "",
    by: Actor,
) -> Order:
    """Turns a cart into an order: confirmed at once, or on hold when a policy asks for a decision.

    `intent_id` and `seen` are the cart view's; `accepted_terms` is the version of the terms that was accepted, `address`
    where from. The same intent with the same body gives the same order again, however often and however fast.

    Raises NotFound (not this person's cart), Conflict (same intent with another body; the cart has changed or is
    empty), PriceMoved (prices are no longer the seen ones), Invalid (`purchase_order_number`, `accepted_terms`,
    `quantity-<cart line id>`), Forbidden.
    """
    if by.person_id is None:
        raise Forbidden("Sign in to order.")
    purchase_order_number = _purchase_order_number(purchase_order_number)
    body = body_digest(str(cart_id), purchase_order_number, accepted_terms)
    gate.lock_account(by.account_id or _account_of(cart_id, by))
    cart = lock_cart(cart_id, by=by)
    found = checkout_of(cart.id, intent_id)
    if found.earlier_id is not None:
        return _again(_by_intent(intent_id), body, by)
    _check_cart(cart, found, intent_id, by)
    terms = terms_in_force(found.profile)
    if accepted_terms != terms:
        raise Invalid(
            {
                "accepted_terms": "The terms have changed. Please read and accept them."
                if accepted_terms
                else "Please accept the terms to order."
            }
        )
    quotes = _checked_lines(found, seen)
    asked = [quotes[row.offer_id] for row in found.rows]
    order = write_order(
        order_values(cart, found.tenant_id, asked, by)
        | {
            "intent_id": intent_id,
            "body_digest": body,
            "purchase_order_number": purchase_order_number,
            "terms_version": terms,
            "terms_accepted_from": address[:45],
        }
    )
    if order is None:
        # the account's lock makes this impossible; the unique index holds even without it
        return _again(_by_intent(intent_id), body, by)
    lines = order_lines(order, found.rows, found.facts, quotes)
    session().add_all(lines)
    cart.state, cart.changed_at = "checked_out", clock.now()
    session().flush()
    events.record("order.placed", order, by, told(order) | {"terms": terms})
    through_the_gate(
        order, lines, items_of(found.facts, quotes), cart, Customer(found.domain, found.country), by
    )
    return order


def _account_of(cart_id: UUID, by: Actor) -> UUID:
    found = (
        session()
        .execute(select(Cart.account_id).where(Cart.id == cart_id, Cart.person_id == by.person_id))
        .scalar_one_or_none()
    )
    if found is None:
        raise NotFound
    return found


def _by_intent(intent: UUID) -> Order:
    return session().scalars(select(Order).where(Order.intent_id == intent)).one()


def _again(order: Order, body: str, by: Actor) -> Order:
    """The same order for the same words; anything else is a misunderstanding that must be seen."""
    if order.placed_by_id != by.person_id or order.body_digest != body:
        raise Conflict(
            f"This was already ordered as {order.number}, with other details. Look at that order first."
        )
    return order


def _check_cart(cart: Cart, found: Checkout, intent: UUID, by: Actor) -> None:
    if cart.state != "open":
        raise Conflict("This cart has been ordered already.")
    if not found.can_shop:
        raise Forbidden("This company cannot order at the moment.")
    if not found.rows:
        raise Conflict("Your cart is empty.")
    if by.person_id is None or intent != intent_of(cart.id, cart.version, by.person_id):
        raise Conflict("Your cart has changed since this page was opened. Please look at it again.")


def _checked_lines(found: Checkout, seen: str) -> dict[UUID, Quote]:
    """Binding quotes of all lines: all still sold, in order, at prices that the buyer has seen."""
    problems = {}
    for row in found.rows:
        offer = found.facts[row.offer_id]
        if offer.id not in found.sold:
            problems[f"quantity-{row.id}"] = f"{offer.title} is no longer for sale. Take it out to go on."
            continue
        try:
            check_quantity(row.quantity, minimum=offer.min_quantity, maximum=offer.max_quantity)
        except Invalid as error:
            problems[f"quantity-{row.id}"] = error.message
    if problems:
        raise Invalid(problems)
    moved, quotes = moved_lines(found.account_id, found.rows, found.facts)
    now = seen_prices(quotes.values())
    gone = [line for line in moved if line.now is None]
    if gone or (moved and seen != now) or (seen and seen != now):
        raise PriceMoved(moved, now)
    return quotes


def _purchase_order_number(typed: str) -> str:
    text = " ".join(typed.split())
    if len(text) > MAX_PURCHASE_ORDER_NUMBER or not text.isprintable():
        raise Invalid({"purchase_order_number": f"Use at most {MAX_PURCHASE_ORDER_NUMBER} plain characters."})
    return text
