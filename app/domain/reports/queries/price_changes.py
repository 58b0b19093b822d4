"""What differs between two versions of a book: rule by rule, and in the prices that they make; and whom that concerns."""
# ruff: noqa: S608 - only constants of this module are put together; what is asked goes in as parameters

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, text

from app.core.db import session
from app.domain.pricing.queries.worked_out import NOBODY, Lens, parameters, prepared, priced_by
from app.domain.reports.queries.price_lines import LINE

_RULES = text(
    """
WITH was AS (SELECT * FROM price_rule WHERE version_id = :before),
     becomes AS (SELECT * FROM price_rule WHERE version_id = :after),
both_sides AS (
    SELECT coalesce(b.selector, w.selector) AS selector, coalesce(b.target_id, w.target_id) AS target_id,
           coalesce(b.min_quantity, w.min_quantity) AS min_quantity, coalesce(b.starts_at, w.starts_at) AS starts_at,
           coalesce(b.ends_at, w.ends_at) AS ends_at, coalesce(b.rank, w.rank) AS rank,
           w.id AS was_id, b.id AS becomes_id
    FROM was w FULL JOIN becomes b
      ON b.target_id = w.target_id AND b.min_quantity = w.min_quantity
     AND coalesce(b.starts_at, '-infinity') = coalesce(w.starts_at, '-infinity')
     AND coalesce(b.ends_at, 'infinity') = coalesce(w.ends_at, 'infinity')
    WHERE w.id IS NULL OR b.id IS NULL OR
          (w.kind, w.value, w.floor, w.floor_value, w.is_capped, w.rounding, w.roundings)
          IS DISTINCT FROM (b.kind, b.value, b.floor, b.floor_value, b.is_capped, b.rounding, b.roundings)
)
SELECT s.*, coalesce(k.title, p.title, f.name, c.name, v.name, '') AS target, o.term, o.billing_plan, o.segment,
       count(*) OVER () AS listed,
       count(*) FILTER (WHERE was_id IS NULL) OVER () AS added,
       count(*) FILTER (WHERE becomes_id IS NULL) OVER () AS removed
FROM both_sides s
LEFT JOIN offer o ON s.selector = 'offer' AND o.id = s.target_id
LEFT JOIN sku k ON k.id = o.sku_id
LEFT JOIN product p ON s.selector = 'product' AND p.id = s.target_id
LEFT JOIN family f ON s.selector = 'family' AND f.id = s.target_id
LEFT JOIN category c ON s.selector = 'category' AND c.id = s.target_id
LEFT JOIN vendor v ON s.selector = 'vendor' AND v.id = s.target_id
ORDER BY rank, target, min_quantity, starts_at
LIMIT :most
"""
).bindparams(bindparam("before", type_=Uuid()), bindparam("after", type_=Uuid()))


def rule_changes(before: UUID, after: UUID, *, most: int = 200) -> Sequence[Any]:
    """Rows of (selector, target, min_quantity, starts_at, ends_at, was_id, becomes_id, …) of the rules that are not the same.

    The first `most`; `listed`, `added` and `removed` count all of them. One statement.
    """
    return session().execute(_RULES, {"before": before, "after": after, "most": most}).all()


@dataclass(frozen=True, slots=True)
class Move:
    """One offer whose price moves; `percent` is None when one of the two is missing."""

    offer_id: UUID
    title: str
    term: str
    billing_plan: str
    segment: str
    before: Decimal | None
    after: Decimal | None
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceChanges:
    """What another version does to all prices of a market in one currency. Margins are of one unit of everything."""

    currency: str
    lines: int
    moved: int
    risen: int
    fallen: int
    gained: int
    lost: int
    margin_before: Decimal | None
    margin_after: Decimal | None
    under_cost: int
    floored: int
    rises: tuple[Move, ...]
    falls: tuple[Move, ...]


