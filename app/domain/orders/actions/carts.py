"""What happens to a cart: lines come, change and go, and prices that ran out are asked again. Ordering is in `place.py`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.orders.actions.keeping import Held, hold_open, keep
from app.domain.orders.errors import MovedLine
from app.domain.orders.models import Cart, CartLine
from app.domain.orders.queries.carts import moved_lines
from app.domain.orders.queries.offers import Selling, selling
from app.domain.orders.rules.quantities import check_quantity
from app.domain.people.models import Account
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import Quotes

MAX_LINES = 100


def open_cart(account_id: UUID, *, by: Actor) -> Held:
    """The person's open cart for this customer, locked; made when there is none. NotFound: no such customer in scope."""
    if by.person_id is None:
        raise Forbidden("Sign in to fill a cart.")
    account = session().get(Account, account_id)
    if account is None or (by.account_id is not None and by.account_id != account_id):
        raise NotFound
    if not account.can_shop:
        raise Forbidden("This company cannot order at the moment.")
    return hold_open(account, by.person_id)


def lock_cart(cart_id: UUID, *, by: Actor) -> Cart:
    """This person's cart, locked and read afresh; NotFound when it is somebody else's."""
    cart = (
        session()
        .scalars(
            select(Cart)
            .where(Cart.id == cart_id, Cart.person_id == by.person_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if cart is None:
        raise NotFound
    return cart


def add(account_id: UUID, offer_id: UUID, quantity: int, *, by: Actor) -> None:
    """Puts `quantity` of an offer into the person's cart, on top of what is there of it already.

    Raises Invalid (`quantity`, or "" for an offer that is not sold to this customer), NotFound, Forbidden.
    """
    cart = open_cart(account_id, by=by)
    found = selling([offer_id], account_id, cart.id)
    there = found.there.get(offer_id)
    _put(cart, found, [(offer_id, quantity + (there.quantity if there else 0))], by=by)


def set_quantity(line_id: UUID, quantity: int, *, by: Actor) -> None:
    """Changes how many a line has, at the price for that many. Raises Invalid at `quantity`."""
    line, cart = _line(line_id, by)
    found = selling([line.offer_id], cart.account_id, cart.id)
    _put(cart, found, [(line.offer_id, quantity)], by=by)


def remove(line_id: UUID, *, by: Actor) -> None:
    """Takes a line out of the cart."""
    line, cart = _line(line_id, by)
    keep(cart, [], gone=[line.id], by=by)


def empty(cart_id: UUID, *, by: Actor) -> None:
    """Takes everything out of the cart."""
    cart = _open(lock_cart(cart_id, by=by))
    keep(cart, [], gone=[line.id for line in lines_of(cart)], by=by)


def requote(cart_id: UUID, *, by: Actor) -> list[MovedLine]:
    """Asks again for every price that ran out, keeps the new ones, and says which lines cost something else now.

    A line that is no longer for sale is taken out (`now` None).
    """
    cart = _open(lock_cart(cart_id, by=by))
    lines = lines_of(cart)
    moved, fresh = moved_lines(cart.account_id, lines)
    out = {line.offer_id for line in moved if line.now is None}
    gone = [line.id for line in lines if line.offer_id in out]
    again = [
        (line.offer_id, line.quantity, fresh[line.offer_id])
        for line in lines
        if line.offer_id not in out and fresh[line.offer_id].expires_at != line.expires_at
    ]
    if gone or again:
        keep(cart, again, gone=gone, by=by)
    return moved


def fill(cart: Held, wanted: Sequence[tuple[UUID, int]], *, by: Actor) -> list[UUID]:
    """Puts several offers at once into a locked cart, as far as they are still sold in that quantity; answers those left out."""
    found = selling([offer_id for offer_id, _ in wanted], cart.account_id, cart.id)
    taken = []
    for offer_id, quantity in wanted:
        offer = found.facts.get(offer_id)
        if offer is None or offer_id not in found.sold:
            continue
        try:
            check_quantity(quantity, minimum=offer.min_quantity, maximum=offer.max_quantity)
        except Invalid:
            continue
        taken.append((offer_id, quantity))
    priced = pricing.quotes(taken, account_id=cart.account_id)
    kept = [(offer_id, quantity) for offer_id, quantity in taken if offer_id in priced]
    if kept:
        _put(cart, found, kept, by=by, priced=priced)
    return [offer_id for offer_id, _ in wanted if offer_id not in {kept_id for kept_id, _ in kept}]


def lines_of(cart: Cart | Held) -> list[CartLine]:
    """The cart's lines in the order in which they came."""
    return list(
        session().scalars(
            select(CartLine)
            .where(CartLine.cart_id == cart.id)
            .order_by(CartLine.created_at, CartLine.id)
            .execution_options(populate_existing=True)
        )
    )


def _line(line_id: UUID, by: Actor) -> tuple[CartLine, Cart]:
    line = session().get(CartLine, line_id)
    if line is None:
        raise NotFound
    cart = _open(lock_cart(line.cart_id, by=by))
    session().refresh(line)
    return line, cart


def _open(cart: Cart) -> Cart:
    if cart.state != "open":
        raise Conflict("This cart has been ordered already.")
    return cart


def _put(
    cart: Held | Cart,
    found: Selling,
    wanted: Sequence[tuple[UUID, int]],
    *,
    by: Actor,
    priced: Quotes | None = None,
) -> None:
    """Sets offers to quantities, each with a fresh quote."""
    for offer_id, quantity in wanted:
        offer = found.facts.get(offer_id)
        if offer is None or offer_id not in found.sold:
            raise NotFound
        check_quantity(quantity, minimum=offer.min_quantity, maximum=offer.max_quantity)
    if len(found.there.keys() | {offer_id for offer_id, _ in wanted}) > MAX_LINES:
        raise Invalid(f"A cart holds at most {MAX_LINES} lines.")
    quotes = pricing.quotes(wanted, account_id=cart.account_id) if priced is None else priced
    for offer_id, _ in wanted:
        if offer_id not in quotes:
            raise Invalid(f"There is no price for {found.facts[offer_id].title} at the moment.")
    currencies = {line.currency for line in found.there.values()}
    if len(currencies.union(quotes[offer_id].currency for offer_id, _ in wanted)) > 1:
        raise Invalid("This is priced in another currency than the rest of your cart. Order it separately.")
    keep(cart, [(offer_id, quantity, quotes[offer_id]) for offer_id, quantity in wanted], by=by)
