"""Asking the margin guard: which of these prices may be sold, and what it has found."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.scope import NoScope
from app.domain.pricing.models import MarginFinding
from app.domain.pricing.rules.guard import Decided, Holding, holding
from app.domain.pricing.rules.quote import Quote

_DECIDED = text(
    """
SELECT s.guard, s.least_margin_percent,
       f.offer_id, f.book_id, f.currency, f.state, f.unit_price, f.unit_cost, f.accepted_until
FROM (VALUES (1)) AS one(row)
LEFT JOIN pricing_setting s ON s.owner_id = :tenant
LEFT JOIN margin_finding f ON f.tenant_id = :tenant AND f.offer_id = ANY (:offers) AND f.state IN ('accepted', 'closed')
"""
).bindparams(bindparam("tenant", type_=Uuid()), bindparam("offers", type_=ARRAY(Uuid())))


def held(
    quotes: Collection[Quote], *, instant: datetime | None = None, tenant_id: UUID | None = None
) -> dict[UUID, Holding]:
    """By offer, which of these sales must wait for a decision (`approval`) or cannot be made (`closed`).

    Every action that sells at a new price asks this, so that no door sells round the guard. It judges the price itself,
    not a list that some job keeps, so it is never late. One statement.
    """
    current = session()
    tenant = tenant_id or (current.scope.tenant_id if current.scope else None)
    if tenant is None:
        raise NoScope("the guard is a reseller's: say whose")
    if not quotes:
        return {}
    rows = current.execute(_DECIDED, {"tenant": tenant, "offers": [quote.offer_id for quote in quotes]}).all()
    guard, least = rows[0].guard or "list", rows[0].least_margin_percent
    decisions = [Decided(*row[2:]) for row in rows if row.offer_id is not None]
    at = instant or clock.now()
    found = {
        quote.offer_id: holding(quote, guard=guard, least_margin=least, decisions=decisions, instant=at)
        for quote in quotes
    }
    return {offer_id: how for offer_id, how in found.items() if how is not None}


def finding(finding_id: UUID) -> MarginFinding:
    """One finding of the reseller in scope; NotFound for anybody else's."""
    found = session().get(MarginFinding, finding_id)
    if found is None:
        raise NotFound()
    return found
