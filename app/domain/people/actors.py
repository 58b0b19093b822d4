"""From a person's row to the `Actor` that actions are given."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from app.core.actor import Actor, StandIn
from app.domain.people.models import Person
from app.domain.people.rules.roles import permissions_of

DECIDING = frozenset({"approval:read", "approval:decide"})


def actor_of(person: Person, absent: Iterable[Mapping[str, Any]] = ()) -> Actor:
    """`person` as an actor, with what their roles allow at this moment (a revoked role is gone at once, P16).

    `absent` are the people whom they stand in for today, as the database's `stood_in_for` gives them. Standing in for
    somebody who may decide requests lets one see and decide requests, and nothing else.
    """
    stands_in_for = tuple(
        StandIn(UUID(row["id"]), row["name"], row["email"], frozenset(row["roles"])) for row in absent
    )
    permissions = permissions_of(person.realm, person.roles)
    if any("approval:decide" in permissions_of(person.realm, one.roles) for one in stands_in_for):
        permissions |= DECIDING
    return Actor(
        person_id=person.id,
        name=person.name,
        realm=person.realm,
        tenant_id=person.tenant_id,
        account_id=person.account_id,
        email=person.email,
        roles=frozenset(person.roles),
        permissions=permissions,
        stands_in_for=stands_in_for,
    )
