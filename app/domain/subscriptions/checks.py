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
        WHERE l.vendor_subscription_id <> u.vendor_subscription_id OR l.offer_id <> u.offer_id
            OR l.unit_amount <> u.unit_amount OR l.currency <> u.currency
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
}


def _offending(statement: str) -> list[str]:
    return [str(row[0]) for row in session().execute(text(statement))]


CHECKS: list[tuple[str, Callable[[], list[str]]]] = [
    *((name, partial(_offending, statement)) for name, statement in _STATEMENTS.items()),
]


def check() -> list[tuple[str, list[str]]]:
    """Every broken rule with the ids that break it, within the current scope. Empty: all is well."""
    return [(name, ids) for name, find in CHECKS if (ids := find())]
