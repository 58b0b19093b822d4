"""Writes what `staging.py` found into the catalogue: products, skus, offers, prices, and the instants at which they turn.

All in the unit that compared, under its lock: a sheet is taken as a whole or not at all.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.core.db import session
from app.core.faults import fault
from app.core.ids import new_id
from app.domain.catalog.actions.staging import copy_in, frame_csv, id_prefix
from app.domain.catalog.models import Category, Family, PriceSheet, Product, Sku, Vendor
from app.domain.catalog.rules.families import Place, place_of
from app.domain.catalog.rules.words import searchable, sort_key
from app.domain.catalog.sheet_spool import SKU_COLUMNS

_PRODUCT_COLUMNS = (
    "id",
    "vendor_product_id",
    "title",
    "publisher",
    "description",
    "family_id",
    "category_id",
    "sort_title",
    "search_title",
    "search_more",
    "texts_digest",
)
_PRODUCT_TABLE = """
CREATE TEMP TABLE told_product (
    id uuid, vendor_product_id text, title text, publisher text, description text, family_id uuid, category_id uuid,
    sort_title text, search_title text, search_more text, texts_digest text
) ON COMMIT DROP
"""
_WRITE_PRODUCTS = """
INSERT INTO product (id, created_at, vendor_id, vendor_product_id, title, publisher, description, family_id, category_id,
                     sort_title, search_title, search_more, texts_digest)
SELECT id, :at, :vendor, vendor_product_id, title, publisher, description, family_id, category_id,
       sort_title, search_title, search_more, texts_digest
FROM told_product
ON CONFLICT (vendor_id, vendor_product_id) DO UPDATE SET
    title = excluded.title, publisher = excluded.publisher, description = excluded.description,
    family_id = excluded.family_id, category_id = excluded.category_id, sort_title = excluded.sort_title,
    search_title = excluded.search_title, search_more = excluded.search_more, texts_digest = excluded.texts_digest
"""
_WRITE_SKUS = """
INSERT INTO sku (id, created_at, product_id, vendor_sku_id, title, description, unit, min_quantity)
SELECT (:ids || lpad(to_hex(row_number() OVER ()), 8, '0'))::uuid, :at, p.id, g.sku_code, g.sku_title, g.description,
       coalesce(nullif(g.unit, ''), 'user'), 1
FROM staged_sku g
JOIN told_product t ON t.vendor_product_id = g.product_code
JOIN product p ON p.vendor_id = :vendor AND p.vendor_product_id = g.product_code
ON CONFLICT (product_id, vendor_sku_id) DO UPDATE SET
    title = excluded.title, description = excluded.description, unit = excluded.unit
"""
_WORD_TABLE = "CREATE TEMP TABLE told_word (word text) ON COMMIT DROP"
_WRITE_WORDS = "INSERT INTO search_word (word) SELECT word FROM told_word ON CONFLICT DO NOTHING"
_WRITE_OFFERS = """
INSERT INTO offer (id, created_at, product_id, sku_id, term, billing_plan, segment, market, tags, is_trial)
SELECT f.offer_id, :at, s.product_id, s.id, f.term, f.billing_plan, f.segment, f.market,
       string_to_array(f.tags, ';'), f.is_trial
FROM found_offer f
JOIN staged_sku g ON g.sku_number = f.sku_number
JOIN product p ON p.vendor_id = :vendor AND p.vendor_product_id = g.product_code
JOIN sku s ON s.product_id = p.id AND s.vendor_sku_id = g.sku_code
WHERE f.is_new
"""
_RETAG_OFFERS = """
UPDATE offer o SET tags = string_to_array(f.tags, ';'), is_trial = f.is_trial
FROM found_offer f
WHERE o.id = f.offer_id AND NOT f.is_new AND f.tags_before IS DISTINCT FROM f.tags
"""
# The stage is gone through in the order of the file, which is the order of the new offers' keys: indexes grow at their end.
_WRITE_NEW_PRICES = """
INSERT INTO vendor_price (id, created_at, offer_id, currency, cost, list_price, min_quantity, effective_from,
                          effective_to, revision)
