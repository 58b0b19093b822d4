"""What the margin guard found, with the money at stake: what runs at such a price, and what was sold at it lately."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, text

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import ALL, Page

SORTS = ("stake", "sold", "found", "product", "margin")
LATELY = timedelta(days=90)

# `stake` is a year of what runs, at the price and cost of now: units x (least price - price) x charges in a year.
_FOUND = """
WITH found AS (
    SELECT f.*, o.term, o.billing_plan, o.segment, o.market, s.title AS title, p.title AS product_title,
           v.name AS vendor_name, b.name AS book_name,
           CASE o.billing_plan WHEN 'annual' THEN 1.0 WHEN 'triennial' THEN 1.0 / 3 ELSE 12 END AS charges
    FROM margin_finding f
    JOIN offer o ON o.id = f.offer_id
    JOIN sku s ON s.id = o.sku_id
    JOIN product p ON p.id = o.product_id
    JOIN vendor v ON v.id = p.vendor_id
    LEFT JOIN price_book b ON b.id = f.book_id
    WHERE {which}
), running AS (
    SELECT u.offer_id, u.currency, coalesce(u.quote ->> 'book_id', '') AS book, sum(u.requested_quantity) AS units
    FROM subscription u
    WHERE u.state IN ('active', 'suspended') AND u.offer_id IN (SELECT offer_id FROM found)
    GROUP BY 1, 2, 3
), sold AS (
    SELECT l.offer_id, l.currency, coalesce(l.quote ->> 'book_id', '') AS book, sum(l.quantity) AS units,
           sum(l.commitment_amount) AS amount
    FROM order_line l JOIN "order" r ON r.id = l.order_id AND r.tenant_id = l.tenant_id
    WHERE l.offer_id IN (SELECT offer_id FROM found) AND l.state <> 'canceled' AND r.placed_at >= :since
    GROUP BY 1, 2, 3
)
SELECT found.*, coalesce(running.units, 0) AS running_units, coalesce(sold.units, 0) AS sold_units,
       coalesce(sold.amount, 0) AS sold_amount,
       round(coalesce(running.units, 0) * greatest(found.least_price - found.unit_price, 0) * found.charges, 2) AS stake,
       CASE WHEN unit_price > 0 THEN round((unit_price - unit_cost) / unit_price * 100, 1) END AS margin_percent,
       count(*) OVER () AS listed
FROM found
LEFT JOIN running ON running.offer_id = found.offer_id AND running.currency = found.currency
    AND running.book = coalesce(found.book_id::text, '')
LEFT JOIN sold ON sold.offer_id = found.offer_id AND sold.currency = found.currency
    AND sold.book = coalesce(found.book_id::text, '')
"""
_ORDERS = {
    "stake": "stake",
    "sold": "sold_amount",
    "found": "created_at",
    "product": "product_title",
    "margin": "margin_percent",
}


def findings(
    *, state: str = "open", reason: str = "", q: str = "", sort: str = "-stake", page: int = 1, size: int = 25
) -> Page[Any]:
    """Findings of one state with product, book, running units and the money at stake. One statement.

    A `size` of `ALL` answers every row.
    """
    which = "f.state = :state AND (:reason = '' OR f.reason = :reason)"
    which += (
        " AND (:q = '' OR p.title ILIKE :like OR s.title ILIKE :like OR coalesce(b.name, '') ILIKE :like)"
    )
    down = sort.startswith("-")
    order = f"{_ORDERS[sort.removeprefix('-')]} {'DESC NULLS LAST' if down else 'NULLS FIRST'}, id"
    statement = text(f"{_FOUND.format(which=which)} ORDER BY {order} LIMIT :size OFFSET :skip").bindparams(
        bindparam("since", type_=DateTime(timezone=True))
    )
    like = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = (
        session()
        .execute(
            statement,
            {
                "state": state,
                "reason": reason,
                "q": q,
                "like": like,
                "since": clock.now() - LATELY,
                "size": None if size == ALL else size,
                "skip": (page - 1) * size,
            },
        )
        .all()
    )
    if not rows and page > 1:
        return findings(state=state, reason=reason, q=q, sort=sort, page=1, size=size)
    return Page(rows, rows[0].listed if rows else 0, page, size)


def finding(finding_id: UUID) -> Any:
    """One finding as in the list; NotFound. One statement."""
    row = (
        session()
        .execute(
            text(_FOUND.format(which="f.id = :id")).bindparams(
                bindparam("id", type_=Uuid()), bindparam("since", type_=DateTime(timezone=True))
            ),
            {"id": finding_id, "since": clock.now() - LATELY},
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound()
    return row


def counts() -> dict[str, int]:
    """How many findings there are by state."""
    return dict(
        iter(session().execute(text("SELECT state, count(*) FROM margin_finding GROUP BY state")).all())
    )


def stakes(state: str = "open") -> list[tuple[str, Decimal, Decimal]]:
    """(currency, a year of what runs, sold lately) over all findings of a state. One statement."""
    inner = _FOUND.format(which="f.state = :state")
    rows = session().execute(
        text(
            f"SELECT currency, sum(stake), sum(sold_amount) FROM ({inner}) AS every GROUP BY currency ORDER BY 2 DESC"  # noqa: S608 - our own text
        ).bindparams(bindparam("since", type_=DateTime(timezone=True))),
        {"state": state, "since": clock.now() - LATELY},
    )
    return [(row[0], row[1], row[2]) for row in rows]
