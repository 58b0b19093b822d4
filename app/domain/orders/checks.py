"""What must be true of orders and provisioning at any moment, worked out from the database alone (`flask verify`)."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import select, text

from app.core.db import session
from app.domain.approvals.rules.frozen import canonical, digest_of
from app.domain.orders.actions.versions import content_of, lines_of
from app.domain.orders.models import Order

_STATEMENTS = {
    "an order's total and commitment are the sums of its lines": """
        SELECT o.id FROM "order" o LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
        GROUP BY o.id HAVING coalesce(sum(l.total_amount), -1) <> o.total_amount
            OR coalesce(sum(l.commitment_amount), -1) <> o.commitment_amount
            OR bool_or(l.currency <> o.currency)
    """,
    "a completed order has only active lines": """
        SELECT o.id FROM "order" o JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
        WHERE o.state = 'completed' AND l.state <> 'active'
    """,
    "an order that is on its way still has something to do": """
        SELECT o.id FROM "order" o WHERE o.state IN ('confirmed', 'in_progress') AND NOT EXISTS (
            SELECT FROM order_line l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id
                AND l.state IN ('pending', 'provisioning', 'unknown'))
    """,
    "nothing was bought for an order that was not confirmed": """
        SELECT l.id FROM order_line l JOIN "order" o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
        WHERE o.state IN ('new', 'on_hold', 'canceled') AND (l.state NOT IN ('pending', 'canceled')
            OR EXISTS (SELECT FROM provisioning_step s WHERE s.tenant_id = l.tenant_id AND s.order_line_id = l.id))
    """,
    "an order that went ahead names one of its own versions as approved": """
        SELECT o.id FROM "order" o WHERE o.state IN ('confirmed', 'in_progress', 'completed', 'error')
            AND NOT EXISTS (SELECT FROM order_version v WHERE v.tenant_id = o.tenant_id AND v.order_id = o.id
                AND v.digest = o.approved_digest)
    """,
    "an order that was held went ahead only with an approval of exactly its digest": """
        SELECT o.id FROM "order" o JOIN approval_request r
            ON r.tenant_id = o.tenant_id AND r.id = o.approval_request_id
        WHERE o.state IN ('confirmed', 'in_progress', 'completed', 'error')
            AND (r.state <> 'approved' OR r.digest <> o.approved_digest)
    """,
    "an order waits exactly while its request does": """
        SELECT o.id FROM "order" o LEFT JOIN approval_request r
            ON r.tenant_id = o.tenant_id AND r.id = o.approval_request_id
        WHERE (o.state = 'on_hold') <> (coalesce(r.state, '') = 'pending')
    """,
    "every order version has the digest of its content": """
        SELECT id FROM order_version WHERE digest <> encode(sha256(convert_to(content, 'UTF8')), 'hex')
    """,
    "every order has its commitment in the ledger": """
        SELECT o.id FROM "order" o LEFT JOIN commitment c ON c.tenant_id = o.tenant_id AND c.subject_id = o.id
        WHERE c.id IS NULL OR c.amount <> o.commitment_amount OR c.currency <> o.currency
            OR (o.state = 'canceled') AND c.released_at IS NULL
    """,
    "every line of an order that went ahead has one purchase step": """
        SELECT l.id FROM order_line l JOIN "order" o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
        LEFT JOIN provisioning_step s ON s.tenant_id = l.tenant_id AND s.order_line_id = l.id
            AND s.name = 'purchase'
        WHERE o.state IN ('confirmed', 'in_progress', 'completed', 'error')
        GROUP BY l.id HAVING count(s.id) <> 1
    """,
    "an active line was bought": """
        SELECT l.id FROM order_line l JOIN provisioning_step s
            ON s.tenant_id = l.tenant_id AND s.order_line_id = l.id AND s.name = 'purchase'
        WHERE l.state = 'active' AND (s.state <> 'done' OR l.vendor_subscription_id = '')
    """,
    "no call is held far beyond its lease, and no unsettled line is without a job or a person": """
        SELECT s.id FROM provisioning_step s
        JOIN order_line l ON l.tenant_id = s.tenant_id AND l.id = s.order_line_id
        WHERE l.state IN ('pending', 'provisioning', 'unknown') AND s.needs_person_since IS NULL
            AND coalesce(s.lease_until, s.next_at, s.last_called_at, s.created_at) < now() - interval '30 minutes'
            AND NOT EXISTS (SELECT FROM procrastinate_jobs j
                WHERE j.status IN ('todo', 'doing') AND j.lock = 'line:' || l.id)
    """,
    "an intent made one order": """
        SELECT min(id::text) FROM "order" GROUP BY tenant_id, intent_id HAVING count(*) > 1
    """,
}


def _offending(statement: str) -> list[str]:
    return [str(row[0]) for row in session().execute(text(statement))]


def _changed_since_approval() -> list[str]:
    """Orders on their way whose rows no longer give the approved digest."""
    orders = session().scalars(select(Order).where(Order.state.in_(("confirmed", "in_progress"))))
    return [
        str(order.id)
        for order in orders
        if digest_of(canonical(content_of(order, lines_of(order)))) != order.approved_digest
    ]


CHECKS: list[tuple[str, Callable[[], list[str]]]] = [
    *((name, partial(_offending, statement)) for name, statement in _STATEMENTS.items()),
    ("an order that goes ahead is still what was approved", _changed_since_approval),
]


def check() -> list[tuple[str, list[str]]]:
    """Every broken rule with the ids that break it, within the current scope. Empty: all is well."""
    return [(name, ids) for name, find in CHECKS if (ids := find())]
