"""What every order goes through, wherever its lines come from: its row, its frozen version, and the gate."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.money import Money, total
from app.core.numbers import next_number
from app.domain.approvals.actions import gate
from app.domain.approvals.ports import Ask
from app.domain.approvals.rules.asked import Item
from app.domain.orders.actions.confirm import confirm
from app.domain.orders.actions.margins import held_by_the_guard
from app.domain.orders.actions.versions import Customer, freeze
from app.domain.orders.models import ORDER, Cart, Order, OrderLine
from app.domain.orders.queries.offers import OfferFacts
from app.domain.pricing.rules.quote import Quote


def order_values(cart: Cart, tenant_id: UUID, asked: Sequence[Quote], by: Actor) -> dict[str, Any]:
    """The columns of a new order that follow from its cart, its quotes and who places it; takes the next number."""
    currency = asked[0].currency
    return {
        "account_id": cart.account_id,
        "tenant_id": tenant_id,
        "number": next_number(tenant_id, "O"),
        "state": "new",
        "cart_id": cart.id,
        "currency": currency,
        "total_amount": total((quote.line_amount for quote in asked), currency).amount,
        "commitment_amount": total((quote.commitment_amount for quote in asked), currency).amount,
        "placed_at": clock.now(),
        "placed_by_id": by.person_id,
        "placed_by_name": by.name,
        "is_on_behalf": by.account_id != cart.account_id,
        "version_number": 1,
    }


_INSERT = insert(Order).on_conflict_do_nothing().returning(Order)


def write_order(values: Mapping[str, Any]) -> Order | None:
    """The order as a row; None when its intent has one already."""
    return session().scalars(_INSERT.values(**values)).one_or_none()


def through_the_gate(
    order: Order,
    lines: list[OrderLine],
    items: tuple[Item, ...],
    cart: Cart,
    customer: Customer | None,
    by: Actor,
) -> None:
    """Takes an order that was just written, with its lines, through the gate: confirmed at once, or on hold."""
    content, digest = freeze(order, lines, customer)
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
            is_held=held_by_the_guard((line.title, line.quote) for line in lines),
        ),
        by=by,
    )
    if outcome.request is None:
        confirm(order, digest, by, lines)
        return
    order.approval_request_id = outcome.request.id
    ORDER.move(order, "on_hold")
    events.record(
        "order.held",
        order,
        by,
        told(order)
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


def _summary(lines: Sequence[OrderLine]) -> str:
    first = f"{lines[0].quantity} × {lines[0].title}"
    return first if len(lines) == 1 else f"{first} and {len(lines) - 1} more"


def told(order: Order) -> dict[str, object]:
    """What an event says of the order."""
    return {
        "number": order.number,
        "total": f"{order.total_amount} {order.currency}",
        "commitment": f"{order.commitment_amount} {order.currency}",
        "purchase_order_number": order.purchase_order_number,
        "is_on_behalf": order.is_on_behalf,
    }
