"""Who works here: inviting people, giving and taking roles, letting people go.

Customers' people are looked after by a reseller's people who may edit accounts; a reseller's own people by its owner.
Nobody gives what they do not hold, and nobody changes their own rights (attack C-11).
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import any_, delete, select
from sqlalchemy.exc import IntegrityError

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid
from app.domain.people.actions.sessions import end_sessions
from app.domain.people.models import AccessLink, Account, Person
from app.domain.people.rules.addresses import BadAddress, canonical_email
from app.domain.people.rules.roles import ROLES, grantable


def invite_contact(account: Account, *, email: str, name: str, roles: Iterable[str], by: Actor) -> Person:
    """A new person of the customer `account`, with a mail by which they choose their password.

    Raises Forbidden unless `by` may edit accounts, Invalid for what was typed.
    """
    _may(by, "account:edit")
    return _invite(
        "storefront",
        by=by,
        account_id=account.id,
        tenant_id=account.tenant_id,
        email=email,
        name=name,
        roles=roles,
    )


def invite_colleague(*, email: str, name: str, roles: Iterable[str], by: Actor) -> Person:
    """A new person of the reseller itself. Raises Forbidden unless `by` manages people and holds all of `roles`."""
    _may(by, "person:manage")
    if by.tenant_id is None:
        raise Forbidden("Only a reseller's owner invites colleagues.")
    return _invite(
        "console", by=by, account_id=None, tenant_id=by.tenant_id, email=email, name=name, roles=roles
    )


def resend_invitation(person: Person, *, by: Actor) -> None:
    """Sends the invitation once more; the link of the mail before is void then. Conflict when it was taken up."""
    _may_manage(person, by)
    if person.state != "invited":
        raise Conflict(f"{person.name} has taken up the invitation already.")
    events.record("person.invited", person, by, {"roles": person.roles})


def change_roles(person: Person, roles: Iterable[str], *, by: Actor) -> Person:
    """Gives exactly these roles. Whoever loses one is signed out everywhere, and signs in to less.

    Raises Invalid, Forbidden for one's own rights or for more than `by` holds, Conflict for the last owner.
    """
    _may_manage(person, by)
    _not_oneself(person, by)
    wanted = _checked_roles(person.realm, roles, by)
    before = list(person.roles)
    if set(wanted) == set(before):
        return person
    if not _may_give(person.realm, before, by):
        raise Forbidden(f"{person.name} holds more rights than you may give or take.")
    if "owner" in before and "owner" not in wanted:
        _not_the_last_owner(person)
    person.roles = wanted
    if set(before) - set(wanted):
        end_sessions(person.id)
    events.record("person.roles_changed", person, by, {"before": before, "after": wanted})
    return person


def deactivate(person: Person, *, by: Actor) -> Person:
    """From now on the person cannot sign in and is signed out everywhere. What they did stays theirs."""
    _may_manage(person, by)
    _not_oneself(person, by)
    if not person.is_active:
        return person
    if "owner" in person.roles:
        _not_the_last_owner(person)
    person.is_active = False
    end_sessions(person.id)
    session().execute(
        delete(AccessLink).where(AccessLink.person_id == person.id, AccessLink.used_at.is_(None))
    )
    events.record("person.deactivated", person, by)
    return person


def reactivate(person: Person, *, by: Actor) -> Person:
    """Lets the person sign in again, with the password they had."""
    _may_manage(person, by)
    if person.is_active:
        return person
    if not _may_give(person.realm, person.roles, by):
        raise Forbidden(f"{person.name} holds more rights than you may give or take.")
    person.is_active = True
    events.record("person.reactivated", person, by)
    return person


def _invite(
    realm: str,
    *,
    by: Actor,
    account_id: UUID | None,
    tenant_id: UUID,
    email: str,
    name: str,
    roles: Iterable[str],
) -> Person:
    wanted = _checked_roles(realm, roles, by)
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": "Say what the person is called."})
    try:
        email = canonical_email(email)
    except BadAddress as bad:
        raise Invalid({"email": str(bad)})
    person = Person(
        tenant_id=tenant_id, account_id=account_id, realm=realm, email=email, name=name, roles=wanted
    )
    try:
        with session().begin_nested():
            session().add(person)
    except IntegrityError:
        raise Invalid({"email": "Somebody with this address is here already."})
    events.record("person.invited", person, by, {"roles": wanted})
    return person


def _checked_roles(realm: str, roles: Iterable[str], by: Actor) -> list[str]:
    wanted = [role for role in ROLES[realm] if role in set(roles)]
    if not wanted or len(wanted) != len(set(roles)):
        raise Invalid({"roles": "Choose at least one role."})
    if not _may_give(realm, wanted, by):
        raise Forbidden("You can only give roles whose rights you hold yourself.")
    return wanted


def _may_give(realm: str, roles: Iterable[str], by: Actor) -> bool:
    """In one's own realm never more than one holds; a customer's roles are the reseller's to give."""
    if realm == "storefront":
        return by.realm == "console"
    return by.realm == realm and grantable(realm, by.roles, roles)


def _may(by: Actor, permission: str) -> None:
    if not by.can(permission):
        raise Forbidden("Your role does not include this.")


def _may_manage(person: Person, by: Actor) -> None:
    _may(by, "account:edit" if person.realm == "storefront" else "person:manage")


def _not_oneself(person: Person, by: Actor) -> None:
    if person.id in by.people:
        raise Forbidden("Your own rights are for somebody else to change.")


def _not_the_last_owner(person: Person) -> None:
    # the owners' rows are locked, so that two owners cannot dismiss each other in the same moment
    others = session().scalars(
        select(Person.id)
        .where(
            Person.realm == "console",
            any_(Person.roles) == "owner",
            Person.is_active,
            Person.password_hash != "",
        )
        .order_by(Person.id)
        .with_for_update()
    )
    if not set(others) - {person.id}:
        raise Conflict(f"{person.name} is the only owner. Make somebody else an owner first.")