_TOP = """(SELECT json_agg(json_build_array(offer_id, title, term, billing_plan, segment, before_price::text, after_price::text,
           round(100 * (after_price - before_price) / nullif(before_price, 0), 2)::text))
    FROM (SELECT * FROM moved WHERE {side} ORDER BY (after_price - before_price) / nullif(before_price, 0) {down} NULLS LAST,
          title, offer_id LIMIT 8) best)"""
_MARGIN = "round(100 * sum({0} - unit_cost) FILTER (WHERE {0} IS NOT NULL) / nullif(sum({0}), 0), 2)"
_COMPARED = f"""
, compared AS MATERIALIZED (SELECT offer_id, title, term, billing_plan, segment, unit_cost, before_price, after_price,
                            after_is_floored FROM priced),
moved AS MATERIALIZED (SELECT * FROM compared WHERE before_price IS DISTINCT FROM after_price)
SELECT count(*) AS lines, count(*) FILTER (WHERE before_price IS DISTINCT FROM after_price) AS moved,
       count(*) FILTER (WHERE after_price > before_price) AS risen, count(*) FILTER (WHERE after_price < before_price) AS fallen,
       count(*) FILTER (WHERE before_price IS NULL AND after_price IS NOT NULL) AS gained,
       count(*) FILTER (WHERE before_price IS NOT NULL AND after_price IS NULL) AS lost,
       {_MARGIN.format("before_price")} AS margin_before, {_MARGIN.format("after_price")} AS margin_after,
       count(*) FILTER (WHERE after_price < unit_cost) AS under_cost,
       count(*) FILTER (WHERE after_is_floored) AS floored,
       {_TOP.format(side="after_price > before_price", down="DESC")} AS rises,
       {_TOP.format(side="after_price < before_price", down="ASC")} AS falls
FROM compared
"""
_CARRIED = ("segment", "title")


def price_changes(before: UUID, after: UUID, lens: Lens, market: str) -> PriceChanges:
    """Every price of `market` by one version beside another, through `lens`. Three statements, however many lines."""
    sql = priced_by(LINE, "before", "after", carried=_CARRIED) + _COMPARED
    statement = prepared(
        sql, bindparam("before_version", type_=Uuid()), bindparam("after_version", type_=Uuid())
    )
    values = parameters(lens) | {"before_version": before, "after_version": after, "market": market}
    row = session().execute(statement, values).one()
    return PriceChanges(
        lens.currency, row.lines, row.moved, row.risen, row.fallen, row.gained, row.lost, row.margin_before, row.margin_after,
        row.under_cost, row.floored, _moves(row.rises), _moves(row.falls),
    )  # fmt: skip


def _moves(rows: list[Any] | None) -> tuple[Move, ...]:
    return tuple(
        Move(UUID(id_), title, term, plan, segment, _decimal(before), _decimal(after), _decimal(percent))
        for id_, title, term, plan, segment, before, after, percent in rows or ()
    )


def _decimal(text_: str | None) -> Decimal | None:
    return None if text_ is None else Decimal(text_)


# Who pays by the book for something at that instant: the same choice as in pricing's statement, for all customers at once.
_PAYERS = """
    SELECT a.id, a.name, a.currency, v.id AS vendor_id
    FROM account a CROSS JOIN vendor v
    CROSS JOIN LATERAL (
        SELECT g.book_id FROM price_book_assignment g
        WHERE g.owner_id = :tenant AND g.for_tenant_id IS NULL AND g.subscription_id IS NULL
          AND (g.account_id = a.id OR g.account_id IS NULL) AND (g.vendor_id = v.id OR g.vendor_id IS NULL)
          AND g.starts_at <= :at AND (g.ends_at IS NULL OR g.ends_at > :at)
        ORDER BY g.account_id NULLS LAST, g.vendor_id NULLS LAST LIMIT 1
    ) best
    WHERE a.tenant_id = :tenant AND best.book_id = :book
"""
_RESELLERS = """
    SELECT t.id, t.name, t.currency, v.id AS vendor_id
    FROM tenant t CROSS JOIN vendor v
    CROSS JOIN LATERAL (
        SELECT g.book_id FROM price_book_assignment g
        WHERE g.owner_id = :tenant AND (g.for_tenant_id = t.id OR g.for_tenant_id IS NULL)
          AND (g.program_id IS NULL OR EXISTS (SELECT FROM program_member m WHERE m.tenant_id = t.id
               AND m.program_id = g.program_id AND m.starts_at <= :at AND (m.ends_at IS NULL OR m.ends_at > :at)))
          AND (g.vendor_id = v.id OR g.vendor_id IS NULL)
          AND g.starts_at <= :at AND (g.ends_at IS NULL OR g.ends_at > :at)
        ORDER BY g.for_tenant_id NULLS LAST, g.program_id NULLS LAST, g.vendor_id NULLS LAST LIMIT 1
    ) best
    WHERE best.book_id = :book
"""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays by a book: a customer, or for the distributor's a reseller. `is_moving`: some price of theirs moves."""

    id: UUID
    name: str
    currency: str


