"""The margin guard at work: going over a reseller's lines after something changed, and deciding about what it found."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from app.core import clock, events
from app.core.actor import SYSTEM, Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.core.ids import new_id
from app.domain.pricing.models import MarginFinding
from app.domain.pricing.models.findings import FINDING
from app.domain.pricing.queries.quoting import quotes
from app.domain.pricing.queries.settings import settings
from app.domain.pricing.rules.guard import Reason, judge, least_price
from app.domain.pricing.rules.quote import Quote
from app.domain.tenants.models import Tenant

CHUNK = 2_000
"""Offers that are priced by one statement."""

# Every (book, currency) that some customer, or a visitor, buys new things by, and for which vendor's products; without a
# book the list price. One account stands for all that pay alike.
_WAYS = text(
    """
WITH live AS (
    SELECT g.account_id, g.vendor_id, g.book_id, n.id AS version_id
    FROM price_book_assignment g
    CROSS JOIN LATERAL (
        SELECT id FROM price_book_version
        WHERE book_id = g.book_id AND published_at IS NOT NULL AND withdrawn_at IS NULL AND effective_at <= :at
        ORDER BY effective_at DESC, number DESC LIMIT 1
    ) n
    WHERE g.tenant_id = :tenant AND g.subscription_id IS NULL
      AND g.starts_at <= :at AND (g.ends_at IS NULL OR g.ends_at > :at)
), buyer AS (
    SELECT a.id AS account_id, a.currency FROM account a WHERE a.tenant_id = :tenant
    UNION ALL SELECT NULL, t.currency FROM tenant t WHERE t.id = :tenant
), way AS (
    SELECT b.account_id, b.currency, v.id AS vendor_id, chosen.book_id, chosen.version_id
    FROM buyer b CROSS JOIN vendor v
    LEFT JOIN LATERAL (
        SELECT l.book_id, l.version_id FROM live l
        WHERE (l.account_id IS NULL OR l.account_id = b.account_id) AND (l.vendor_id IS NULL OR l.vendor_id = v.id)
        ORDER BY l.account_id NULLS LAST, l.vendor_id NULLS LAST LIMIT 1
    ) chosen ON true
)
SELECT book_id, version_id, currency, (array_agg(account_id ORDER BY account_id))[1] AS account_id,
       array_agg(DISTINCT vendor_id) AS vendors
FROM way GROUP BY book_id, version_id, currency ORDER BY book_id, currency
"""
).bindparams(bindparam("tenant", type_=Uuid()), bindparam("at", type_=DateTime(timezone=True)))

# What the reseller's customers can buy: the offers of their countries, and of its own.
_OFFERS = text(
    """
SELECT o.id, s.min_quantity
FROM offer o JOIN sku s ON s.id = o.sku_id JOIN product p ON p.id = o.product_id
WHERE NOT o.is_trial AND p.vendor_id = ANY (:vendors)
  AND o.market IN (SELECT country FROM account WHERE tenant_id = :tenant UNION SELECT country FROM tenant WHERE id = :tenant)
  AND (:everything OR o.id = ANY (:offers))
ORDER BY o.id
"""
).bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("vendors", type_=ARRAY(Uuid())),
    bindparam("offers", type_=ARRAY(Uuid())),
)

_WRITE = text(
    """
INSERT INTO margin_finding (id, created_at, tenant_id, offer_id, book_id, currency, quantity, unit_price, unit_cost,
                            least_price, reason, cause, state, seen_at, decided_by_name, comment, version)
SELECT w.id, :at, :tenant, w.offer_id, w.book_id, w.currency, w.quantity, w.unit_price, w.unit_cost, w.least_price,
       w.reason, :cause, 'open', :at, '', '', 1
FROM jsonb_to_recordset(:found) AS w(id uuid, offer_id uuid, book_id uuid, currency text, quantity integer,
    unit_price numeric, unit_cost numeric, least_price numeric, reason text)
ON CONFLICT (tenant_id, offer_id, (coalesce(book_id, '00000000-0000-0000-0000-000000000000'::uuid)), currency)
    WHERE state <> 'resolved'
DO UPDATE SET
    seen_at = :at, quantity = excluded.quantity, least_price = excluded.least_price, reason = excluded.reason,
    version = margin_finding.version + 1,
    -- an acceptance holds for what was looked at: when it has become worse, or the time is over, it is open again
    state = CASE WHEN margin_finding.state = 'accepted' AND (
            excluded.unit_price - excluded.unit_cost < margin_finding.unit_price - margin_finding.unit_cost
            OR margin_finding.accepted_until <= :at)
        THEN 'open' ELSE margin_finding.state END,
    unit_price = CASE WHEN margin_finding.state = 'accepted' AND excluded.unit_price - excluded.unit_cost
            >= margin_finding.unit_price - margin_finding.unit_cost AND coalesce(margin_finding.accepted_until > :at, true)
        THEN margin_finding.unit_price ELSE excluded.unit_price END,
    unit_cost = CASE WHEN margin_finding.state = 'accepted' AND excluded.unit_price - excluded.unit_cost
            >= margin_finding.unit_price - margin_finding.unit_cost AND coalesce(margin_finding.accepted_until > :at, true)
        THEN margin_finding.unit_cost ELSE excluded.unit_cost END,
    cause = CASE WHEN margin_finding.unit_price = excluded.unit_price AND margin_finding.unit_cost = excluded.unit_cost
        THEN margin_finding.cause ELSE excluded.cause END
