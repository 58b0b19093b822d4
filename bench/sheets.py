"""A price sheet of a million rows: Awning's import beside what COPY alone takes for the same rows."""

import io
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from flask import Flask

from app.core import scope
from app.core.actor import SYSTEM
from app.core.unit import unit
from app.domain.catalog import sheet_import
from app.domain.catalog.actions import sheets as actions
from app.domain.catalog.models import PriceSheet

ROWS_LIKE_VENDOR_PRICE = """
CREATE TABLE bench_price (id uuid NOT NULL, created_at timestamptz NOT NULL, offer_id uuid NOT NULL,
    currency varchar(3) COLLATE "C" NOT NULL, cost numeric(20, 8) NOT NULL, list_price numeric(20, 8) NOT NULL, min_quantity int NOT NULL,
    effective_from timestamptz NOT NULL,
    effective_to timestamptz, revision int NOT NULL, sku text NOT NULL, title text NOT NULL);
CREATE UNIQUE INDEX ON bench_price (offer_id, currency, min_quantity, effective_from, revision)
"""


@dataclass(frozen=True)
class Taken:
    """Seconds for `rows` rows."""

    rows: int
    seconds: float

    @property
    def per_second(self) -> int:
        return round(self.rows / self.seconds)


def copy_alone(owner_url: str, rows: int) -> tuple[Taken, Taken]:
    """COPY of ready rows into an indexed table of 12 columns; then: COPY to a stage and upsert what changed (10 %)."""
    source = io.StringIO()
    now = datetime.now(UTC).isoformat()
    for n in range(rows):
        # offers come in the order of the sheet, not of their keys
        key = f"{(n * 2654435761) % 2**32:08x}-0000-7000-8000-{n:012x}"
        source.write(
            f"{key}\t{now}\t{key}\tEUR\t{n % 997}.25\t{n % 1009}.5\t1\t{now}\t\\N\t1\t0001\tProduct {n % 9000}\n"
        )
    text = source.getvalue()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_price")
        for statement in ROWS_LIKE_VENDOR_PRICE.split(";"):
            connection.execute(statement)
        started = time.perf_counter()
        _copy(connection, "bench_price", text)
        first = Taken(rows, time.perf_counter() - started)
        connection.execute("ANALYZE bench_price")
        changed = text.replace("7.25\t", "7.75\t")  # the costs that end in 7: one in ten
        started = time.perf_counter()
        with connection.transaction():
            connection.execute("CREATE TEMP TABLE stage (LIKE bench_price) ON COMMIT DROP")
            _copy(connection, "stage", changed)
            connection.execute("""
                INSERT INTO bench_price SELECT * FROM stage s
                WHERE NOT EXISTS (SELECT FROM bench_price b WHERE b.offer_id = s.offer_id AND b.currency = s.currency
                                  AND b.cost = s.cost AND b.list_price = s.list_price)
                ON CONFLICT (offer_id, currency, min_quantity, effective_from, revision)
                DO UPDATE SET cost = excluded.cost, list_price = excluded.list_price""")
        second = Taken(rows, time.perf_counter() - started)
        connection.execute("DROP TABLE bench_price")
    return first, second


def _copy(connection: psycopg.Connection, table: str, text: str) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for start in range(0, len(text), 1 << 20):
            copy.write(text[start : start + (1 << 20)])


def awning(app: Flask, path: Path) -> Taken:
    """Awning's whole import of the sheet at `path`: read, check, compare, take, report."""
    with app.app_context():
        with unit(scope.everyone(reason="benchmark")):
            actions.add_vendor("microsoft", "Microsoft")
        started = time.perf_counter()
        with unit(scope.everyone(reason="benchmark")), path.open("rb") as stream:
            sheet_id = actions.register_file(
                stream, vendor_key="microsoft", file_name=path.name, by=SYSTEM
            ).id
        sheet_import.run(sheet_id, lambda: path.open("rb"))
        took = time.perf_counter() - started
        with unit(scope.everyone(reason="benchmark"), read_only=True) as session:
            sheet = session.get_one(PriceSheet, sheet_id)
            if sheet.state != "taken":
                raise RuntimeError(f"the sheet was {sheet.state}: {sheet.error}")
            return Taken(sheet.rows, took)
