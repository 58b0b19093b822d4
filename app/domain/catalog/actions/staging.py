"""Brings a sheet's good rows beside the catalogue and compares: what is new, changed, unchanged. Changes nothing for good.

Everything here is temporary tables of the current transaction, filled with COPY and joined as sets: a million rows take
seconds. `taking.py` writes what was found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl
from psycopg import sql
from sqlalchemy import text

from app.core.db import session
from app.core.ids import new_id
from app.domain.catalog.sheet_spool import OFFER_COLUMNS, PRICE_COLUMNS, SKU_COLUMNS, Spool

LOCK = 0x0A3A11
"""Advisory lock: one sheet at a time is compared and taken, whoever runs it."""

_TABLES = """
CREATE TEMP TABLE staged_price (
    line integer, offer_key bigint, currency text COLLATE "C", cost numeric(20, 8), list_price numeric(20, 8),
    min_quantity integer, effective_from timestamptz, effective_to timestamptz, is_delete boolean
) ON COMMIT DROP;
CREATE TEMP TABLE staged_offer (
    offer_key bigint, line integer, sku_number integer, market text COLLATE "C", segment text COLLATE "C",
    term text COLLATE "C", billing_plan text COLLATE "C", tags text COLLATE "C", is_trial boolean
) ON COMMIT DROP;
CREATE TEMP TABLE staged_sku (
    product_code text COLLATE "C", sku_code text COLLATE "C", product_title text, sku_title text, publisher text,
    description text, unit text, sku_number integer
) ON COMMIT DROP;
CREATE TEMP TABLE dropped_line (line integer) ON COMMIT DROP;
"""
# Dropped lines, and what only they spoke of.
_DROP = """
DELETE FROM staged_price w USING dropped_line d WHERE d.line = w.line;
DELETE FROM staged_offer o WHERE NOT EXISTS (SELECT FROM staged_price w WHERE w.offer_key = o.offer_key);
DELETE FROM staged_sku s WHERE NOT EXISTS (SELECT FROM staged_offer o WHERE o.sku_number = s.sku_number)
"""
_SKUS = """
CREATE TEMP TABLE found_sku ON COMMIT DROP AS
SELECT g.sku_number, p.id AS product_id, s.id AS sku_id
FROM staged_sku g
LEFT JOIN product p ON p.vendor_id = :vendor AND p.vendor_product_id = g.product_code
LEFT JOIN sku s ON s.product_id = p.id AND s.vendor_sku_id = g.sku_code
"""
# A new offer gets its key here, though whether the sheet is taken is decided later. Keys follow the order of the file, so
# that everything written later goes to the end of its index.
_OFFERS = """
CREATE TEMP TABLE found_offer ON COMMIT DROP AS
SELECT coalesce(o.id, (:ids || lpad(to_hex(row_number() OVER (ORDER BY w.line)), 8, '0'))::uuid) AS offer_id,
       o.id IS NULL AS is_new, w.*, array_to_string(o.tags, ';') AS tags_before
FROM staged_offer w
JOIN found_sku k ON k.sku_number = w.sku_number
LEFT JOIN offer o ON o.product_id = k.product_id AND o.sku_id = k.sku_id AND o.market = w.market
    AND o.segment = w.segment AND o.term = w.term AND o.billing_plan = w.billing_plan
"""
# For offers that were there: each row beside its latest revision; what is unchanged, which is most, is not kept. A deletion
# ends the row it names, at the date it gives or now; one that names nothing we know, or something that has ended, says
# nothing new.
_PRICES = """
CREATE TEMP TABLE found_price ON COMMIT DROP AS
SELECT * FROM (SELECT w.offer_id, w.line, w.currency, w.cost, w.list_price, w.min_quantity, w.effective_from, w.effective_to,
       CASE
           WHEN b.offer_id IS NULL THEN CASE WHEN w.is_delete THEN 'unchanged' ELSE 'new' END
           WHEN w.is_delete THEN CASE WHEN b.effective_to <= w.effective_to THEN 'unchanged' ELSE 'changed' END
           WHEN b.cost = w.cost AND b.list_price = w.list_price AND b.effective_to IS NOT DISTINCT FROM w.effective_to
               THEN 'unchanged'
           ELSE 'changed'
       END AS outcome
FROM (
    SELECT f.offer_id, s.line, s.currency, s.cost, s.list_price, s.min_quantity, s.effective_from, s.is_delete,
           CASE WHEN s.is_delete THEN coalesce(s.effective_to, greatest(:at, s.effective_from)) ELSE s.effective_to END
               AS effective_to
    FROM staged_price s JOIN found_offer f ON f.offer_key = s.offer_key AND NOT f.is_new
) w
LEFT JOIN (
    SELECT DISTINCT ON (offer_id, currency, min_quantity, effective_from)
           offer_id, currency, min_quantity, effective_from, cost, list_price, effective_to
    FROM vendor_price
    ORDER BY offer_id DESC, currency DESC, min_quantity DESC, effective_from DESC, revision DESC
) b ON b.offer_id = w.offer_id AND b.currency = w.currency AND b.min_quantity = w.min_quantity
    AND b.effective_from = w.effective_from) f
