"""Being away: naming who decides in one's place, from a day to a day. Nothing is handed over; a queue looks it up when read."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.people.models import Delegation, Person
from app.domain.people.rules.roles import permissions_of
from app.domain.tenants.models import Tenant

MAX_DAYS = 92
MAX_AHEAD = 20
"""Delegations that one person may have at the same time, past ones not counted."""


def delegate(
    delegate_id: UUID,
    starts_on: date | None,
    ends_on: date | None,
    *,
    note: str = "",
    for_id: UUID | None = None,
    by: Actor,
) -> Delegation:
    """Names who decides in one's place on these days (both included, in the reseller's time zone).

    Only people who may decide themselves can be away, and only colleagues can stand in: of the same customer, or of the
    reseller. `for_id`: somebody else is away, which only those say who manage people. Raises Invalid, NotFound, Forbidden.
    """
    person = _away(for_id, by)
    other = session().scalar(select(Person).where(Person.id == delegate_id))
    problems = {}
    if (
        other is None
        or not other.is_active
        or (other.realm, other.account_id) != (person.realm, person.account_id)
    ):
        problems["delegate_id"] = "Choose a colleague who may sign in."
    elif other.id == person.id:
        problems["delegate_id"] = "Choose somebody else."
    zone = session().scalar(select(Tenant.time_zone).where(Tenant.id == person.tenant_id)) or "UTC"
    today = clock.today(zone)
    if starts_on is None:
        problems["starts_on"] = "Give a day."
    if ends_on is None or ends_on < today or (starts_on is not None and ends_on < starts_on):
        problems["ends_on"] = "Give a day that is not over, and not before the first."
    elif starts_on is not None and ends_on - starts_on > timedelta(days=MAX_DAYS):
        problems["ends_on"] = f"Use at most {MAX_DAYS} days."
    if problems:
        raise Invalid(problems)
    ahead = session().scalar(
        select(func.count())
        .select_from(Delegation)
        .where(Delegation.person_id == person.id, Delegation.ends_on >= today)
    )
    if (ahead or 0) >= MAX_AHEAD:
        raise Conflict("Take one of the other entries away first.")
    row = Delegation(
        tenant_id=person.tenant_id,
        person_id=person.id,
        delegate_id=delegate_id,
        starts_on=starts_on,
        ends_on=ends_on,
        note=" ".join(note.split())[:200],
    )
    session().add(row)
    session().flush()
    assert other is not None
    events.record(
        "person.delegated",
        person,
        by,
        {"to": other.name, "to_id": other.id, "starts_on": row.starts_on, "ends_on": row.ends_on},
    )
    return row


def end_delegation(delegation_id: UUID, *, by: Actor) -> None:
    """Takes a delegation away at once. Whoever is away may, and those who manage people. NotFound, Forbidden."""
    row = session().scalar(select(Delegation).where(Delegation.id == delegation_id).with_for_update())
    if row is None:
        raise NotFound
    person = _away(row.person_id, by)
    session().delete(row)
    events.record("person.delegation_ended", person, by, {"starts_on": row.starts_on, "ends_on": row.ends_on})


def _away(person_id: UUID | None, by: Actor) -> Person:
    person_id = person_id or by.person_id
    person = session().scalar(select(Person).where(Person.id == person_id))
    if person is None or (by.account_id is not None and person.account_id != by.account_id):
        raise NotFound
    manages = by.realm == "console" and by.can("person:manage") and person.realm == "console"
    if person_id != by.person_id and not manages:
        raise NotFound
    if "approval:decide" not in permissions_of(person.realm, person.roles):
        raise Forbidden("Only people who decide requests need somebody in their place.")
    return person
