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
}


def _offending(statement: str) -> list[str]:
    return [str(row[0]) for row in session().execute(text(statement))]


CHECKS: list[tuple[str, Callable[[], list[str]]]] = [
    (name, partial(_offending, statement)) for name, statement in _STATEMENTS.items()
]
