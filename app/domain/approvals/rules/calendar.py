"""Working days: when a request expires, given the reseller's weekdays, holidays and time zone. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY_TO_FRIDAY = frozenset(range(5))
HORIZON = 3 * 366
"""Days looked ahead at most; a calendar without any working day ends there instead of never."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """`weekdays` counts Monday as 0; a holiday is no working day."""

    time_zone: str = "UTC"
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    holidays: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays

    def after(self, instant: datetime, days: int) -> datetime:
        """The instant `days` working days later, at the same time of day; a count that starts on a day off starts when the
        next working day does.

        Friday 16:00 and one day is Monday 16:00; Saturday and one day is Tuesday 00:00.
        """
        zone = ZoneInfo(self.time_zone)
        there = instant.astimezone(zone)
        day, at = there.date(), there.time()
        if not self.works_on(day):
            day, at = self._next(day), time()
        for _ in range(days):
            day = self._next(day)
        return datetime.combine(day, at, tzinfo=zone).astimezone(instant.tzinfo)

    def before(self, instant: datetime, days: int) -> datetime:
        """The instant `days` working days earlier, at the same time of day."""
        zone = ZoneInfo(self.time_zone)
        there = instant.astimezone(zone)
        day = there.date()
        for _ in range(days):
            day = self._next(day, -1)
        return datetime.combine(day, there.time(), tzinfo=zone).astimezone(instant.tzinfo)

    def _next(self, day: date, step: int = 1) -> date:
        for _ in range(HORIZON):
            day += timedelta(days=step)
            if self.works_on(day):
                return day
        return day


def reminder_of(calendar: WorkingCalendar, began_at: datetime, expires_at: datetime) -> datetime:
    """When whoever is asked is reminded: one working day before the end; half way, where there is not that much time."""
    day_before = calendar.before(expires_at, 1)
    return day_before if day_before > began_at else began_at + (expires_at - began_at) / 2
