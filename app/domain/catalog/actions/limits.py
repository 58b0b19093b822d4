"""Writes an offer matrix into the catalogue: the least and the greatest quantity of each sku, as one set."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from sqlalchemy import func, select, text

from app.core.db import session
from app.domain.catalog.actions.staging import copy_in, frame_csv
from app.domain.catalog.models import PriceSheet
from app.domain.catalog.rules.offer_matrix import Limit

_COLUMNS = ("product_code", "sku_code", "least", "most")
_TABLE = """
CREATE TEMP TABLE told_limit (product_code text COLLATE "C", sku_code text COLLATE "C", least integer, most integer)
ON COMMIT DROP
"""
_FIND = """
CREATE TEMP TABLE found_limit ON COMMIT DROP AS
SELECT s.id, t.least, t.most, (s.min_quantity, s.max_quantity) IS DISTINCT FROM (t.least, t.most) AS is_changed
FROM told_limit t
JOIN product p ON p.vendor_id = :vendor AND p.vendor_product_id = t.product_code
JOIN sku s ON s.product_id = p.id AND s.vendor_sku_id = t.sku_code
"""
_COUNT = "SELECT count(*) AS known, count(*) FILTER (WHERE is_changed) AS changed FROM found_limit"
_WRITE = """
UPDATE sku s SET min_quantity = f.least, max_quantity = f.most FROM found_limit f WHERE f.id = s.id AND f.is_changed
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """Skus of the file that the catalogue knows, and of these the ones whose quantities change."""

    known: int
    changed: int


def compare(vendor_id: UUID, limits: Sequence[Limit]) -> Compared:
    """Holds the limits beside the catalogue as it is. Under the staging's lock, until the unit ends."""
    current = session()
    current.execute(text(_TABLE))
    rows = [(one.product_code, one.sku_code, one.least, one.most) for one in limits]
    types = dict(zip(_COLUMNS, (pl.String, pl.String, pl.Int64, pl.Int64), strict=True))
    copy_in("told_limit", _COLUMNS, [frame_csv(pl.DataFrame(rows, schema=types, orient="row"))])
    current.execute(text(_FIND), {"vendor": vendor_id})
    return Compared(**current.execute(text(_COUNT)).mappings().one())


def take(sheet: PriceSheet) -> None:
    """Writes what `compare` found changed; shops see it at once, since the catalogue gets a new revision."""
    current = session()
    current.execute(text(_WRITE))
    sheet.revision = (current.scalar(select(func.max(PriceSheet.revision))) or 0) + 1
