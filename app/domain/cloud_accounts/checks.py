"""What must be true of accounts at vendors, worked out from the database alone (`flask verify`)."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import text

from app.core.db import session

_STATEMENTS = {
    "a request for an account waits exactly while its approval does": """
        SELECT c.id FROM cloud_account_request c LEFT JOIN approval_request r
            ON r.tenant_id = c.tenant_id AND r.id = c.approval_request_id
        WHERE (c.state = 'on_hold') <> (coalesce(r.state, '') = 'pending')
    """,
    "no account was touched without an approval of exactly what was asked": """
        SELECT c.id FROM cloud_account_request c LEFT JOIN approval_request r
            ON r.tenant_id = c.tenant_id AND r.id = c.approval_request_id
        WHERE c.confirmed_at IS NOT NULL AND (r.state IS DISTINCT FROM 'approved' OR r.digest <> c.approved_digest)
    """,
    "a completed request for an account has one call that is done": """
        SELECT c.id FROM cloud_account_request c LEFT JOIN cloud_account_step s
            ON s.tenant_id = c.tenant_id AND s.cloud_account_request_id = c.id
        GROUP BY c.id, c.state, c.confirmed_at HAVING count(s.id) <> (c.confirmed_at IS NOT NULL)::int
            OR (c.state = 'completed' AND NOT coalesce(bool_and(s.state = 'done'), false))
    """,
}


def _offending(statement: str) -> list[str]:
    return [str(row[0]) for row in session().execute(text(statement))]


CHECKS: list[tuple[str, Callable[[], list[str]]]] = [
    (name, partial(_offending, statement)) for name, statement in _STATEMENTS.items()
]


def check() -> list[tuple[str, list[str]]]:
    """Every broken rule with the ids that break it, within the current scope. Empty: all is well."""
    return [(name, ids) for name, find in CHECKS if (ids := find())]
