"""Who may decide a step of a request: the right place, the right role, and nobody who stands behind the request (P8)."""

from collections.abc import Collection
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


def is_self(standing: Standing, requester_ids: Collection[UUID], requester_emails: Collection[str]) -> bool:
    """Whether the decider stands behind the request: by person, by impersonation, or by a second account's e-mail."""
    if standing.person_ids & frozenset(requester_ids):
        return True
    return bool(standing.email) and standing.email in requester_emails


def is_asked(standing: Standing, *, asks: str, role: str | None, account_id: UUID) -> bool:
    """Whether a step that asks `asks` (and `role`) asks this person. The owner may do what every role may."""
    if not standing.is_active or DECIDE not in standing.permissions or standing.realm != REALM_OF[asks]:
        return False
    if asks == "customer":
        return standing.account_id == account_id
    return role is None or role in standing.roles or "owner" in standing.roles
