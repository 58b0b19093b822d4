"""From a person's row to the `Actor` that actions are given."""

from app.core.actor import Actor
from app.domain.people.models import Person
from app.domain.people.rules.roles import permissions_of


def actor_of(person: Person) -> Actor:
    """`person` as an actor, with what their roles allow at this moment (a revoked role is gone at once, P16)."""
    return Actor(
        person_id=person.id,
        name=person.name,
        realm=person.realm,
        tenant_id=person.tenant_id,
        account_id=person.account_id,
        email=person.email,
        roles=frozenset(person.roles),
        permissions=permissions_of(person.realm, person.roles),
    )
