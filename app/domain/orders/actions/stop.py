"""Orders that do not go ahead: withdrawn by the buyer or canceled by the reseller, while nothing has been bought yet."""

from uuid import UUID

from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, NotFound
from app.domain.approvals import actions as approvals
from app.domain.orders.actions.confirm import lock_order
from app.domain.orders.models import Order


def withdraw(order_id: UUID, *, reason: str = "", by: Actor) -> Order:
    """Takes back an order that waits for approval; its request ends with it.

    Raises NotFound, Forbidden (not one's own), Conflict (decided already, or past the point).
    """
    order = session().get(Order, order_id)
    if order is None:
        raise NotFound
    if order.approval_request_id is None or order.state not in ("new", "on_hold"):
        raise Conflict(
            f"Order {order.number} is {order.state.replace('_', ' ')} and can no longer be taken back."
        )
    approvals.withdraw(
        order.approval_request_id, reason=reason, by=by
    )  # locks the request first, then the order
    return lock_order(order_id)


def cancel(order_id: UUID, *, reason: str, by: Actor) -> Order:
    """The same from the reseller's side (`order:manage`), with a reason that the buyer reads."""
    return withdraw(order_id, reason=reason.strip() or f"Canceled by {by.name}.", by=by)
