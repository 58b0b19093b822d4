"""Reading what goes on at vendors: where a line stands, which lines nobody works on, and what needs a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select, text

from app.core.db import session
from app.core.errors import NotFound
from app.core.money import Money
from app.domain.orders.models import Order, OrderLine, ProvisioningStep
from app.domain.people.models import Account

PATIENCE = timedelta(minutes=15)
"""How long an order may be on its way before people see it under "needs attention" (promise P2)."""


@dataclass(frozen=True, slots=True)
class AtVendor:
    """What a job needs to know of a line before it opens the vendor's port."""

    vendor_key: str
    vendor_subscription_id: str
    state: str


def line_at_vendor(line_id: UUID) -> AtVendor:
    """Where the line is bought. NotFound when there is no such line in scope."""
    found = (
        session()
        .execute(
            select(OrderLine.vendor_key, OrderLine.vendor_subscription_id, OrderLine.state).where(
                OrderLine.id == line_id
            )
        )
        .first()
    )
    if found is None:
        raise NotFound
    return AtVendor(*found)


def lost_lines(now: datetime) -> list[tuple[UUID, UUID]]:
    """(tenant, line) of confirmed lines that are not settled, have been still for a while, and have no job waiting or
    running. In the scope of everyone."""
    rows = session().execute(
        text("""
            SELECT l.tenant_id, l.id FROM order_line l
            JOIN "order" o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
            JOIN provisioning_step s ON s.tenant_id = l.tenant_id AND s.order_line_id = l.id
            WHERE l.state IN ('pending', 'provisioning', 'unknown') AND o.state IN ('confirmed', 'in_progress')
              AND s.needs_person_since IS NULL
              AND o.confirmed_at < :quiet AND coalesce(s.last_called_at, o.confirmed_at) < :quiet
              AND coalesce(s.next_at, o.confirmed_at) < :quiet
              AND NOT EXISTS (
                SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')
                  AND j.lock = 'line:' || l.id)
            ORDER BY o.confirmed_at LIMIT 500
        """),
        {"quiet": now - timedelta(minutes=5)},
    )
    return [(row.tenant_id, row.id) for row in rows]


@dataclass(frozen=True, slots=True)
class Attention:
    """One line that people should look at, with the reason and since when."""

    order_id: UUID
    order_number: str
    account_name: str
    line_id: UUID
    title: str
    line_state: str
    reason: str
    since: datetime
    is_for_person: bool
    commitment: Money


def needs_attention(now: datetime, *, limit: int = 50) -> list[Attention]:
    """Lines that ask for a person, and lines that have been on their way for longer than PATIENCE. One query."""
    rows = session().execute(
        select(Order, OrderLine, ProvisioningStep, Account.name)
        .join(OrderLine, and_(OrderLine.tenant_id == Order.tenant_id, OrderLine.order_id == Order.id))
        .join(
            ProvisioningStep,
            and_(
                ProvisioningStep.tenant_id == OrderLine.tenant_id,
                ProvisioningStep.order_line_id == OrderLine.id,
            ),
        )
        .join(Account, and_(Account.tenant_id == Order.tenant_id, Account.id == Order.account_id))
        .where(
            OrderLine.state.in_(("pending", "provisioning", "unknown")),
            or_(ProvisioningStep.needs_person_since.is_not(None), Order.confirmed_at < now - PATIENCE),
        )
        .order_by(Order.confirmed_at)
        .limit(limit)
    )
    return [
        Attention(
            order_id=order.id,
            order_number=order.number,
            account_name=name,
            line_id=line.id,
            title=line.title,
            line_state=line.state,
            reason=step.error or "Still on its way at the vendor.",
            since=step.needs_person_since or order.confirmed_at or order.placed_at,
            is_for_person=step.needs_person_since is not None,
            commitment=Money(line.commitment_amount, line.currency).rounded(),
        )
        for order, line, step, name in rows
    ]
