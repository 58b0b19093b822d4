"""Looking after lines that do not move by themselves: no connector, no job, or nobody but a person can tell."""

from uuid import UUID

from app.core import clock, events, jobs
from app.core.actor import Actor
from app.core.errors import Conflict
from app.domain.orders.actions.provisioning.common import come_back, fail, locked, told
from app.domain.vendors import actions as calls


def settle_as_failed(line_id: UUID, reason: str, *, by: Actor) -> None:
    """A person has looked at the vendor's own portal: this was never bought there. For lines that ask for a person."""
    order, line, step = locked(line_id)
    if step.needs_person_since is None or step.state != "unknown":
        raise Conflict("This is still being checked, or is settled already.")
    step.error = reason.strip()[:500]
    events.record("order_line.settled", line, by, told(order, line) | {"reason": step.error})
    fail(order, line, step, step.error or "Not bought at the vendor.")


def wait_for_connection(line_id: UUID) -> None:
    """No connector is plugged in for the vendor: nothing happened; come back, less often each time."""
    _, line, step = locked(line_id)
    if step.state in ("done", "failed"):
        return
    calls.wait_for_connection(step)
    assert step.next_at is not None
    come_back(line, step.next_at)


def bring_back(line_id: UUID) -> None:
    """Defers the work on an unsettled line anew."""
    order, line, step = locked(line_id)
    if step.state == "done":
        jobs.defer("orders.activate", tenant_id=order.tenant_id, line_id=line.id, lock=f"line:{line.id}")
    elif step.state != "failed":
        come_back(line, clock.now())
