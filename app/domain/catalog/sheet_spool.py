"""Good rows on their way from the reader to the database: narrow files on disk, ready for COPY.

Texts are the bulk of a sheet and repeat on every row of a product, so they are kept once per sku, apart from the prices.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

PRICE_COLUMNS = (
    "line",
    "product_code",
    "sku_code",
    "market",
    "segment",
    "term",
    "billing_plan",
    "currency",
    "cost",
    "list_price",
    "min_quantity",
    "effective_from",
    "effective_to",
    "is_delete",
    "is_trial",
    "tags",
)
SKU_COLUMNS = ("product_code", "sku_code", "product_title", "sku_title", "publisher", "description", "unit")
CHUNK = 1024 * 1024


class Spool:
    """Collects batches. `skus` holds every sku once, with the texts of its first row."""

    def __init__(self, folder: Path):
        self._prices = folder / "prices.csv"
        self._file = self._prices.open("wb")
        self._texts: list[pl.DataFrame] = []
        self._seen = pl.DataFrame(schema={"product_code": pl.String, "sku_code": pl.String})

    def add(self, rows: pl.DataFrame) -> None:
        """Takes one batch of the reader's good rows."""
        rows.select(
            *PRICE_COLUMNS[:13], (pl.col("change") == "delete").alias("is_delete"), "is_trial", "tags"
        ).write_csv(self._file, include_header=False, null_value="")
        fresh = (
            rows.select(SKU_COLUMNS)
            .unique(["product_code", "sku_code"], keep="first", maintain_order=True)
            .join(self._seen, on=["product_code", "sku_code"], how="anti")
        )
        if fresh.height:
            self._texts.append(fresh)
            self._seen = pl.concat([self._seen, fresh.select("product_code", "sku_code")])

    def close(self) -> None:
        """No more rows will come."""
        self._file.close()

    @property
    def skus(self) -> pl.DataFrame:
        return pl.concat(self._texts)

    def price_chunks(self) -> Iterator[bytes]:
        """The price rows as CSV, in pieces."""
        with self._prices.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
