"""Good rows on their way from the reader to the database, made narrow and ready for COPY.

Texts are the bulk of a sheet and repeat on every row of a product, so each sku is kept once, each offer once, and the
prices, which are most of the rows, refer to their offer by a number. Prices go on at once; offers wait in a file on disk.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl

PRICE_COLUMNS = (
    "line",
    "offer_key",
    "currency",
    "cost",
    "list_price",
    "min_quantity",
    "effective_from",
    "effective_to",
    "is_delete",
)
OFFER_COLUMNS = (
    "offer_key",
    "line",
    "sku_number",
    "market",
    "segment",
    "term",
    "billing_plan",
    "tags",
    "is_trial",
)
SKU_COLUMNS = ("product_code", "sku_code", "product_title", "sku_title", "publisher", "description", "unit")
_SKU = ["product_code", "sku_code"]
_OFFER = (*_SKU, "market", "segment", "term", "billing_plan")
CHUNK = 1024 * 1024


class KeyClash(RuntimeError):
    """Two offers of one file got the same 64-bit number: once in 30 million files of a million offers."""


class Spool:
    """Collects batches. `skus` holds every sku once, numbered, with the texts of its first row."""

    def __init__(self, folder: Path):
        self._path = folder / "offers.csv"
        self._offers = self._path.open("wb")
        self._skus = pl.DataFrame(schema={**dict.fromkeys(SKU_COLUMNS, pl.String), "sku_number": pl.UInt32})
        self._seen = pl.DataFrame(schema={"offer_key": pl.Int64, "check": pl.UInt64})

    def add(self, rows: pl.DataFrame) -> bytes:
        """Takes one batch of the reader's good rows; answers its prices as CSV of `PRICE_COLUMNS`."""
        named = pl.concat_str(*_OFFER, separator="\x1f")
        rows = rows.with_columns(
            named.hash(seed=3).reinterpret(signed=True).alias("offer_key"),
            named.hash(seed=4).alias("check"),
            (pl.col("change") == "delete").alias("is_delete"),
        )
        # rows of an offer follow each other mostly: what repeats the row before is cheaper to leave out than to hash
        heads = rows.filter(
            (pl.col("offer_key") != pl.col("offer_key").shift()).fill_null(True)
            | (pl.col("check") != pl.col("check").shift())
        )
        offers = heads.unique("offer_key", keep="first", maintain_order=True)
        if heads.n_unique(["offer_key", "check"]) != offers.height:
            raise KeyClash
        self._add_offers(offers)
        prices = io.BytesIO()
        rows.select(PRICE_COLUMNS).write_csv(prices, include_header=False, null_value="")
        return prices.getvalue()

    def _add_offers(self, offers: pl.DataFrame) -> None:
        met = offers.join(self._seen, on="offer_key", how="inner", suffix="_seen")
        if (met["check"] != met["check_seen"]).any():
            raise KeyClash
        offers = offers.join(self._seen, on="offer_key", how="anti", maintain_order="left")
        if offers.is_empty():
            return
        self._seen = pl.concat([self._seen, offers.select("offer_key", "check")])
        fresh = offers.unique(_SKU, keep="first", maintain_order=True).join(
            self._skus, on=_SKU, how="anti", maintain_order="left"
        )
        if fresh.height:
            numbers = pl.int_range(self._skus.height, self._skus.height + fresh.height, dtype=pl.UInt32)
            fresh = fresh.select(*SKU_COLUMNS, numbers.alias("sku_number"))
            self._skus = pl.concat([self._skus, fresh])
        offers.join(
            self._skus.select(*_SKU, "sku_number"), on=_SKU, how="left", maintain_order="left"
        ).select(OFFER_COLUMNS).write_csv(self._offers, include_header=False, null_value="")

    def close(self) -> None:
        """No more rows will come."""
        self._offers.close()

    @property
    def skus(self) -> pl.DataFrame:
        return self._skus

    def offers(self) -> Iterator[bytes]:
        """The offers as CSV of `OFFER_COLUMNS`, in pieces."""
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
