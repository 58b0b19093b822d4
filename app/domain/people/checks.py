"""Invariants about people, for `flask verify`."""

from sqlalchemy import any_, select

from app.core.db import session
from app.domain.people.models import Account, Person, WebSession
from app.domain.people.rules.addresses import BadAddress, canonical_email
from app.domain.people.rules.roles import ROLES
from app.domain.tenants.models import Tenant


def _spelling() -> list[str]:
    return [
        str(key)
        for key, email in session().execute(select(Person.id, Person.email))
        if not _is_canonical(email)
    ]


def _is_canonical(email: str) -> bool:
    try:
        return canonical_email(email) == email
    except BadAddress:
        return False


def _roles() -> list[str]:
    rows = session().execute(select(Person.id, Person.realm, Person.roles))
    return [str(key) for key, realm, roles in rows if not roles or set(roles) - set(ROLES[realm])]


def _owners() -> list[str]:
    owned = select(Person.tenant_id).where(
        Person.realm == "console", any_(Person.roles) == "owner", Person.is_active
    )
    staffed = select(Person.tenant_id).where(Person.realm == "console")
    rows = session().scalars(select(Tenant.id).where(Tenant.id.in_(staffed), Tenant.id.not_in(owned)))
    return [str(key) for key in rows]


def _sessions() -> list[str]:
    fits = (
        (WebSession.realm == Person.realm)
        & WebSession.tenant_id.is_not_distinct_from(Person.tenant_id)
        & WebSession.account_id.is_not_distinct_from(Person.account_id)
    )
    # who sees the shop as a customer is the reseller's own, and the account is the customer's
    views = (
        (WebSession.realm == "viewing")
        & (Person.realm == "console")
        & (WebSession.tenant_id == Person.tenant_id)
        & WebSession.account_id.in_(select(Account.id).where(Account.tenant_id == WebSession.tenant_id))
    )
    rows = session().execute(
        select(Person.id)
        .join(WebSession, WebSession.person_id == Person.id)
        .where(~(fits | views) | ~Person.is_active)
    )
    return sorted({str(row.id) for row in rows})


CHECKS = [
    ("every e-mail address is stored in its canonical spelling", _spelling),
    ("everybody holds roles of their own realm, and at least one", _roles),
    ("every reseller with people has an owner", _owners),
    ("a session belongs to where its person belongs, and nobody who was let go has one", _sessions),
]
