"""What must be true of price books and rates at any moment, worked out from the database alone (`flask verify`)."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import text

from app.core.db import session

_STATEMENTS = {
    "every published version has one rule for everything, at every quantity and time": """
        SELECT v.id FROM price_book_version v
        LEFT JOIN price_rule r ON r.version_id = v.id AND r.selector = 'default' AND r.min_quantity = 1
            AND r.starts_at IS NULL AND r.ends_at IS NULL
        WHERE v.published_at IS NOT NULL GROUP BY v.id HAVING count(r.id) <> 1
    """,
    "a rule belongs to the owner and the book of its version": """
        SELECT r.id FROM price_rule r JOIN price_book_version v ON v.id = r.version_id
        WHERE r.owner_id <> v.owner_id OR r.book_id <> v.book_id
    """,
    "a version belongs to the owner of its book": """
        SELECT v.id FROM price_book_version v JOIN price_book b ON b.id = v.book_id WHERE v.owner_id <> b.owner_id
    """,
    "nobody pays by a book of another owner, or by one that was never published": """
        SELECT g.id FROM price_book_assignment g JOIN price_book b ON b.id = g.book_id
        WHERE g.owner_id <> b.owner_id OR NOT EXISTS (
            SELECT FROM price_book_version v WHERE v.book_id = b.id AND v.published_at IS NOT NULL)
    """,
    "no rule of a published version is younger than its publication": """
        SELECT r.id FROM price_rule r JOIN price_book_version v ON v.id = r.version_id
        WHERE r.created_at > v.published_at
    """,
    "every instant at which a version takes effect is known to the stamp": """
        SELECT v.id FROM price_book_version v WHERE v.published_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM price_turn t WHERE t.owner_id = v.owner_id AND t.at = v.effective_at)
    """,
    "every instant at which a rule of a published version begins or ends is known to the stamp": """
        SELECT r.id FROM price_rule r JOIN price_book_version v ON v.id = r.version_id AND v.published_at IS NOT NULL
        CROSS JOIN unnest(ARRAY[r.starts_at, r.ends_at]) AS edge(at)
        WHERE edge.at IS NOT NULL
            AND NOT EXISTS (SELECT FROM price_turn t WHERE t.owner_id = r.owner_id AND t.at = edge.at)
    """,
    "every instant at which a promotion begins or ends is known to the stamp": """
        SELECT m.id FROM promotion m CROSS JOIN unnest(ARRAY[m.starts_at, m.ends_at]) AS edge(at)
        WHERE NOT EXISTS (SELECT FROM price_turn t WHERE t.owner_id = m.owner_id AND t.at = edge.at)
    """,
    "every instant at which a reseller joins or leaves a program is known to its stamp": """
        SELECT m.id FROM program_member m CROSS JOIN unnest(ARRAY[m.starts_at, m.ends_at]) AS edge(at)
        WHERE edge.at IS NOT NULL
            AND NOT EXISTS (SELECT FROM price_turn t WHERE t.tenant_id = m.tenant_id AND t.at = edge.at)
    """,
    "a promotion is about offers of its vendor": """
        SELECT m.id FROM promotion m LEFT JOIN promotion_offer x ON x.promotion_id = m.id
        LEFT JOIN offer o ON o.id = x.offer_id LEFT JOIN product p ON p.id = o.product_id
        WHERE p.vendor_id IS DISTINCT FROM m.vendor_id
    """,
    "a finding that is not resolved is about a price under its least price, or one that its floor made": """
        SELECT id FROM margin_finding
        WHERE state <> 'resolved' AND reason <> 'at_floor' AND unit_price >= least_price
    """,
}


def _offending(statement: str) -> list[str]:
    return [str(row[0]) for row in session().execute(text(statement))]


CHECKS: list[tuple[str, Callable[[], list[str]]]] = [
    (name, partial(_offending, statement)) for name, statement in _STATEMENTS.items()
]
