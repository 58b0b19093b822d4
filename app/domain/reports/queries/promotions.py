"""Vendors' promotions as lists: all of them for the distributor; for a reseller those about what its customers can buy."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, text

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import Page
from app.domain.pricing.models import Promotion

STATES = ("running", "planned", "over")

# SQL because the distributor's rows are read from a reseller's scope too; row-level security lets them through.
_LIST = """
SELECT m.id, m.code, m.name, m.percent, m.starts_at, m.ends_at, m.min_quantity, m.max_quantity, m.entered_by_name,
       v.name AS vendor_name, count(x.offer_id) AS offers,
       (array_agg(DISTINCT p.title ORDER BY p.title))[1:3] AS products, count(DISTINCT p.id) AS product_count,
       CASE WHEN m.ends_at <= :at THEN 'over' WHEN m.starts_at > :at THEN 'planned' ELSE 'running' END AS state,
       count(*) OVER () AS listed
FROM promotion m
JOIN vendor v ON v.id = m.vendor_id
JOIN promotion_offer x ON x.promotion_id = m.id
JOIN offer o ON o.id = x.offer_id
JOIN product p ON p.id = o.product_id
WHERE (:state = '' OR :state = CASE WHEN m.ends_at <= :at THEN 'over' WHEN m.starts_at > :at THEN 'planned' ELSE 'running' END)
  AND (:q = '' OR m.name ILIKE :like OR m.code ILIKE :like OR p.title ILIKE :like)
  AND (CAST(:tenant AS uuid) IS NULL OR o.market IN (
      SELECT country FROM account WHERE tenant_id = :tenant UNION SELECT country FROM tenant WHERE id = :tenant))
GROUP BY m.id, v.name
ORDER BY m.ends_at <= :at, m.starts_at, m.name, m.id
LIMIT :size OFFSET :skip
"""


def promotions(
    *, q: str = "", state: str = "", page: int = 1, size: int = 25, at: datetime | None = None
) -> Page[Any]:
    """Promotions with the products that they are about and their state now. One statement."""
    current = session()
    rows = current.execute(
        text(_LIST).bindparams(
            bindparam("at", type_=DateTime(timezone=True)), bindparam("tenant", type_=Uuid())
        ),
        {
            "at": at or clock.now(),
            "tenant": current.scope.tenant_id if current.scope else None,
            "state": state,
            "q": q,
            "like": "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%",
            "size": size,
            "skip": (page - 1) * size,
        },
    ).all()
    if not rows and page > 1:
        return promotions(q=q, state=state, page=1, size=size, at=at)
    return Page(rows, rows[0].listed if rows else 0, page, size)


def promotion(promotion_id: UUID) -> Promotion:
    """One of the distributor's; NotFound."""
    found = session().get(Promotion, promotion_id)
    if found is None:
        raise NotFound()
    return found
