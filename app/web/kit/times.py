"""Instants as people type them: a date and a time in the reseller's time zone, without saying which."""

from datetime import datetime
from zoneinfo import ZoneInfo


def local_instant(text: str, time_zone: str) -> datetime | None:
    """The instant behind `2026-11-30T00:00` typed in `time_zone`; None when it is no date and time.

    Of an hour that comes twice the first is meant; one that is skipped is the same moment an hour on.
    """
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return typed.replace(tzinfo=ZoneInfo(time_zone)) if typed.tzinfo is None else typed


def typed_local(instant: datetime | None, time_zone: str) -> str:
    """How `instant` stands in a `datetime-local` field."""
    return "" if instant is None else instant.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%dT%H:%M")
