"""Who is acting. The domain never asks who is logged in: every action takes `by: Actor`."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who is away, and in whose place the actor decides today."""

    person_id: UUID
    name: str
    email: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system) with what they may do.

    `realm` is `storefront`, `console`, `distributor` or `system`; `permissions` are `noun:verb` strings;
    `impersonated_by` is the person behind an impersonation, who counts as an actor too (promise P8).
    `stands_in_for` are the people who are away and have named this one; only decisions over requests ask for it.
    """

    person_id: UUID | None
    name: str
    realm: str
    tenant_id: UUID | None = None
    account_id: UUID | None = None
    email: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    permissions: frozenset[str] = field(default_factory=frozenset)
    impersonated_by: UUID | None = None
    stands_in_for: tuple[StandIn, ...] = ()

    def can(self, permission: str) -> bool:
        """Whether this actor holds `permission`."""
        return permission in self.permissions

    @property
    def people(self) -> frozenset[UUID]:
        """Everyone who stands behind this actor."""
        return frozenset(p for p in (self.person_id, self.impersonated_by) if p is not None)


SYSTEM = Actor(None, "Awning", "system")
"""Awning itself: jobs and the clock."""