def payers(book_id: UUID, lens: Lens) -> list[Payer]:
    """Everybody who pays by the book for some vendor at the lens's instant, by name. One statement."""
    sql = _PAYERS if lens.tenant_id is not None else _RESELLERS
    rows = session().execute(
        text(f"SELECT DISTINCT id, name, currency FROM ({sql}) payer ORDER BY name, id").bindparams(
            bindparam("tenant", type_=Uuid()),
            bindparam("book", type_=Uuid()),
            bindparam("at", type_=DateTime(timezone=True)),
        ),
        {"tenant": lens.tenant_id or NOBODY, "book": book_id, "at": lens.at},
    )
    return [Payer(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Running:
    """Subscriptions that run and whose price by the book moves; amounts per charge, all seats, in `currency`."""

    currency: str
    customers: int
    subscriptions: int
    monthly: int
    risen: int
    fallen: int
    before: Decimal
    after: Decimal


_RUNNING = f"""
, payer AS MATERIALIZED ({_PAYERS}),
running AS MATERIALIZED (
    SELECT s.account_id, s.term, s.requested_quantity * p.before_price AS before, s.requested_quantity * p.after_price AS after,
           p.before_price, p.after_price
    FROM subscription s
    JOIN payer ON payer.id = s.account_id AND payer.vendor_id = s.vendor_id AND payer.currency = s.currency
    JOIN priced p ON p.offer_id = s.offer_id
    WHERE s.tenant_id = :tenant AND s.state = 'active' AND s.currency = :currency
      AND p.before_price IS DISTINCT FROM p.after_price
      AND NOT EXISTS (SELECT FROM price_book_assignment g WHERE g.owner_id = :tenant AND g.subscription_id = s.id
          AND g.starts_at <= :at AND (g.ends_at IS NULL OR g.ends_at > :at))
)
SELECT count(DISTINCT account_id), count(*), count(*) FILTER (WHERE term = 'P1M'),
       count(*) FILTER (WHERE after_price > before_price), count(*) FILTER (WHERE after_price < before_price),
       coalesce(sum(before), 0), coalesce(sum(after), 0)
FROM running
"""
_SOLD = LINE.replace(
    "WHERE o.market",
    "WHERE o.id IN (SELECT offer_id FROM subscription WHERE tenant_id = :tenant) AND o.market",
)


def running(before: UUID, after: UUID, book_id: UUID, lens: Lens, market: str) -> Running:
    """What the change means for subscriptions that run, of customers who pay in the lens's currency. Three statements."""
    sql = priced_by(_SOLD, "before", "after", carried=_CARRIED) + _RUNNING
    statement = prepared(
        sql,
        bindparam("before_version", type_=Uuid()), bindparam("after_version", type_=Uuid()), bindparam("book", type_=Uuid()),
    )  # fmt: skip
    values = parameters(lens) | {
        "before_version": before,
        "after_version": after,
        "market": market,
        "book": book_id,
    }
    return Running(lens.currency, *session().execute(statement, values).one())
