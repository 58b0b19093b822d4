"""How a person wants to be told: by group at once, once a day or not at all; and that mail reaches them again."""

from collections.abc import Mapping
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Invalid, NotFound
from app.domain.notices.kinds import GROUPS, HOWS
from app.domain.notices.models import Recipient
from app.domain.people.models import Person


def choose(hows: Mapping[str, str], *, time_zone: str, summary_hour: int, by: Actor) -> Recipient:
    """Keeps a person's own choices: a way for each group, and when and where their day's summary comes.

    Invalid for what is on none of the lists; groups that are not offered to this person are refused too.
    """
    errors = {
        group: "Choose one of the three."
        for group, how in hows.items()
        if how not in HOWS or group not in GROUPS or by.realm not in GROUPS[group].realms
    }
    if time_zone and time_zone not in available_timezones():
        errors["time_zone"] = "There is no such time zone."
    if not 0 <= summary_hour <= 23:
        errors["summary_hour"] = "Choose an hour of the day."
    if errors:
        raise Invalid(errors)
    if by.person_id is None:
        raise NotFound()
    found = recipient(by.person_id)
    found.hows = {**found.hows, **hows}
    found.time_zone, found.summary_hour = time_zone, summary_hour
    return found


def mute(person_id: UUID, group: str) -> Recipient:
    """No more mails of one group to this person; the bell goes on. For the link in a mail: it proves whose it is."""
    if group not in GROUPS and group != "summary":
        raise NotFound()
    found = recipient(person_id)
    if group == "summary":
        daily = {name: "never" for name in GROUPS if _how(found, name) == "daily"}
        found.hows = {**found.hows, **daily}
    else:
        found.hows = {**found.hows, group: "never"}
    return found


def clear_refusal(person_id: UUID) -> None:
    """Mail to this person is tried again."""
    found = recipient(person_id)
    found.refused_at, found.refused_email, found.refusal = None, "", ""


def recipient(person_id: UUID) -> Recipient:
    """The person's row, made when there is none. NotFound for a person who is not in scope."""
    person = session().scalar(select(Person).where(Person.id == person_id))
    if person is None:
        raise NotFound()
    found = session().scalar(select(Recipient).where(Recipient.person_id == person_id))
    if found is None:
        found = Recipient(tenant_id=person.tenant_id, person_id=person_id, hows={}, summary_hour=8)
        session().add(found)
        session().flush()
    return found


def _how(row: Recipient, group: str) -> str:
    return str(row.hows.get(group) or GROUPS[group].usual)
