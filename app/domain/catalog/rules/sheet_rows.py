"""Checks and normalises many rows of a price sheet at once (polars); the few that fail are explained by `sheet_cells.py`.

The patterns and lists are those of `sheet_cells.py`: a test holds the two to the same verdict on every row.
"""

import polars as pl

from app.core.money import CURRENCIES
from app.domain.catalog.rules import sheet_cells as cells
from app.domain.catalog.rules.codes import MARKETS, PLANS_OF_TERM, TERMS
from app.domain.catalog.rules.sheet_layout import FIELDS, KEY

CONTENT = ("change", "cost", "list_price", "effective_to")
"""With the key, what a price row says; two rows with one key and one content are the same row twice."""


def strip_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without blanks around its cells; absent cells become empty."""
    return frame.with_columns(pl.col(*FIELDS).fill_null("").str.strip_chars())


def _in(column: pl.Expr, words: object) -> pl.Expr:
    return column.is_in(sorted(words))  # type: ignore[call-overload]


def _text(field: str) -> pl.Expr:
    column = pl.col(field)
    fits = column.str.len_chars() <= cells.TEXT_LIMITS[field]
    clean = ~column.str.contains("\0", literal=True) & ~column.str.contains("\ufffd", literal=True)
    needed = (column != "") if field.endswith("_title") else pl.lit(True)
    return fits & clean & needed


def _lower(field: str) -> pl.Expr:
    return pl.col(field).str.to_lowercase()


def _moment(field: str) -> pl.Expr:
    shaped = pl.when(pl.col(field).str.contains(cells.INSTANT)).then(pl.col(field).str.slice(0, 19))
    padded = pl.when(shaped.str.len_chars() == 10).then(shaped + "T00:00:00").otherwise(shaped)
    return padded.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False)


def _stamp(field: str) -> pl.Expr:
    day = pl.col(field)
    return pl.when(day.str.len_bytes() == 10).then(day + "T00:00:00Z").otherwise(day.str.slice(0, 19) + "Z")


def _in_years(moment: pl.Expr) -> pl.Expr:
    year = moment.dt.year()
    return ((year >= cells.SOONEST) & (year <= cells.LATEST)) | (year == cells.OPEN_YEAR)


def split(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stripped rows (with `line`) → the good ones, normalised, and the bad ones, as they stand.

    Good rows have: line, change, product_code, sku_code, product_title, sku_title, publisher, description, unit, term,
    billing_plan, market, currency, segment, cost and list_price (plain decimal text), min_quantity (integer),
    effective_from and effective_to (UTC text; null is open), tags (separated by `;`), is_trial.
    """
    frame = frame.with_columns(_moment("effective_from").alias("_from"), _moment("effective_to").alias("_to"))
    plan = _lower("billing_plan").replace_strict(cells.PLAN_WORDS, default=None)
    fitting = pl.concat_str(pl.col("term"), pl.lit("/"), plan)
    pairs = [f"{term}/{ours}" for term, plans in PLANS_OF_TERM.items() for ours in plans]
    sku_ok = pl.col("sku_code").str.contains(cells.PRODUCT_CODE) & ~pl.col("sku_code").str.contains(
        cells.SPREADSHEET_SKU
    )
    checks = [
        _in(_lower("change"), cells.CHANGE_WORDS),
        *(_text(field) for field in cells.TEXT_LIMITS),
        pl.col("product_code").str.contains(cells.PRODUCT_CODE),
        sku_ok,
        _in(pl.col("term"), TERMS),
        _in(fitting, pairs),
        _in(pl.col("market").str.to_uppercase(), MARKETS),
        _in(pl.col("currency").str.to_uppercase(), CURRENCIES),
        pl.col("cost").str.contains(cells.AMOUNT),
        pl.col("list_price").str.contains(cells.AMOUNT),
        (pl.col("min_quantity") == "") | pl.col("min_quantity").str.contains(cells.QUANTITY),
        (pl.col("tier_max") == "") | pl.col("tier_max").str.contains(cells.QUANTITY),
        pl.col("tags").str.len_chars() <= cells.TAGS_LIMIT,
        ~pl.col("tags").str.contains("\0", literal=True)
        & ~pl.col("tags").str.contains("\ufffd", literal=True),
        ~pl.col("previous").str.contains("\ufffd", literal=True),
        _in(_lower("segment"), cells.SEGMENT_WORDS),
        _in_years(pl.col("_from")) & (pl.col("_from").dt.year() != cells.OPEN_YEAR),
        (pl.col("effective_to") == "") | (_in_years(pl.col("_to")) & (pl.col("_to") > pl.col("_from"))),
    ]
    verdict = frame.select(pl.all_horizontal(*(check.fill_null(False) for check in checks))).to_series()
    good = frame.filter(verdict)
    bad = frame.filter(~verdict).select("line", *FIELDS)
    return _normalised(good), bad


def _normalised(good: pl.DataFrame) -> pl.DataFrame:
    is_open = (pl.col("effective_to") == "") | pl.col("effective_to").str.starts_with(str(cells.OPEN_YEAR))
    tags = pl.col("tags").str.replace_all(r"\s*;\s*", ";")
    sku = pl.col("sku_code")
    return good.select(
        "line",
        _lower("change").replace_strict(cells.CHANGE_WORDS, return_dtype=pl.String).alias("change"),
        "product_code",
        # a spreadsheet that takes `0001` for a number writes `1`
        pl.when(sku.str.contains(cells.SHORT_SKU)).then(sku.str.zfill(4)).otherwise(sku).alias("sku_code"),
        "product_title",
        "sku_title",
        "publisher",
        "description",
        "unit",
        "term",
        _lower("billing_plan").replace_strict(cells.PLAN_WORDS, return_dtype=pl.String).alias("billing_plan"),
        pl.col("market").str.to_uppercase(),
        pl.col("currency").str.to_uppercase(),
        _lower("segment").replace_strict(cells.SEGMENT_WORDS, return_dtype=pl.String).alias("segment"),
        "cost",
        "list_price",
        pl.when(pl.col("min_quantity") == "")
        .then(pl.lit("1"))
        .otherwise(pl.col("min_quantity"))
        .cast(pl.Int64)
        .alias("min_quantity"),
        _stamp("effective_from").alias("effective_from"),
        pl.when(is_open).then(None).otherwise(_stamp("effective_to")).alias("effective_to"),
        tags.alias("tags"),
        tags.str.to_lowercase().str.split(";").list.contains("trial").alias("is_trial"),
    )


def fingerprints(good: pl.DataFrame) -> pl.DataFrame:
    """line, key, content: 64-bit numbers that stand for what names a row and for what it says."""
    return good.select(
        pl.col("line").cast(pl.UInt32),
        pl.concat_str(*KEY, separator="\x1f").hash(seed=1).alias("key"),
        pl.concat_str(*(pl.col(name).fill_null("") for name in CONTENT), separator="\x1f")
        .hash(seed=2)
        .alias("content"),
    )
