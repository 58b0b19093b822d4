"""The benchmark: `bin/bench` (or `python -m bench`). Floors and Awning in one run, as ratios, to docs/performance.md.

`--quick` measures one small world for a few seconds; the whole run takes about a quarter of an hour.
"""

import argparse
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import report, sheets
from bench.load import Result, Shot, request
from bench.measure import CONNECTIONS, costed, drive, in_turn
from bench.servers import GRANIAN, GRANIAN_THREADS, GUNICORN_SYNC, GUNICORN_THREADS, ROOT, serving
from bench.subject import Subject, let_go

FLOOR = "bench.floors:create_app()"


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def main() -> None:
    """Measures everything and writes the page."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small world, short rounds, nothing written")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the price sheet")
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds of three seconds each; the quietest counts"
    )
    options = parser.parse_args()
    seconds, rounds = (1.5, 1) if options.quick else (3.0, options.rounds)
    worlds = [(10, 1_000)] if options.quick else [(10, 1_000), (1_000, 10_000), (10_000, 100_000)]
    rows = 20_000 if options.quick else options.rows

    with tempfile.TemporaryDirectory(prefix="awning bench ") as folder, _database(Path(folder)) as database:
        results = report.Results(machine=_machine(), seconds=seconds, rounds=rounds)
        for shops, offers in worlds:
            say(f"laying a world of {shops:,} shops and {offers:,} offers")
            subject = Subject.lay(database, Path(folder), shops=shops, offers=offers)
            results.worlds[f"{shops:,} × {offers:,}"] = _world(database, subject, seconds, rounds)
            results.statements = results.statements or subject.statements()
            if (shops, offers) == worlds[min(1, len(worlds) - 1)]:
                say("servers in turn")
                results.servers = _servers(database, subject, seconds, rounds)
            subject.drop()
        say(f"a price sheet of {rows:,} rows")
        results.sheets = _sheets(database, Path(folder), rows)
    page = report.markdown(results)
    print(page)
    if not options.quick:
        (ROOT / "docs" / "performance.md").write_text(page)


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """The owner's URL of a server of our own, durable as in production."""
    from app.core.embedded_postgres import EmbeddedPostgres

    server = EmbeddedPostgres(folder / "postgres")
    server.ensure_running()
    try:
        yield server.url("postgres")
    finally:
        server.destroy()


def _world(database: str, subject: Subject, seconds: float, rounds: int) -> dict[str, object]:
    floor = subject.floor_database()
    with (
        serving(GUNICORN_SYNC, FLOOR, {"FLOOR_DATABASE_URL": floor}) as base,
        serving(GUNICORN_SYNC, "wsgi:app", subject.environ) as awning,
    ):
        floors = {
            letter: [
                Shot(
                    request(f"/{letter}", "console.localhost", method="POST" if letter == "d" else "GET"),
                    (200, 303),
                )
            ]
            for letter in "abcd"
        }
        say("floors and pages in turn")
        measures = {
            f"floor {letter}": costed(
                lambda s=shots: drive(base.port, s, seconds=seconds), base.pid, subject.database_pid
            )
            for letter, shots in floors.items()
        }
        for name, shots in subject.pages().items():
            fresh = _fresh(awning.port, shots, seconds, rounds)
            measures[name] = costed(fresh, awning.pid, subject.database_pid)
        found: dict[str, Result] = in_turn(rounds, measures)
        say("whole orders")
        orders = max(
            (_orders(awning.port, subject, seconds) for _ in range(rounds)), key=lambda o: o["per_second"]
        )
        return {
            "results": found,
            "orders": orders,
            "memory": {"floor": base.memory, "Awning": awning.memory},
            "start": {"floor": base.started_in, "Awning": awning.started_in},
        }


def _fresh(port: int, shots: list[Shot], seconds: float, rounds: int) -> Callable[[], Result]:
    """Rounds that each begin where no round before them came: in each connection's share of the shots, further on."""
    turn = itertools.count()
    step = max(1, len(shots) // CONNECTIONS // rounds)

    def round_() -> Result:
        start = next(turn) * step % len(shots)
        return drive(port, shots[start:] + shots[:start], seconds=seconds)

    return round_


def _orders(port: int, subject: Subject, seconds: float) -> dict[str, float]:
    job = {"port": port, "shoppers": subject.shoppers(8), "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "bench.orders"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


def _servers(database: str, subject: Subject, seconds: float, rounds: int) -> dict[str, dict[str, Result]]:
    found: dict[str, dict[str, Result]] = {}
    kinds = {
        "gunicorn, sync": GUNICORN_SYNC,
        "gunicorn, 4 threads": GUNICORN_THREADS,
        "granian, 1 thread": GRANIAN,
        "granian, 4 threads": GRANIAN_THREADS,
    }
    for name, command in kinds.items():
        with serving(command, "wsgi:app", subject.environ) as awning:
            pages = {page: shots for page, shots in subject.pages().items() if page.startswith("list")}
            found[name] = in_turn(
                rounds, {page: _fresh(awning.port, shots, seconds, rounds) for page, shots in pages.items()}
            )
    return found


def _sheets(database: str, folder: Path, rows: int) -> dict[str, sheets.Taken]:
    subject = Subject.empty(database, folder)
    first, again = folder / "sheet.csv", folder / "changed.csv"
    from app.demo.sheets import write_sheet

    for path, changed in ((first, 0.0), (again, 0.1)):
        with path.open("wb") as out:
            write_sheet(out, offers=rows // 2, changed=changed, markets={"DE": ("EUR", "USD")})
    app = subject.app()
    counted = sum(1 for _ in first.open("rb")) - 1
    copied, upserted = sheets.copy_alone(subject.owner_url.replace("+psycopg", ""), counted)
    taken, retaken = sheets.awning(app, first), sheets.awning(app, again)
    let_go(app)
    subject.drop()
    return {"COPY": copied, "stage and upsert": upserted, "first import": taken, "10 % changed": retaken}


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"


if __name__ == "__main__":
    main()
