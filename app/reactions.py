"""Event → who reacts. NOW runs in the transaction of the event, without input or output beyond the database; LATER defers
a job in the same transaction, so that either both happen or neither.
"""

from collections.abc import Callable

from app.core import events, jobs
from app.core.events import Event
from app.domain.notices.telling import TELLS
from app.domain.pricing.jobs import CAUSES as MARGIN_CAUSES
from app.domain.subscriptions import actions as subscriptions

NOW: dict[str, list[Callable[[Event], None]]] = {
    "order_line.provisioned": [subscriptions.begin],
    "order_line.activated": [subscriptions.activate],
    "order_line.failed": [subscriptions.give_up],
}

LATER: dict[str, list[str]] = {name: ["notices.tell"] for name in TELLS}
"""What people are told of stands in `notices/telling.py`; other jobs are added to these lists."""
for _name in ("subscription.renewed", "subscription.cancelled", "subscription.expired"):
    LATER.setdefault(_name, []).append("subscriptions.withdraw_waiting")
LATER.setdefault("price_book.published", []).append("subscriptions.tell_rises")
for _cause in MARGIN_CAUSES:
    LATER.setdefault(_cause, []).append("pricing.look_after_margins")


def react(event: Event) -> None:
    """Runs what answers to `event` now and defers what answers to it later (jobs get `event_id` and `tenant_id`)."""
    for function in NOW.get(event.name, ()):
        function(event)
    for job in LATER.get(event.name, ()):
        jobs.defer(job, event_id=event.id, tenant_id=event.tenant_id)


def install() -> None:
    """Called once by `create_app`. A job that is not registered stops the app from starting."""
    unknown = {job for later in LATER.values() for job in later} - set(jobs.registry)
    if unknown:
        raise RuntimeError(f"reactions name unknown jobs: {sorted(unknown)}")
    events.plug(react)
