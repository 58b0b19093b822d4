"""Placing an order: once, at the prices that were seen, through the approval gate. The gate stands here, for every door."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.money import Money, total
from app.core.numbers import next_number
from app.domain.approvals.actions import gate
from app.domain.approvals.ports import Ask
from app.domain.approvals.rules.asked import Item
from app.domain.orders.actions.carts import lines_of, lock_cart
from app.domain.orders.actions.confirm import confirm
from app.domain.orders.actions.lines import order_lines
from app.domain.orders.actions.margins import held_by_the_guard
from app.domain.orders.actions.versions import freeze
from app.domain.orders.errors import PriceMoved
from app.domain.orders.models import ORDER, Cart, CartLine, Order, OrderLine
from app.domain.orders.queries.carts import moved_lines
from app.domain.orders.queries.offers import OfferFacts, offer_facts
from app.domain.orders.queries.selling import sold
from app.domain.orders.rules.intent import body_digest, seen_prices
from app.domain.orders.rules.intent import intent_id as intent_of
from app.domain.orders.rules.quantities import check_quantity
from app.domain.orders.rules.terms import terms_in_force
from app.domain.people.models import Account
from app.domain.pricing.rules.quote import Quote
from app.domain.tenants.models import Tenant

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
    gate.lock_account(_account_of(cart_id, by))
    earlier = _by_intent(intent_id)
    if earlier is not None:
        return _again(earlier, body, by)
    cart = lock_cart(cart_id, by=by)
    if cart.state != "open" and (earlier := _by_intent(intent_id)) is not None:
        return _again(earlier, body, by)
    account, tenant = _who(cart)
    rows = lines_of(cart)
    _check_cart(cart, rows, account, intent_id, by)
    terms = terms_in_force(tenant.profile)
    if accepted_terms != terms:
        raise Invalid(
            {
                "accepted_terms": "The terms have changed. Please read and accept them."
                if accepted_terms
                else "Please accept the terms to order."
            }
        )
    facts, quotes = _checked_lines(cart, rows, seen)
    order = _make(cart, account, [quotes[row.offer_id] for row in rows], by)
    order.intent_id, order.body_digest = intent_id, body
    order.purchase_order_number = purchase_order_number
    order.terms_version, order.terms_accepted_from = terms, address[:45]
    try:
        with session().begin_nested():
            session().add(order)
            session().flush()
    except IntegrityError as error:
        # the account's lock makes this impossible; the unique index holds even without it
        found = _by_intent(intent_id)
        if found is None:
            raise error
        return _again(found, body, by)
    lines = order_lines(order, rows, facts, quotes)
    session().add_all(lines)
    cart.state, cart.changed_at = "checked_out", clock.now()
    session().flush()
    events.record("order.placed", order, by, _told(order) | {"terms": terms})
    _through_the_gate(order, lines, items_of(facts, quotes), cart, by)
    return order


def _through_the_gate(
    order: Order, lines: list[OrderLine], items: tuple[Item, ...], cart: Cart, by: Actor
) -> None:
    content, digest = freeze(order, lines)
    outcome = gate.ask(
        Ask(
            subject_type="order",
            subject_id=order.id,
            number=order.number,
            summary=_summary(lines),
            account_id=order.account_id,
            content=content,
            commitment=Money(order.commitment_amount, order.currency),
            editor_ids=frozenset(UUID(person) for person in cart.editor_ids),
            items=items,
            is_held=held_by_the_guard(lines),
        ),
        by=by,
    )
    if outcome.request is None:
        confirm(order, digest, by)
        return
    order.approval_request_id = outcome.request.id
    ORDER.move(order, "on_hold")
    events.record(
        "order.held",
        order,
        by,
        _told(order)
        | {
            "approval_request_id": outcome.request.id,
            "asks": outcome.request.asks,
            "role": outcome.request.role,
            "reasons": [reason.sentence for reason in outcome.verdict.met],
        },
    )


def items_of(facts: Mapping[UUID, OfferFacts], quotes: Mapping[UUID, Quote]) -> tuple[Item, ...]:
    """What is asked for, by all that a sentence of a policy may select it by."""
    return tuple(
        Item(
            offer_id=offer_id,
            product_id=facts[offer_id].product_id,
            family_id=facts[offer_id].family_id,
            category_id=facts[offer_id].category_id,
            vendor_id=facts[offer_id].vendor_id,
            quantity=quote.quantity,
            margin_percent=quote.margin_percent,
        )
        for offer_id, quote in quotes.items()
    )


def _account_of(cart_id: UUID, by: Actor) -> UUID:
    found = (
        session()
        .execute(select(Cart.account_id).where(Cart.id == cart_id, Cart.person_id == by.person_id))
        .scalar_one_or_none()
    )
    if found is None:
        raise NotFound
    return found


def _by_intent(intent: UUID) -> Order | None:
    return session().scalars(select(Order).where(Order.intent_id == intent)).one_or_none()


def _again(order: Order, body: str, by: Actor) -> Order:
    """The same order for the same words; anything else is a misunderstanding that must be seen."""
    if order.placed_by_id != by.person_id or order.body_digest != body:
        raise Conflict(
            f"This was already ordered as {order.number}, with other details. Look at that order first."
        )
    return order


def _who(cart: Cart) -> tuple[Account, Tenant]:
    return (
        session()
        .execute(
            select(Account, Tenant)
            .join(Tenant, Tenant.id == Account.tenant_id)
            .where(Account.id == cart.account_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )


def _check_cart(cart: Cart, rows: Sequence[CartLine], account: Account, intent: UUID, by: Actor) -> None:
    if cart.state != "open":
        raise Conflict("This cart has been ordered already.")
    if not account.can_shop:
        raise Forbidden("This company cannot order at the moment.")
    if not rows:
        raise Conflict("Your cart is empty.")
    if by.person_id is None or intent != intent_of(cart.id, cart.version, by.person_id):
        raise Conflict("Your cart has changed since this page was opened. Please look at it again.")


def _checked_lines(
    cart: Cart, rows: Sequence[CartLine], seen: str
) -> tuple[dict[UUID, OfferFacts], dict[UUID, Quote]]:
    """Facts and binding quotes of all lines: all still sold, in order, at prices that the buyer has seen."""
    facts = offer_facts([row.offer_id for row in rows])
    for_sale = sold(facts.values(), cart.account_id)
    problems = {}
    for row in rows:
        offer = facts[row.offer_id]
        if offer.id not in for_sale:
            problems[f"quantity-{row.id}"] = f"{offer.title} is no longer for sale. Take it out to go on."
            continue
        try:
            check_quantity(row.quantity, minimum=offer.min_quantity, maximum=offer.max_quantity)
        except Invalid as error:
            problems[f"quantity-{row.id}"] = error.message
    if problems:
        raise Invalid(problems)
    moved, quotes = moved_lines(cart, rows, facts)
    now = seen_prices(quotes.values())
    gone = [line for line in moved if line.now is None]
    if gone or (moved and seen != now) or (seen and seen != now):
        raise PriceMoved(moved, now)
    return facts, quotes


def _make(cart: Cart, account: Account, asked: Sequence[Quote], by: Actor) -> Order:
    currency = asked[0].currency
    return Order(
        account_id=account.id,
        tenant_id=account.tenant_id,
        number=next_number(account.tenant_id, "O"),
        state="new",
        cart_id=cart.id,
        currency=currency,
        total_amount=total((quote.line_amount for quote in asked), currency).amount,
        commitment_amount=total((quote.commitment_amount for quote in asked), currency).amount,
        placed_at=clock.now(),
        placed_by_id=by.person_id,
        placed_by_name=by.name,
        is_on_behalf=by.account_id != account.id,
        version_number=1,
    )


def _purchase_order_number(typed: str) -> str:
    text = " ".join(typed.split())
    if len(text) > MAX_PURCHASE_ORDER_NUMBER or not text.isprintable():
        raise Invalid({"purchase_order_number": f"Use at most {MAX_PURCHASE_ORDER_NUMBER} plain characters."})
    return text


def _summary(lines: Sequence[OrderLine]) -> str:
    first = f"{lines[0].quantity} × {lines[0].title}"
    return first if len(lines) == 1 else f"{first} and {len(lines) - 1} more"


def _told(order: Order) -> dict[str, object]:
    return {
        "number": order.number,
        "total": f"{order.total_amount} {order.currency}",
        "commitment": f"{order.commitment_amount} {order.currency}",
        "purchase_order_number": order.purchase_order_number,
        "is_on_behalf": order.is_on_behalf,
    }
