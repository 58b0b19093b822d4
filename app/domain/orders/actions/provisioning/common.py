"""What every part of provisioning stands on: locking, the end of a line, the sum of an order, asking a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events, jobs
from app.core.actor import SYSTEM
from app.core.db import session
from app.core.errors import NotFound
from app.domain.approvals.actions import gate
from app.domain.orders.actions.confirm import lock_order
from app.domain.orders.actions.versions import lines_of
from app.domain.orders.models import LINE, ORDER, Order, OrderLine, ProvisioningStep
from app.domain.orders.rules.provisioning import order_state
from app.domain.vendors import actions as calls


def locked(line_id: UUID) -> tuple[Order, OrderLine, ProvisioningStep]:
    """The line's order (locked to the end of the unit), the line and its purchase step, all read afresh."""
    order_id = (
        session().execute(select(OrderLine.order_id).where(OrderLine.id == line_id)).scalar_one_or_none()
    )
    if order_id is None:
        raise NotFound
    order = lock_order(order_id)
    line, step = (
        session()
        .execute(
            select(OrderLine, ProvisioningStep)
            .join(
                ProvisioningStep,
                (ProvisioningStep.tenant_id == OrderLine.tenant_id)
                & (ProvisioningStep.order_line_id == OrderLine.id),
            )
            .where(OrderLine.id == line_id, ProvisioningStep.name == "purchase")
            .execution_options(populate_existing=True)
        )
        .one()
    )
    return order, line, step


def come_back(line: OrderLine, at: datetime) -> None:
    """Defers the next look at a line."""
    jobs.defer("orders.provision", tenant_id=line.tenant_id, line_id=line.id, lock=f"line:{line.id}", at=at)


def told(order: Order, line: OrderLine) -> dict[str, Any]:
    """What every event of a line says."""
    return {"number": order.number, "order_id": str(order.id), "position": line.position, "title": line.title}


def activate_line(line: OrderLine) -> None:
    """The line is delivered."""
    LINE.move(line, "active")
    line.settled_at, line.error = clock.now(), ""


def fail(order: Order, line: OrderLine, step: ProvisioningStep, reason: str) -> None:
    """The purchase has failed for good, and the line with it."""
    calls.fail(step)
    fail_line(order, line, reason)


def fail_line(order: Order, line: OrderLine, reason: str) -> None:
    """The line has failed; the order may be settled by that."""
    LINE.move(line, "failed")
    line.error, line.settled_at = reason[:1000], clock.now()
    events.record("order_line.failed", line, SYSTEM, told(order, line) | {"reason": line.error})
    roll_up(order)


def roll_up(order: Order) -> None:
    """Gives a locked order the state that its lines add up to, once all are settled."""
    lines = lines_of(order)
    state = order_state(line.state for line in lines)
    if state is None or order.state in ("completed", "error"):
        return
    if order.state == "confirmed" and state == "completed":
        ORDER.move(order, "in_progress")
    ORDER.move(order, state)
    order.closed_at = clock.now()
    if state == "completed":
        events.record("order.completed", order, SYSTEM, {"number": order.number})
        return
    failed = [line for line in lines if line.state != "active"]
    order.reason = "; ".join(f"{line.title}: {line.error or line.state}" for line in failed)[:2000]
    if len(failed) == len(lines):
        gate.release(order.id)
    events.record("order.failed", order, SYSTEM, {"number": order.number, "reason": order.reason})


def ask_person(order: Order, line: OrderLine, step: ProvisioningStep, reason: str) -> None:
    """Nothing may be done by machine any more: shown as being checked, and listed for people."""
    calls.leave_to_a_person(step, reason)
    if line.state != "unknown":
        if line.state == "pending":
            LINE.move(line, "provisioning")
        LINE.move(line, "unknown")
    note_person(order, line, step)


def note_person(order: Order, line: OrderLine, step: ProvisioningStep) -> None:
    """Lists the line for people, once."""
    if step.needs_person_since is None:
        step.needs_person_since = clock.now()
        events.record("order_line.needs_attention", line, SYSTEM, told(order, line) | {"error": step.error})
