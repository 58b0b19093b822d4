"""The one place that asks what time it is, so that tests can say so instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen_instant", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today(time_zone: str = "UTC") -> date:
    """The calendar day it is now in `time_zone` (an IANA name)."""
    return day_of(now(), time_zone)


def day_of(instant: datetime, time_zone: str = "UTC") -> date:
    """The calendar day of `instant` (aware) in `time_zone`."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Within the block, `now()` answers `instant` (an aware datetime)."""
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def since(delta: timedelta) -> datetime:
    """The instant `delta` before now."""
    return now() - delta