SELECT (:ids || lpad(to_hex(w.line), 8, '0'))::uuid, :at, offer_id, currency, cost, list_price, min_quantity,
       effective_from, effective_to, :revision
FROM staged_price w JOIN found_offer f USING (offer_key)
WHERE f.is_new AND NOT w.is_delete
"""
_WRITE_PRICES = """
INSERT INTO vendor_price (id, created_at, offer_id, currency, cost, list_price, min_quantity, effective_from,
                          effective_to, revision)
SELECT (:ids || lpad(to_hex(line), 8, '0'))::uuid, :at, offer_id, currency, cost, list_price, min_quantity,
       effective_from, effective_to, :revision
FROM (SELECT * FROM found_price ORDER BY offer_id, line) w
"""
_WRITE_TURNS = """
INSERT INTO catalog_turn (at)
SELECT at FROM (
    SELECT effective_from, effective_to FROM staged_price GROUP BY effective_from, effective_to
    UNION SELECT effective_from, effective_to FROM found_price
) w, LATERAL (VALUES (effective_from), (effective_to)) AS edge(at)
WHERE at IS NOT NULL GROUP BY at
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Described:
    """What a sheet says of a product, ready to be stored; `is_known`: something else was told of it before."""

    code: str
    title: str
    publisher: str
    description: str
    place: Place
    sort_title: str
    search_title: str
    search_more: str
    digest: str
    is_known: bool


def take(sheet: PriceSheet, vendor: Vendor, described: Sequence[Described], at: datetime) -> int:
    """Writes the comparison's outcome for good; answers the catalogue's new revision number.

    `described` are the products of whose texts there is news (`known_texts`, `describe`).
    """
    current = session()
    revision = (current.scalar(select(func.max(PriceSheet.revision))) or 0) + 1
    names = {"at": at, "vendor": vendor.id}
    if _tell_products(vendor, described):
        current.execute(text(_WRITE_PRODUCTS), names)
        current.execute(text(_WRITE_SKUS), names | {"ids": id_prefix()})
        current.execute(text(_WRITE_WORDS))
    fault("catalog.take.between")
    current.execute(text(_WRITE_OFFERS), names)
    current.execute(text(_RETAG_OFFERS))
    # a line is written by one of the two, so they may share their keys' beginning
    numbered = {"ids": id_prefix(), "at": at, "revision": revision}
    current.execute(text(_WRITE_NEW_PRICES), numbered)
    current.execute(text(_WRITE_PRICES), numbered)
    current.execute(text(_WRITE_TURNS))
    sheet.revision = revision
    return revision


def _tell_products(vendor: Vendor, described: Sequence[Described]) -> int:
    """Fills `told_product` with the products of whose texts there is news, and `told_word` with their words."""
    if not described:
        return 0
    current = session()
    keys = _keys_of(vendor, {one.place for one in described})
    before = _sku_titles(vendor, [one.code for one in described if one.is_known])
    lines = [
        (
            str(new_id()),
            one.code,
            one.title,
            one.publisher,
            one.description,
            *keys[one.place],
            one.sort_title,
            one.search_title,
            searchable(one.search_more, *before[one.code]) if one.code in before else one.search_more,
            one.digest,
        )
        for one in described
    ]
    current.execute(text(_PRODUCT_TABLE))
    frame = pl.DataFrame(lines, schema=dict.fromkeys(_PRODUCT_COLUMNS, pl.String), orient="row")
    copy_in("told_product", _PRODUCT_COLUMNS, [frame_csv(frame)])
    words = pl.concat_str("search_title", "search_more", separator=" ").str.split(" ").explode().alias("word")
    told = frame.select(words.unique()).filter((pl.col("word") != "") & ~pl.col("word").str.contains("[0-9]"))
    current.execute(text(_WORD_TABLE))
    copy_in("told_word", ("word",), [frame_csv(told)])
    return len(lines)


