"""Whose rows a unit of work may see. No scope, no query (promise P14).

A scope is a value; `core/unit.py` binds one to a session for the session's whole life, and `core/db.py` enforces it.
"""

import logging
from dataclasses import dataclass
from uuid import UUID

log = logging.getLogger("awning.scope")

NOBODY = UUID(int=0)
"""The account of someone who has not signed in: owns nothing, so sees nothing that an account owns."""


class NoScope(RuntimeError):
    """A query or a write was tried outside every scope."""


class WrongScope(RuntimeError):
    """A row of one tenant or account was about to be written, moved or read in the scope of another."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`tenant_id` None means everyone (then `reason` says why); `account_id` None means all of the tenant's accounts."""

    tenant_id: UUID | None
    account_id: UUID | None = None
    reason: str = ""

    @property
    def is_everyone(self) -> bool:
        return self.tenant_id is None

    @property
    def setting(self) -> str:
        """The value of `awning.scope` that PostgreSQL's row-level security reads."""
        return "everyone" if self.tenant_id is None else str(self.tenant_id)


def tenant(tenant_id: UUID) -> Scope:
    """All rows of one reseller."""
    return Scope(tenant_id)


def account(tenant_id: UUID, account_id: UUID) -> Scope:
    """The rows of one customer of one reseller."""
    return Scope(tenant_id, account_id)


def everyone(*, reason: str) -> Scope:
    """Every tenant's rows: for the distributor's door and for nightly work. The one way round the wall; each use is logged."""
    if not reason:
        raise ValueError("say why")
    log.info("scope everyone: %s", reason)
    return Scope(None, None, reason)
