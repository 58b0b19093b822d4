"""Reading rehearsals, and how fast decisions are at present."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from app.core.db import session
from app.domain.approvals.models import Rehearsal

_PACE = text("""
    SELECT CASE d.realm WHEN 'storefront' THEN 'customer' ELSE 'reseller' END AS asks,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.decided_at - d.began_at)) AS seconds
    FROM (SELECT d.realm, d.decided_at,
                 coalesce(lag(d.decided_at) OVER (PARTITION BY d.approval_request_id ORDER BY d.decided_at), r.created_at)
                 AS began_at
          FROM decision d JOIN approval_request r ON r.tenant_id = d.tenant_id AND r.id = d.approval_request_id
          WHERE d.decided_at >= :since) AS d
    GROUP BY 1
""")


def pace_of_steps(since: datetime) -> dict[str, float]:
    """The median seconds from when a step began to its decision, by whom it asked. One query."""
    return {row.asks: float(row.seconds) for row in session().execute(_PACE, {"since": since})}


def latest_rehearsal(account_id: UUID | None) -> Rehearsal | None:
    """The newest rehearsal of a policy. One query."""
    owner = Rehearsal.account_id.is_(None) if account_id is None else Rehearsal.account_id == account_id
    return (
        session().scalars(select(Rehearsal).where(owner).order_by(Rehearsal.id.desc()).limit(1)).one_or_none()
    )
