"""Who may decide a step of a request: the right place, the right role, and nobody who stands behind the request (P8).

Somebody may decide in their own right, or in the place of a person who is away and named them (`people.models.Delegation`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

REALM_OF = {"customer": "storefront", "reseller": "console"}
DECIDE = "approval:decide"


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is at the moment of deciding, read from the database then and not from a session."""

    person_ids: frozenset[UUID]  # the person and whoever impersonates it
    email: str
    realm: str
    account_id: UUID | None
    roles: frozenset[str]
    permissions: frozenset[str]
    is_active: bool = True
    name: str = ""


def is_self(standing: Standing, requester_ids: Collection[UUID], requester_emails: Collection[str]) -> bool:
    """Whether the decider stands behind the request: by person, by impersonation, or by a second account's e-mail."""
    if standing.person_ids & frozenset(requester_ids):
        return True
    return bool(standing.email) and standing.email in requester_emails


def is_asked(
    standing: Standing,
    *,
    asks: str,
    role: str | None,
    account_id: UUID,
    people: Collection[UUID] | None = None,
) -> bool:
    """Whether a step that asks `asks` (`role`, `people`) asks this person. The owner may do what every role may; named
    people are asked themselves, whatever their role, as long as it may decide at all.
    """
    if not standing.is_active or DECIDE not in standing.permissions or standing.realm != REALM_OF[asks]:
        return False
    if asks == "customer" and standing.account_id != account_id:
        return False
    if people is not None:
        return bool(standing.person_ids & frozenset(people))
    return asks == "customer" or role is None or role in standing.roles or "owner" in standing.roles


def right_of(
    own: Standing,
    absent: Sequence[Standing],
    *,
    asks: str,
    role: str | None,
    account_id: UUID,
    people: Collection[UUID] | None,
    requester_ids: Collection[UUID],
    requester_emails: Collection[str],
    taken: Collection[UUID] = (),
) -> Standing | None:
    """In whose right somebody may decide: their own, or that of one of `absent`, whom they stand in for; None: in nobody's.

    An absent person who stands behind the request gives nobody the right to decide it, and neither does one who has decided
    already (`taken`).
    """
    for standing in (own, *absent):
        if standing is not own and is_self(standing, requester_ids, requester_emails):
            continue
        if standing.person_ids & frozenset(taken):
            continue
        if is_asked(standing, asks=asks, role=role, account_id=account_id, people=people):
            return standing
    return None
