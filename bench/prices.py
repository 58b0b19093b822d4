"""Whole books beside their floors: a grid page, a preview of customers × offers, a customer's price list as CSV.

`python -m bench.prices` lays a world of its own and prints ratios; `--offers` and `--customers` size it.
"""

import argparse
import csv
import io
import resource
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.core import clock, scope
from app.core.db import session
from app.core.embedded_postgres import EmbeddedPostgres
from app.core.unit import unit
from bench.subject import Subject, let_go

MORE_CUSTOMERS = """
INSERT INTO account (id, created_at, tenant_id, name, country, currency, segment, domain, can_shop, profile, version)
SELECT gen_random_uuid(), now(), :tenant, 'More ' || n, 'DE', 'EUR', 'commercial', '', true, '{}', 1 FROM generate_series(1, :count) n
"""
JOINED = """
SELECT count(*), sum(v.cost) FROM account a CROSS JOIN offer o JOIN vendor_price v ON v.offer_id = o.id WHERE a.tenant_id = :tenant
"""
FLOOR_FACTOR = Decimal("1.18")
CENT = Decimal("0.01")


def timed(what: Callable[[], Any], rounds: int = 3) -> float:
    """The quietest of `rounds`, in seconds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        what()
        best = min(best, time.perf_counter() - start)
    return best


def bare(lines: int) -> None:
    """The floor of a price list: one Decimal calculation and one CSV row per line."""
    out = csv.writer(io.StringIO())
    cost = Decimal("120.00")
    for number in range(lines):
        price = ((cost + number) / 12 * FLOOR_FACTOR).quantize(CENT)
        out.writerow(
            [
                "Microsoft",
                "Product",
                "Offer",
                "1 year",
                "billed monthly",
                "Commercial",
                1,
                "user",
                "EUR",
                cost,
                price,
            ]
        )


def measure(offers: int, customers: int) -> list[tuple[str, str]]:
    """Rows of (what, how much)."""
    from app.domain.pricing.queries.worked_out import Lens
    from app.domain.reports.queries import price_changes, price_lines
    from app.domain.reports.queries.price_books import books
    from app.domain.reports.queries.price_lines import Narrowing
    from app.domain.reports.queries.price_list import price_list

    with tempfile.TemporaryDirectory(prefix="awning bench ") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.ensure_running()
        subject = Subject.lay(server.url("postgres"), Path(folder), shops=2, offers=offers)
        app = subject.app()
        rows: list[tuple[str, str]] = []
        with app.app_context():
            with unit(scope.everyone(reason="bench")) as current:
                tenant = current.execute(text("SELECT id FROM tenant ORDER BY nickname LIMIT 1")).scalar_one()
                current.execute(text(MORE_CUSTOMERS), {"tenant": tenant, "count": customers - 1})
                current.execute(text("ANALYZE account"))
            with unit(scope.tenant(tenant)) as current:
                standard = next(row.PriceBook for row in books().rows if row.PriceBook.name == "Standard")
                one, other = (
                    current.execute(
                        text(
                            "SELECT v.id FROM price_book_version v JOIN price_book b ON b.id = v.book_id"
                            " WHERE b.name = :n AND b.tenant_id = :t"
                        ),
                        {"n": n, "t": tenant},
                    ).scalar_one()
                    for n in ("Standard", "Own")
                )
                lens = Lens(tenant, "EUR", clock.now(), "EUR", "cost")
                market = Narrowing("DE")
                for name, sort in (
                    ("a page of the grid by title", "product"),
                    ("a page of the grid by margin", "-percent"),
                ):
                    took = timed(lambda s=sort: price_lines.lines(market, one, lens, sort=s))
                    rows.append((f"{name}, {offers:,} offers", f"{took * 1000:,.0f} ms"))
                preview = timed(lambda: price_changes.price_changes(one, other, lens, "DE"))
                preview += timed(lambda: price_changes.payers(standard.id, lens))
                preview += timed(lambda: price_changes.running(one, other, standard.id, lens, "DE"))
                floor = timed(lambda: session().execute(text(JOINED), {"tenant": tenant}).one())
                rows.append(
                    (f"impact preview, {customers:,} customers x {offers:,} offers", f"{preview:,.2f} s")
                )
                rows.append(
                    (
                        "  a plain SQL join of as many rows",
                        f"{floor:,.2f} s, {floor / preview:,.1f} times as long",
                    )
                )
                account = current.execute(
                    text(
                        "SELECT id FROM account WHERE name LIKE 'Customer%' AND tenant_id = :t ORDER BY name LIMIT 1"
                    ),
                    {"t": tenant},
                ).scalar_one()
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                count = 0

                def whole() -> None:
                    nonlocal count
                    out = csv.writer(io.StringIO())
                    count = 0
                    for row in price_list(account, "DE"):
                        out.writerow(
                            [
                                row.vendor_name,
                                row.product_title,
                                row.title,
                                row.term,
                                row.unit_list,
                                row.price,
                            ]
                        )
                        count += 1

                listed = timed(whole)
                grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
                plain = timed(lambda: bare(count))
                rows.append(
                    (
                        f"price list of {count:,} lines",
                        f"{count / listed:,.0f} lines/s, memory +{grown:,.0f} MB",
                    )
                )
                rows.append(
                    (
                        "  a bare Decimal function per line",
                        f"{count / plain:,.0f} lines/s: ratio {plain / listed:.2f}",
                    )
                )
        let_go(app)
        server.destroy()
    return rows


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="bench.prices", description=__doc__)
    parser.add_argument("--offers", type=int, default=10_000)
    parser.add_argument("--customers", type=int, default=1_000)
    options = parser.parse_args()
    for what, much in measure(options.offers, options.customers):
        print(f"{what:<64} {much}", flush=True)


if __name__ == "__main__":
    main()