def known_texts(vendor: Vendor) -> dict[str, str]:
    """The digest of what was last told of each product, by its code."""
    rows = session().execute(
        select(Product.vendor_product_id, Product.texts_digest).where(Product.vendor_id == vendor.id)
    )
    return dict(rows.all())


def describe(
    vendor_key: str, vendor_name: str, skus: pl.DataFrame, known: Mapping[str, str]
) -> list[Described]:
    """The products whose texts are new or differ from what is `known`. Touches no database: it may run beside others."""
    return [
        _described(row, digest, vendor_key, vendor_name, row["product_code"] in known)
        for row in _by_product(skus)
        if known.get(row["product_code"]) != (digest := _digest(row))
    ]


def _by_product(skus: pl.DataFrame) -> Iterator[dict[str, Any]]:
    texts = pl.concat_str("product_title", *SKU_COLUMNS[1:], separator="\x1f", ignore_nulls=True)
    return (
        skus.sort("sku_code", maintain_order=True)
        .with_columns(texts.alias("texts"))
        .group_by("product_code", maintain_order=True)
        .agg(
            pl.col("product_title", "publisher", "description").first(),
            pl.col("sku_title").alias("sku_titles"),
            pl.col("texts").str.join("\x1e"),
            pl.col("sku_number").min(),
        )
        .sort("sku_number")  # in the order of the file
        .iter_rows(named=True)
    )


def _digest(row: Mapping[str, Any]) -> str:
    return hashlib.md5(row["texts"].encode(), usedforsecurity=False).hexdigest()


def _described(
    row: Mapping[str, Any], digest: str, vendor_key: str, vendor_name: str, is_known: bool
) -> Described:
    code, title = row["product_code"], row["product_title"]
    place = place_of(vendor_key, title)
    more = searchable(
        row["publisher"],
        vendor_name,
        code,
        place.family_name,
        place.category_name,
        *row["sku_titles"],
        row["description"],
    )
    return Described(
        code,
        title,
        row["publisher"],
        row["description"],
        place,
        sort_key(title),
        searchable(title),
        more,
        digest,
        is_known,
    )


def _sku_titles(vendor: Vendor, codes: list[str]) -> dict[str, list[str]]:
    """Titles of the skus that products had before: a sheet that leaves one out does not make it unfindable."""
    found: dict[str, list[str]] = {}
    rows = session().execute(
        select(Product.vendor_product_id, Sku.title)
        .join(Sku, Sku.product_id == Product.id)
        .where(Product.vendor_id == vendor.id, Product.vendor_product_id.in_(codes))
        .order_by(Sku.vendor_sku_id)
    )
    for code, title in rows if codes else ():
        found.setdefault(code, []).append(title)
    return found


def _keys_of(vendor: Vendor, places: set[Place]) -> dict[Place, tuple[str, str]]:
    """Family and category ids of each place, made where they are missing."""
    current = session()
    current.execute(
        insert(Family)
        .values(
            [
                {"vendor_id": vendor.id, "key": key, "name": name}
                for key, name in sorted({(p.family_key, p.family_name) for p in places})
            ]
        )
        .on_conflict_do_nothing()
    )
    current.execute(
        insert(Category)
        .values(
            [{"key": k, "name": n} for k, n in sorted({(p.category_key, p.category_name) for p in places})]
        )
        .on_conflict_do_nothing()
    )
    families: dict[str, UUID] = dict(
        current.execute(select(Family.key, Family.id).where(Family.vendor_id == vendor.id)).all()
    )
    categories: dict[str, UUID] = dict(current.execute(select(Category.key, Category.id)).all())
    return {p: (str(families[p.family_key]), str(categories[p.category_key])) for p in places}