WHERE outcome <> 'unchanged'
"""
# An offer that is not known and of which there are only deletions is none.
_NO_OFFERS = """
DELETE FROM found_offer f USING (
    SELECT offer_key FROM staged_price GROUP BY offer_key HAVING bool_and(is_delete)
) w WHERE f.offer_key = w.offer_key AND f.is_new
"""
_COUNTS = """
WITH fresh AS (
    SELECT count(*) FILTER (WHERE NOT s.is_delete) AS new,
           count(*) FILTER (WHERE NOT s.is_delete AND s.effective_from > :at) AS starts_later
    FROM staged_price s {of_new_offers}
), known AS (
    SELECT count(*) FILTER (WHERE outcome = 'new') AS new, count(*) FILTER (WHERE outcome = 'changed') AS changed,
           count(*) FILTER (WHERE effective_from > :at) AS starts_later
    FROM found_price
)
SELECT fresh.new + known.new AS new, known.changed,
       (SELECT count(*) FROM staged_price) - fresh.new - known.new - known.changed AS unchanged,
       fresh.starts_later + known.starts_later AS starts_later,
       (SELECT count(*) FROM found_offer WHERE is_new) AS offers_new
FROM fresh, known
"""
_OF_NEW_OFFERS = "JOIN found_offer f ON f.offer_key = s.offer_key AND f.is_new"

_STAGED_SKUS = text("SELECT sku_number FROM staged_sku")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows by outcome; `starts_later` are those of the new and changed that wait for their date."""

    new: int
    changed: int
    unchanged: int
    starts_later: int
    offers_new: int


def id_prefix() -> str:
    """24 hexadecimal digits of a fresh UUIDv7: with a counter of 8 behind them, keys for a whole set at once."""
    return new_id().hex[:24]


def stage_prices(chunks: Iterable[bytes]) -> None:
    """Makes the stage, and fills it with price rows (CSV of `PRICE_COLUMNS`) as they are being read."""
    current = session()
    # Whole sets are joined, of tables that nobody has analysed since they were filled: loops would be a mistake.
    current.execute(
        text("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'; SET LOCAL enable_nestloop = off")
    )
    current.execute(text(_TABLES))
    copy_in("staged_price", PRICE_COLUMNS, chunks)


def lock() -> None:
    """Takes the advisory lock until the unit ends: what is found from now on still holds when it is taken."""
    session().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def stage_rest(spool: Spool, dropped: pl.Series) -> pl.DataFrame:
    """Adds the offers and skus, takes the `dropped` lines away, and answers the skus that are left."""
    current = session()
    copy_in("staged_offer", OFFER_COLUMNS, spool.offers())
    copy_in("staged_sku", (*SKU_COLUMNS, "sku_number"), [frame_csv(spool.skus)])
    if len(dropped):
        copy_in("dropped_line", ("line",), [frame_csv(dropped.to_frame())])
        current.execute(text(_DROP))
    if dropped.is_empty():
        return spool.skus
    kept = pl.Series("sku_number", list(current.scalars(_STAGED_SKUS)), dtype=pl.UInt32)
    return spool.skus.join(kept.to_frame(), on="sku_number", how="semi", maintain_order="left")


def compare(vendor_id: UUID, at: datetime) -> Comparison:
    """Compares what was staged with the catalogue as it is. Under `lock`."""
    current = session()
    current.execute(text(_SKUS), {"vendor": vendor_id})
    current.execute(text(_OFFERS), {"ids": id_prefix()})
    if current.scalar(text("SELECT EXISTS (SELECT FROM staged_price WHERE is_delete)")):
        current.execute(text(_NO_OFFERS))
    current.execute(text(_PRICES), {"at": at})
    # a first sheet has new offers only, and needs no join to tell which rows are theirs
    is_first = not current.scalar(text("SELECT EXISTS (SELECT FROM found_offer WHERE NOT is_new)"))
    counts = _COUNTS.format(of_new_offers="" if is_first else _OF_NEW_OFFERS)
    return Comparison(**current.execute(text(counts), {"at": at}).mappings().one())


def frame_csv(frame: pl.DataFrame) -> bytes:
    """A frame as COPY reads it: empty text in quotation marks, null as nothing."""
    return frame.write_csv(include_header=False, null_value="").encode()


def copy_in(table: str, columns: Iterable[str], chunks: Iterable[bytes]) -> None:
    """COPY into a table of the current transaction."""
    connection = session().connection().connection.driver_connection
    assert connection is not None
    command = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for chunk in chunks:
            copy.write(chunk)
