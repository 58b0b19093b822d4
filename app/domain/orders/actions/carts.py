"""What happens to a cart: lines come, change and go, and prices that ran out are asked again. Ordering is in `place.py`."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from app.core import clock
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.ids import new_id
from app.domain.orders.errors import MovedLine
from app.domain.orders.models import Cart, CartLine
from app.domain.orders.queries.carts import moved_lines
from app.domain.orders.queries.offers import offer_facts
from app.domain.orders.queries.selling import sold
from app.domain.orders.rules.quantities import check_quantity
from app.domain.people.models import Account
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import Quote

MAX_LINES = 100


def open_cart(account_id: UUID, *, by: Actor) -> Cart:
    """The person's open cart for this customer, locked; made when there is none. NotFound: no such customer in scope."""
    if by.person_id is None:
        raise Forbidden("Sign in to fill a cart.")
    account = session().get(Account, account_id)
    if account is None or (by.account_id is not None and by.account_id != account_id):
        raise NotFound
    if not account.can_shop:
        raise Forbidden("This company cannot order at the moment.")
    session().execute(
        insert(Cart)
        .values(
            id=new_id(),
            created_at=clock.now(),
            tenant_id=account.tenant_id,
            account_id=account_id,
            person_id=by.person_id,
            state="open",
            changed_at=clock.now(),
            editor_ids=[],
            version=1,
        )
        .on_conflict_do_nothing()
    )
    return (
        session()
        .scalars(
            select(Cart)
            .where(Cart.account_id == account_id, Cart.person_id == by.person_id, Cart.state == "open")
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )


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


def add(account_id: UUID, offer_id: UUID, quantity: int, *, by: Actor) -> CartLine:
    """Puts `quantity` of an offer into the person's cart, on top of what is there of it already.

    Raises Invalid (`quantity`, or "" for an offer that is not sold to this customer), NotFound, Forbidden.
    """
    cart = open_cart(account_id, by=by)
    line = (
        session()
        .scalars(select(CartLine).where(CartLine.cart_id == cart.id, CartLine.offer_id == offer_id))
        .one_or_none()
    )
    return _put(cart, [(offer_id, quantity + (line.quantity if line else 0))], by=by)[0]


def set_quantity(line_id: UUID, quantity: int, *, by: Actor) -> CartLine:
    """Changes how many a line has, at the price for that many. Raises Invalid at `quantity`."""
    line, cart = _line(line_id, by)
    return _put(cart, [(line.offer_id, quantity)], by=by)[0]


def remove(line_id: UUID, *, by: Actor) -> None:
    """Takes a line out of the cart."""
    line, cart = _line(line_id, by)
    session().delete(line)
    _touch(cart, by)


def empty(cart_id: UUID, *, by: Actor) -> None:
    """Takes everything out of the cart."""
    cart = _open(lock_cart(cart_id, by=by))
    for line in lines_of(cart):
        session().delete(line)
    _touch(cart, by)


def requote(cart_id: UUID, *, by: Actor) -> list[MovedLine]:
    """Asks again for every price that ran out, keeps the new ones, and says which lines cost something else now.

    A line that is no longer for sale is taken out (`now` None).
    """
    cart = _open(lock_cart(cart_id, by=by))
    moved, fresh = moved_lines(cart, lines_of(cart))
    gone = {line.offer_id for line in moved if line.now is None}
    changed = bool(gone)
    for line in lines_of(cart):
        if line.offer_id in gone:
            session().delete(line)
        elif fresh[line.offer_id].expires_at != line.expires_at:
            _keep(line, fresh[line.offer_id])
            changed = True
    if changed:
        _touch(cart, by)
    return moved


def fill(cart: Cart, wanted: Sequence[tuple[UUID, int]], *, by: Actor) -> list[UUID]:
    """Puts several offers at once into a locked cart, as far as they are still sold in that quantity; answers those left out."""
    facts = offer_facts([offer_id for offer_id, _ in wanted])
    for_sale = sold(facts.values(), cart.account_id)
    taken = []
    for offer_id, quantity in wanted:
        found = facts.get(offer_id)
        if found is None or offer_id not in for_sale:
            continue
        try:
            check_quantity(quantity, minimum=found.min_quantity, maximum=found.max_quantity)
        except Invalid:
            continue
        taken.append((offer_id, quantity))
    priced = pricing.quotes(taken, account_id=cart.account_id)
    kept = [(offer_id, quantity) for offer_id, quantity in taken if offer_id in priced]
    if kept:
        _put(cart, kept, by=by)
    return [offer_id for offer_id, _ in wanted if offer_id not in {kept_id for kept_id, _ in kept}]


def lines_of(cart: Cart) -> list[CartLine]:
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


def _put(cart: Cart, wanted: Sequence[tuple[UUID, int]], *, by: Actor) -> list[CartLine]:
    """Sets offers to quantities, each with a fresh quote."""
    facts = offer_facts([offer_id for offer_id, _ in wanted])
    for_sale = sold(facts.values(), cart.account_id)
    for offer_id, quantity in wanted:
        found = facts.get(offer_id)
        if found is None or offer_id not in for_sale:
            raise NotFound
        check_quantity(quantity, minimum=found.min_quantity, maximum=found.max_quantity)
    there = {line.offer_id: line for line in lines_of(cart)}
    if len(there.keys() | facts.keys()) > MAX_LINES:
        raise Invalid(f"A cart holds at most {MAX_LINES} lines.")
    quotes = pricing.quotes(wanted, account_id=cart.account_id)
    _same_currency([Quote.from_dict(line.quote) for line in there.values()], quotes.values())
    result = []
    for offer_id, quantity in wanted:
        quote = quotes.get(offer_id)
        if quote is None:
            raise Invalid(f"There is no price for {facts[offer_id].title} at the moment.")
        line = there.get(offer_id)
        if line is None:
            line = CartLine(account_id=cart.account_id, cart_id=cart.id, offer_id=offer_id)
            session().add(line)
        line.quantity = quantity
        _keep(line, quote)
        result.append(line)
    _touch(cart, by)
    return result


def _keep(line: CartLine, quote: Quote) -> None:
    line.quote, line.quoted_at, line.expires_at = quote.to_dict(), quote.quoted_at, quote.expires_at


def _same_currency(there: Iterable[Quote], new: Iterable[Quote]) -> None:
    if len({quote.currency for quote in (*there, *new)}) > 1:
        raise Invalid("This is priced in another currency than the rest of your cart. Order it separately.")


def _touch(cart: Cart, by: Actor) -> None:
    """Moves the cart's version on, so that a checkout page of before no longer orders it, and notes who was at it."""
    cart.changed_at = clock.now()
    flag_modified(cart, "changed_at")  # even when the clock stands still
    cart.editor_ids = sorted({*cart.editor_ids, *(str(person) for person in by.people)})
    session().flush()
