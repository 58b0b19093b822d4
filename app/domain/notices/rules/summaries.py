"""When a day's summary is due: in the reader's own calendar, once a day, from an hour of their choice on."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def due_on(now: datetime, time_zone: str, hour: int, last_on: date | None) -> date | None:
    """The day whose summary is due at `now` (aware), as it is called in `time_zone`; None when none is.

    An hour that a change of clocks leaves out is passed all the same, and one that comes twice counts once.
    """
    local = now.astimezone(ZoneInfo(time_zone))
    if local.hour < hour or (last_on is not None and last_on >= local.date()):
        return None
    return local.date()
