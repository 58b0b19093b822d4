"""What an order's lines add up to while they are bought, and when a purchase that is pending is read again."""

from collections.abc import Iterable
from datetime import timedelta

READING_WAITS = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 10, 20, 60, 300, 900, 3600))
"""Before a purchase that is pending at the vendor is read again."""


def order_state(line_states: Iterable[str]) -> str | None:
    """What an order that is being provisioned becomes: completed, error, or None while some line is not settled."""
    states = set(line_states)
    if states & {"pending", "provisioning", "unknown"}:
        return None
    return "completed" if states == {"active"} else "error"
