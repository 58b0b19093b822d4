"""The reseller's working days. Deadlines that are running already stay as they are."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Forbidden, Invalid
from app.domain.approvals.models import Calendar

MAX_HOLIDAYS = 400


def set_working_days(weekdays: Collection[int], holidays: Sequence[date], *, by: Actor) -> Calendar:
    """Says which weekdays (Monday is 0) are worked, and on which days nobody does. Raises Invalid, Forbidden."""
    if not by.can("policy:edit") or by.realm != "console":
        raise Forbidden("Only people who may edit policies can set working days.")
    if not weekdays or not set(weekdays) <= set(range(7)):
        raise Invalid({"weekdays": "Choose at least one day."})
    if len(set(holidays)) > MAX_HOLIDAYS:
        raise Invalid({"holidays": f"Give at most {MAX_HOLIDAYS} days."})
    row = session().scalars(select(Calendar).with_for_update()).one_or_none()
    if row is None:
        row = Calendar(weekdays=[], holidays=[])
        session().add(row)
    row.weekdays, row.holidays = sorted(set(weekdays)), sorted(set(holidays))
    session().flush()
    events.record("calendar.changed", row, by, {"weekdays": row.weekdays, "holidays": len(row.holidays)})
    return row
