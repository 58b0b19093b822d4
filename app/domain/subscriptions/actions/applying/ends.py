"""How a change ends when it is not done: its state, what it committed to is given back, and who is told."""

from collections.abc import Mapping

from app.core import clock, events
from app.core.actor import SYSTEM
from app.domain.approvals.actions import gate
from app.domain.subscriptions.actions.requesting import told
from app.domain.subscriptions.models import CHANGE, Subscription, SubscriptionChange


def ends_as(change: SubscriptionChange, state: str, reason: str) -> None:
    """Gives a locked change its last state."""
    CHANGE.move(change, state)
    change.closed_at, change.reason = clock.now(), reason[:1000]
    if state != "completed":
        gate.release(change.id)


def end(
    change: SubscriptionChange, subscription: Subscription, event: str, data: Mapping[str, object]
) -> None:
    """Tells that a change has ended as `completed`, `failed` or `conflicted`."""
    events.record(f"subscription_change.{event}", change, SYSTEM, told(change, subscription) | dict(data))
