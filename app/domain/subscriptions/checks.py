"""What must be true of subscriptions at any moment, worked out from the database alone (`flask verify`)."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import text

from app.core.db import session

_STATEMENTS = {
    "every line that was bought has one subscription": """
        SELECT l.id FROM order_line l JOIN provisioning_step s
            ON s.tenant_id = l.tenant_id AND s.order_line_id = l.id AND s.name = 'purchase' AND s.state = 'done'
        LEFT JOIN subscription u ON u.tenant_id = l.tenant_id AND u.order_line_id = l.id
        GROUP BY l.id HAVING count(u.id) <> 1
    """,
    "a subscription belongs to a line that was bought, at that line's price": """
        SELECT u.id FROM subscription u JOIN order_line l ON l.tenant_id = u.tenant_id AND l.id = u.order_line_id
        WHERE l.vendor_subscription_id <> u.vendor_subscription_id OR (u.repriced_at IS NULL
            AND (l.offer_id <> u.offer_id OR l.unit_amount <> u.unit_amount OR l.currency <> u.currency))
    """,
    "a subscription is active once its line is": """
        SELECT u.id FROM subscription u JOIN order_line l ON l.tenant_id = u.tenant_id AND l.id = u.order_line_id
        WHERE (l.state = 'active') = (u.state = 'pending')
    """,
    "the vendor's seats are the sum of their batches": """
        SELECT u.id FROM subscription u LEFT JOIN seat_batch b
            ON b.tenant_id = u.tenant_id AND b.subscription_id = u.id
        WHERE u.state IN ('pending', 'active', 'suspended')
        GROUP BY u.id HAVING coalesce(sum(b.quantity), 0) <> u.vendor_quantity
    """,
    "a change waits exactly while its request does": """
        SELECT c.id FROM subscription_change c LEFT JOIN approval_request r
            ON r.tenant_id = c.tenant_id AND r.id = c.approval_request_id
        WHERE (c.state = 'on_hold') <> (coalesce(r.state, '') = 'pending')
    """,
    "a change that was held went ahead only with an approval of exactly its digest": """
        SELECT c.id FROM subscription_change c JOIN approval_request r
            ON r.tenant_id = c.tenant_id AND r.id = c.approval_request_id
        WHERE c.confirmed_at IS NOT NULL AND (r.state <> 'approved' OR r.digest <> c.approved_digest)
    """,
    "nothing was done at the vendor for a change that did not go ahead": """
        SELECT c.id FROM subscription_change c WHERE c.state IN ('new', 'on_hold', 'canceled') AND EXISTS (
            SELECT FROM change_step s WHERE s.tenant_id = c.tenant_id AND s.subscription_change_id = c.id)
    """,
    "a change that went ahead has one step, and is completed exactly when it is done": """
        SELECT c.id FROM subscription_change c LEFT JOIN change_step s
            ON s.tenant_id = c.tenant_id AND s.subscription_change_id = c.id AND s.name = 'apply'
        WHERE c.state NOT IN ('new', 'on_hold', 'canceled')
        GROUP BY c.id, c.state HAVING count(s.id) <> 1 OR bool_or((s.state = 'done') <> (c.state = 'completed'))
    """,
    "every change has its commitment in the ledger, given back when it came to nothing": """
        SELECT c.id FROM subscription_change c LEFT JOIN commitment m
            ON m.tenant_id = c.tenant_id AND m.subject_id = c.id
        WHERE m.id IS NULL OR m.amount <> c.commitment_amount OR m.currency <> c.currency
            OR (c.state IN ('failed', 'conflict', 'canceled')) <> (m.released_at IS NOT NULL)
    """,
    "no call for a change is held far beyond its lease, and none is without a job or a person": """
        SELECT s.id FROM change_step s JOIN subscription_change c
            ON c.tenant_id = s.tenant_id AND c.id = s.subscription_change_id
        WHERE s.state IN ('ready', 'calling', 'unknown') AND s.needs_person_since IS NULL
            AND coalesce(s.lease_until, s.next_at, s.last_called_at, s.created_at) < now() - interval '30 minutes'
            AND NOT EXISTS (SELECT FROM procrastinate_jobs j
                WHERE j.status IN ('todo', 'doing') AND j.lock = 'subscription:' || c.subscription_id)
    """,
    "what we asked for and what the vendor has differ only while a difference is open, left, or a change is on its way": """
        SELECT u.id FROM subscription u WHERE u.state = 'active' AND u.requested_quantity <> u.vendor_quantity
            AND NOT EXISTS (SELECT FROM drift d WHERE d.tenant_id = u.tenant_id AND d.subscription_id = u.id
                AND d.aspect = 'quantity' AND d.state IN ('open', 'left', 'pushed'))
            AND NOT EXISTS (SELECT FROM subscription_change c
                WHERE c.tenant_id = u.tenant_id AND c.subscription_id = u.id AND c.state = 'conflict')
    """,
}


def _offending(statement: str) -> list[str]:
    return [str(row[0]) for row in session().execute(text(statement))]


CHECKS: list[tuple[str, Callable[[], list[str]]]] = [
    *((name, partial(_offending, statement)) for name, statement in _STATEMENTS.items()),
]


def check() -> list[tuple[str, list[str]]]:
    """Every broken rule with the ids that break it, within the current scope. Empty: all is well."""
    return [(name, ids) for name, find in CHECKS if (ids := find())]
