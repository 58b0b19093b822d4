"""Looking after changes that do not move by themselves: no connector, or no job."""

from uuid import UUID

from app.core import clock
from app.domain.subscriptions.actions.applying.claims import locked
from app.domain.subscriptions.actions.requesting import defer
from app.domain.vendors import actions as calls


def wait_for_connection(change_id: UUID, name: str) -> None:
    """No connector is plugged in for the vendor: nothing happened; come back, less often each time."""
    _, change, step = locked(change_id, name)
    if step.state in ("done", "failed"):
        return
    calls.wait_for_connection(step)
    defer(change, name, step.next_at)


def bring_back(change_id: UUID, name: str) -> None:
    """Defers the work on an unsettled step anew."""
    _, change, step = locked(change_id, name)
    if step.state not in ("done", "failed"):
        defer(change, name, clock.now())
