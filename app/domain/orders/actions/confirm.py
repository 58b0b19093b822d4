"""An order going ahead: its approved digest is noted, and the work at the vendors is deferred in the same transaction."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events, jobs
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import NotFound
from app.core.ids import new_id
from app.domain.orders.actions.versions import lines_of
from app.domain.orders.models import ORDER, Order, OrderLine, ProvisioningStep


def lock_order(order_id: UUID) -> Order:
    """The order, locked to the end of the unit and read afresh; NotFound when it is not in scope."""
    order = (
        session()
        .scalars(
            select(Order)
            .where(Order.id == order_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if order is None:
        raise NotFound
    return order


def confirm(order: Order, digest: str, by: Actor, lines: Sequence[OrderLine] | None = None) -> None:
    """Lets a locked order go ahead with exactly the version of `digest`: one step per line, each with its key, and a job.

    The key is committed here, long before the first call is made (promise P1). `lines`: the order's, for whoever has
    written them in this unit.
    """
    ORDER.move(order, "confirmed")
    order.confirmed_at, order.approved_digest = clock.now(), digest
    if lines is None:
        lines = lines_of(order)
    session().add_all(
        ProvisioningStep(
            account_id=order.account_id,
            order_id=order.id,
            order_line_id=line.id,
            name="purchase",
            state="ready",
            key=new_id(),
            # numbers repeat among resellers, so a piece of the line's id makes it unique at the vendor
            client_reference=f"{order.number}/{line.position}/{line.id.hex[-12:]}",
        )
        for line in lines
    )
    for line in lines:
        jobs.defer("orders.provision", tenant_id=order.tenant_id, line_id=line.id, lock=f"line:{line.id}")
    events.record("order.confirmed", order, by, {"number": order.number, "digest": digest})
