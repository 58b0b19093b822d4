"""Who may see the shop as one of its customers, how long that lasts, and at which instants."""

from datetime import datetime, timedelta

from app.core.actor import Actor

NEEDED = frozenset({"account:read", "pricing:read"})
PASS_LIFETIME = timedelta(minutes=2)
VIEW_LIFETIME = timedelta(minutes=30)
FURTHEST_YEARS = 10


def may_view(actor: Actor) -> bool:
    """Whether `actor` works for the reseller and may read its customers and their prices."""
    return actor.realm == "console" and actor.permissions >= NEEDED


def is_within_reach(instant: datetime, now: datetime) -> bool:
    """Whether prices can sensibly be asked for at `instant`: no more than ten years from `now`, before or after."""
    return abs(instant.year - now.year) <= FURTHEST_YEARS
