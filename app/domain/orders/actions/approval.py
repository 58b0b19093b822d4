"""Orders as subjects of approvals: what they cost now, and what granting, refusing or expiring does to them."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict
from app.core.money import Money, total
from app.domain.approvals import ports
from app.domain.approvals.ports import Moved, PriceNow, Quantity
from app.domain.orders.actions import less
from app.domain.orders.actions.confirm import confirm, lock_order
from app.domain.orders.actions.lines import price
from app.domain.orders.actions.versions import digest_now, freeze, lines_of
from app.domain.orders.models import LINE, ORDER, Order, OrderVersion
from app.domain.orders.queries.offers import OrderedLine, ordered_lines
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import Quote, Quotes

REASONS = {"refused": "Refused", "withdrawn": "Withdrawn", "expired": "Nobody decided in time"}


class OrderSubject:
    """What `approvals.ports.Subject` asks of an order."""

    def price_now(self, subject_id: UUID) -> PriceNow:
        lines = ordered_lines(subject_id)
        quotes = _quotes_now(lines)
        moved = []
        for line in lines:
            now = quotes.get(line.offer_id)
            if now is None or not now.asks_the_same(Quote.from_dict(line.quote)):
                moved.append(
                    Moved(
                        line.title,
                        Money(line.commitment_amount, line.currency),
                        None if now is None else now.commitment_amount,
                    )
                )
        currency = lines[0].currency
        known = len(quotes) == len(lines) and {quote.currency for quote in quotes.values()} == {currency}
        return PriceNow(
            total=total((quote.commitment_amount for quote in quotes.values()), currency) if known else None,
            moved=tuple(moved),
            is_binding_until=min(Quote.from_dict(line.quote).expires_at for line in lines),
        )

    def take_price_now(self, subject_id: UUID, by: Actor) -> tuple[Mapping[str, Any], Money]:
        order = lock_order(subject_id)
        lines = lines_of(order)
        quotes = _quotes_now(ordered_lines(order.id))
        if len(quotes) != len(lines):
            raise Conflict("Something in this order has no price any more.")
        for line in lines:
            price(line, quotes[line.offer_id])
        before = f"{order.commitment_amount} {order.currency}"
        order.total_amount = sum((line.total_amount for line in lines), Decimal(0))
        order.commitment_amount = sum((line.commitment_amount for line in lines), Decimal(0))
        order.version_number += 1
        session().flush()
        content, digest = freeze(order, lines)
        events.record(
            "order.repriced",
            order,
            by,
            {
                "number": order.number,
                "before": before,
                "now": f"{order.commitment_amount} {order.currency}",
                "digest": digest,
            },
        )
        return content, Money(order.commitment_amount, order.currency)

    def current_digest(self, subject_id: UUID) -> str:
        order = session().get(Order, subject_id, populate_existing=True)
        assert order is not None
        return digest_now(order)

    def granted(self, subject_id: UUID, digest: str, by: Actor) -> None:
        order = lock_order(subject_id)
        events.record("order.approved", order, by, {"number": order.number, "digest": digest})
        confirm(order, digest, by)

    def closed(self, subject_id: UUID, state: str, reason: str, by: Actor) -> None:
        order = lock_order(subject_id)
        cancel_locked(order, f"{REASONS[state]}: {reason}" if state == "refused" else reason)
        name = {"refused": "order.refused", "withdrawn": "order.withdrawn", "expired": "order.expired"}[state]
        events.record(name, order, by, {"number": order.number, "reason": reason})

    def quantities(self, subject_id: UUID) -> list[Quantity]:
        order = session().get(Order, subject_id)
        assert order is not None
        return [Quantity(line.id, line.title, line.quantity) for line in lines_of(order)]

    def ask_for_less(self, subject_id: UUID, quantities: Mapping[UUID, int], by: Actor) -> str:
        return less.order_less(lock_order(subject_id), quantities, by=by).number


def cancel_locked(order: Order, reason: str) -> None:
    """Cancels a locked order that has not been confirmed, with all its lines."""
    ORDER.move(order, "canceled")
    order.reason, order.closed_at = reason, clock.now()
    for line in lines_of(order):
        LINE.move(line, "canceled")
        line.settled_at = order.closed_at


def _quotes_now(lines: Sequence[OrderedLine]) -> Quotes:
    """Fresh quotes for what is still sold to the customer."""
    return pricing.quotes(
        [(line.offer_id, line.quantity) for line in lines if line.is_sold], account_id=lines[0].account_id
    )


def approved_content(order: Order) -> dict[str, Any]:
    """The frozen content that was approved; for documents and for comparing."""
    return json.loads(
        session()
        .execute(
            select(OrderVersion.content).where(
                OrderVersion.order_id == order.id, OrderVersion.digest == order.approved_digest
            )
        )
        .scalar_one()
    )


ports.plug("order", OrderSubject())
