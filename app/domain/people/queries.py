"""Reading people and accounts within the scope at hand. Another tenant's are simply not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, any_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.domain.people.models import AccessLink, Account, Delegation, Person
from app.domain.tenants.models import Tenant

SIGN_IN_CANDIDATES = 3
"""At most so many people of one e-mail address are tried on the console's host, where the tenant is not known."""


def person(person_id: UUID) -> Person:
    """The person, or NotFound."""
    found = session().scalar(select(Person).where(Person.id == person_id))
    if found is None:
        raise NotFound()
    return found


def colleague(person_id: UUID) -> Person:
    """The console person of the tenant in scope, or NotFound."""
    found = person(person_id)
    if found.realm != "console":
        raise NotFound()
    return found


def account(account_id: UUID) -> Account:
    """The customer, or NotFound."""
    found = session().scalar(select(Account).where(Account.id == account_id))
    if found is None:
        raise NotFound()
    return found


def contact(account_id: UUID, person_id: UUID) -> Person:
    """The person of this customer, or NotFound."""
    found = person(person_id)
    if found.account_id != account_id:
        raise NotFound()
    return found


def people_of_account(account_id: UUID) -> list[Person]:
    """Everybody of one customer by name, those who may not sign in last."""
    rows = session().scalars(
        select(Person)
        .where(Person.account_id == account_id)
        .order_by(Person.is_active.desc(), Person.name, Person.id)
    )
    return list(rows)


def people_of_console(search: str = "") -> list[Person]:
    """The reseller's own people by name, those who may not sign in last; `search` looks at name and e-mail."""
    query = select(Person).where(Person.realm == "console")
    if search:
        like = f"%{_escaped(search)}%"
        query = query.where(func.plain(Person.name).like(func.plain(like)) | Person.email.like(like.lower()))
    return list(session().scalars(query.order_by(Person.is_active.desc(), Person.name, Person.id)))


def holders(realm: str, role: str, account_id: UUID | None = None) -> list[Person]:
    """Those who hold `role` and can sign in: whom to ask, and whom to write to."""
    query = select(Person).where(
        Person.realm == realm, any_(Person.roles) == role, Person.is_active, Person.password_hash != ""
    )
    if account_id is not None:
        query = query.where(Person.account_id == account_id)
    return list(session().scalars(query.order_by(Person.name, Person.id)))


def who_may_be(email: str, realms: Sequence[str]) -> list[Person]:
    """The people with this canonical e-mail in the scope at hand who might be signing in, most recently seen first."""
    query = (
        select(Person)
        .where(Person.email == email, Person.realm.in_(realms), Person.is_active)
        .order_by(Person.last_signed_in_at.desc().nulls_last(), Person.id)
        .limit(SIGN_IN_CANDIDATES)
    )
    return list(session().scalars(query))


def invitation_of(person_id: UUID) -> AccessLink | None:
    """The invitation that is still open, if there is one."""
    return session().scalar(
        select(AccessLink).where(
            AccessLink.person_id == person_id,
            AccessLink.purpose == "invitation",
            AccessLink.used_at.is_(None),
            AccessLink.expires_at > clock.now(),
        )
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def stood_in_for(person_id: ColumnElement[Any], time_zone: ColumnElement[str]) -> ColumnElement[Any]:
    """A column: the people in whose place this person decides today, as JSON, or NULL. See `people.models.Delegation`."""
    today = cast(func.timezone(time_zone, clock.now()), Date)
    named = select(Delegation.id).where(Delegation.delegate_id == person_id).correlate(Person).exists()
    return case((named, func.stood_in_for(person_id, today, type_=JSONB)), else_=None)


def absent_of(person_id: UUID) -> list[Mapping[str, Any]]:
    """The people in whose place this person decides at this moment. One query."""
    found = session().scalar(
        select(stood_in_for(Person.id, Tenant.time_zone))  # type: ignore[arg-type]
        .join(Tenant, Tenant.id == Person.tenant_id)
        .where(Person.id == person_id)
    )
    return found or []


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One delegation as a person sees it: who stands in for them (`is_mine`), or for whom they stand in."""

    id: UUID
    name: str
    starts_on: date
    ends_on: date
    note: str
    is_mine: bool


def delegations_of(person_id: UUID) -> list[DelegationRow]:
    """What is not over yet, from either side, in order of days. One query."""
    today = cast(func.timezone(Tenant.time_zone, clock.now()), Date)
    other = case((Delegation.person_id == person_id, Delegation.delegate_id), else_=Delegation.person_id)
    rows = session().execute(
        select(Delegation, Person.name)
        .join(Tenant, Tenant.id == Delegation.tenant_id)
        .join(Person, Person.id == other)
        .where(
            or_(Delegation.person_id == person_id, Delegation.delegate_id == person_id),
            Delegation.ends_on >= today,
        )
        .order_by(Delegation.starts_on, Delegation.id)
    )
    return [
        DelegationRow(row.id, name, row.starts_on, row.ends_on, row.note, row.person_id == person_id)
        for row, name in rows
    ]


def colleagues_of(person: Person) -> list[Person]:
    """Everybody else who may sign in on the same side: of the same customer, or of the reseller. By name. One query."""
    same = (
        Person.account_id.is_(None) if person.account_id is None else Person.account_id == person.account_id
    )
    rows = session().scalars(
        select(Person)
        .where(
            Person.tenant_id == person.tenant_id,
            Person.realm == person.realm,
            same,
            Person.is_active,
            Person.id != person.id,
        )
        .order_by(Person.name, Person.id)
    )
    return list(rows)