RETURNING (xmax = 0) AS is_new
"""
).bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("found", type_=JSONB()),
    bindparam("at", type_=DateTime(timezone=True)),
)
# Whatever was gone over and was not found again earns enough now, or is not sold any more.
_RESOLVE = text(
    """
UPDATE margin_finding SET state = 'resolved', resolved_at = :at, version = version + 1
WHERE tenant_id = :tenant AND state <> 'resolved' AND seen_at < :at AND (:everything OR offer_id = ANY (:offers))
RETURNING id
"""
).bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("offers", type_=ARRAY(Uuid())),
    bindparam("at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Swept:
    """What going over the lines came to."""

    lines: int
    found: int
    new: int
    resolved: int


def sweep(cause: str, *, offer_ids: Collection[UUID] | None = None) -> Swept:
    """Goes over all lines of the reseller in scope, or those of `offer_ids`, and keeps the list of findings right.

    Set-based: one statement per 2,000 offers and way of paying, one to write what was found, one to resolve the rest.
    Running it again changes nothing. Records `margin_guard.found` when there are new findings.
    """
    current = session()
    tenant = current.get_one(Tenant, current.scope.tenant_id if current.scope else None)
    # two sweeps of one reseller would resolve each other's findings
    current.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('margin guard ' || :t, 0))"),
        {"t": str(tenant.id)},
    )
    now, least = clock.now(), settings().least_margin_percent
    lines, found = 0, []
    for book_id, quote, reason in _judged(tenant.id, offer_ids, now, least):
        lines += 1
        if reason is not None:
            found.append(
                {
                    "id": str(new_id()),
                    "offer_id": str(quote.offer_id),
                    "book_id": str(book_id) if book_id else None,
                    "currency": quote.currency,
                    "quantity": quote.quantity,
                    "unit_price": str(quote.unit_cycle_price),
                    "unit_cost": str(quote.unit_cycle_cost),
                    "least_price": str(least_price(quote.unit_cycle_cost, quote.currency, least)),
                    "reason": reason,
                }
            )
    narrowed = {"everything": offer_ids is None, "offers": list(offer_ids or ())}
    written = current.execute(
        _WRITE, {"tenant": tenant.id, "at": now, "cause": cause, "found": found}
    ).scalars()
    new = sum(map(bool, written))
    resolved = len(current.execute(_RESOLVE, {"tenant": tenant.id, "at": now, **narrowed}).all())
    current.expire_all()
    swept = Swept(lines, len(found), new, resolved)
    if new:
        events.record(
            "margin_guard.found",
            tenant,
            SYSTEM,
            {"new": new, "found": len(found), "lines": lines, "cause": cause, "resolved": resolved},
        )
    return swept


def _judged(
    tenant_id: UUID, offer_ids: Collection[UUID] | None, at: datetime, least: Any
) -> Iterator[tuple[UUID | None, Quote, Reason | None]]:
    current = session()
    for way in current.execute(_WAYS, {"tenant": tenant_id, "at": at}).all():
        asked = current.execute(
            _OFFERS,
            {
                "tenant": tenant_id,
                "vendors": way.vendors,
                "everything": offer_ids is None,
                "offers": list(offer_ids or ()),
            },
        ).all()
        for start in range(0, len(asked), CHUNK):
            part: Sequence[Any] = asked[start : start + CHUNK]
            priced = quotes(
                [(row.id, row.min_quantity) for row in part],
                account_id=way.account_id,
                instant=at,
                version_id=way.version_id,
                by_list=way.version_id is None,
            )
            for quote in priced.values():
                yield way.book_id, quote, judge(quote, least)


def accept_finding(
    finding: MarginFinding, *, until: datetime | None, comment: str, version: int, by: Actor
) -> None:
    """Sold at this price all the same, until an instant (None: until it becomes worse). Invalid without a reason."""
    if until is not None and until <= clock.now():
        raise Invalid({"until": "Choose a day that is still to come."})
    if not comment.strip():
        raise Invalid({"comment": "Say why this is sold at a loss."})
    _decide(finding, "accepted", until, comment, version, by)


def close_finding(finding: MarginFinding, *, comment: str, version: int, by: Actor) -> None:
    """Not sold any more at this price, until the price changes or somebody decides anew."""
    _decide(finding, "closed", None, comment, version, by)


def reopen_finding(finding: MarginFinding, *, version: int, by: Actor) -> None:
    """What was decided no longer counts."""
    _decide(finding, "open", None, "", version, by)


def _decide(
    finding: MarginFinding, state: str, until: datetime | None, comment: str, version: int, by: Actor
) -> None:
    if finding.version != version:
        raise Conflict("This line has changed since you looked at it. Look again and decide anew.")
    if finding.state != state:
        FINDING.move(finding, state)
    finding.accepted_until, finding.comment = until, comment.strip()[:1000]
    finding.decided_at, finding.decided_by, finding.decided_by_name = clock.now(), by.person_id, by.name
    events.record(
        f"margin_finding.{'reopened' if state == 'open' else state}",
        finding,
        by,
        {
            "offer_id": finding.offer_id,
            "book_id": finding.book_id,
            "price": f"{finding.unit_price} {finding.currency}",
            "cost": f"{finding.unit_cost} {finding.currency}",
            "until": until,
            "comment": finding.comment,
        },
    )
