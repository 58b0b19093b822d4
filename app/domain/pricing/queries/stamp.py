"""An exact key for everything that a customer's prices depend on: while it is the same, every price is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, text

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.scope import NoScope

# Every price follows from rows that never change and from the instant. So the key is how often rows were added (counted
# under a lock, so never seen late) and the last instant at which one of them began or ended to count.
_STATEMENT = text(
    """
SELECT
    coalesce(a.currency, t.currency) AS currency,
    a.id AS account_id,
    (SELECT max(revision) FROM price_sheet) AS catalog,
    (SELECT number FROM price_change_count WHERE owner_id = :tenant) AS own,
    (SELECT number FROM price_change_count WHERE owner_id = :nobody) AS theirs,
    greatest((SELECT max(at) FROM catalog_turn WHERE at <= :at),
             (SELECT max(at) FROM price_turn WHERE owner_id = :tenant AND at <= :at),
             (SELECT max(at) FROM price_turn WHERE owner_id = :nobody AND at <= :at)) AS turned_at,
    least((SELECT min(at) FROM catalog_turn WHERE at > :at),
          (SELECT min(at) FROM price_turn WHERE owner_id = :tenant AND at > :at),
          (SELECT min(at) FROM price_turn WHERE owner_id = :nobody AND at > :at)) AS turns_at
FROM tenant t LEFT JOIN account a ON a.tenant_id = t.id AND a.id = :account
WHERE t.id = :tenant
"""
).bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("account", type_=Uuid()),
    bindparam("nobody", UUID(int=0), type_=Uuid()),
    bindparam("at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """`key` is part of an ETag or a cache key. It holds no secrets, but is to be hashed with whatever else the page shows.

    `turns_at` is when prices next turn by themselves (a promotion, a scheduled version, a dated vendor price), if known.
    """

    key: str
    turns_at: datetime | None


def price_stamp(
    account_id: UUID | None, *, instant: datetime | None = None, tenant_id: UUID | None = None
) -> Stamp:
    """The stamp of all prices of one customer (None: a visitor) at `instant` (default: now). One statement."""
    current = session()
    tenant = tenant_id or (current.scope.tenant_id if current.scope else None)
    if tenant is None:
        raise NoScope("prices are a reseller's: say which")
    row = current.execute(
        _STATEMENT, {"tenant": tenant, "account": account_id, "at": instant or clock.now()}
    ).one_or_none()
    if row is None or row.account_id != account_id:
        raise NotFound()
    turned = row.turned_at.timestamp() if row.turned_at else 0
    key = f"{tenant}:{account_id or ''}:{row.currency}:{row.catalog or 0}:{row.own or 0}:{row.theirs or 0}:{turned:.6f}"
    return Stamp(key, row.turns_at)
