"""The table that a run ends with: ratios first, figures beside them."""

from dataclasses import dataclass, field
from typing import Any

from bench.load import Result
from bench.sheets import Taken

GOALS = {
    "list, first view": ("c", 0.6),
    "list, nothing changed": ("a", 0.5),
    "product, first view": ("c", 0.8),
    "product, nothing changed": ("a", 0.5),
}


@dataclass
class Results:
    """Everything one run found."""

    machine: str
    seconds: float
    rounds: int
    worlds: dict[str, dict[str, Any]] = field(default_factory=dict)
    servers: dict[str, dict[str, Result]] = field(default_factory=dict)
    statements: dict[str, tuple[int, int]] = field(default_factory=dict)
    sheets: dict[str, Taken] = field(default_factory=dict)


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _table(head: list[str], rows: list[list[object]]) -> list[str]:
    return [_row(*head), _row(*["---"] * len(head)), *(_row(*row) for row in rows), ""]


def markdown(results: Results) -> str:
    """The page `docs/performance.md`."""
    lines = [
        "# Performance",
        "",
        f"Made by `bin/bench` on {results.machine}: concurrency 8, two workers, {results.rounds} rounds of",
        f"{results.seconds:g} s each in turn, the quietest round of each. Absolute figures drift from run to run; only the ratios within one run count.",
        "",
        "Floors: (a) 30 kB of ready HTML; (b) 24 cards from memory; (c) the same with one indexed query, SQLAlchemy Core;",
        "(d) the smallest honest order: five statements and a commit. All under gunicorn's sync workers.",
        "",
        "A first view is a page that was never made for that customer, in a process that has made others for their shop, at the",
        "customer's own prices. Nothing changed: the same page again, whole (see [kept pages](kept-pages.md)).",
        "CPU is the processor time of one request, of server and database together; a busy machine moves it less than req/s.",
        "",
    ]
    for world, found in results.worlds.items():
        lines += [f"## {world} (shops × offers)", ""]
        lines += _table(
            ["what", "req/s", "p50 ms", "p95 ms", "CPU ms", "ratio", "by CPU", "goal"], _pages(found)
        )
        memory, start = found["memory"], found["start"]
        lines += [
            f"Memory of two workers: floor {memory['floor']} MB, Awning {memory['Awning']} MB.",
            f"Cold start: floor {start['floor']} s, Awning {start['Awning']} s.",
            "",
        ]
    if len(results.worlds) > 1:
        lines += ["## The same at every size", ""]
        names = [n for n in GOALS if all(n in w["results"] for w in results.worlds.values())]
        lines += _table(
            ["what", *results.worlds],
            [
                [
                    n,
                    *(
                        f"{w['results'][n].per_second:g}/s · {_ratio(w, n):.2f}"
                        for w in results.worlds.values()
                    ),
                ]
                for n in names
            ],
        )
    lines += ["## SQL statements per page", ""]
    lines += _table(
        ["page", "first view", "nothing changed"],
        [[page, *counts] for page, counts in results.statements.items()],
    )
    if results.servers:
        lines += ["## Which server", ""]
        pages = list(next(iter(results.servers.values())))
        lines += _table(
            ["server", *(f"{page}: req/s, p95, p99" for page in pages)],
            [
                [name, *(f"{r.per_second:g}, {r.p95:g} ms, {r.p99:g} ms" for r in found.values())]
                for name, found in results.servers.items()
            ],
        )
    lines += ["## A price sheet", ""]
    lines += _table(["what", "rows", "seconds", "rows/s", "ratio", "goal"], _sheet_rows(results.sheets))
    return "\n".join(lines)


def _ratio(world: dict[str, Any], name: str) -> float:
    return world["results"][name].per_second / world["results"][f"floor {GOALS[name][0]}"].per_second


def _pages(found: dict[str, Any]) -> list[list[object]]:
    rows: list[list[object]] = []
    for name, result in found["results"].items():
        goal = GOALS.get(name)
        ratio = f"{_ratio(found, name):.2f} of ({goal[0]})" if goal else ""
        rows.append(
            [
                name,
                f"{result.per_second:g}",
                result.p50,
                result.p95,
                result.cpu,
                ratio,
                f"{found['results'][f'floor {goal[0]}'].cpu / (result.cpu or 1):.2f}" if goal else "",
                f"≥ {goal[1]}" if goal else "",
            ]
        )
    orders = found["orders"]
    floor = found["results"]["floor d"].per_second
    rows.append(
        [
            "whole order, add to placed",
            f"{orders['per_second']:g}",
            orders["p50"],
            orders["p95"],
            "",
            f"{orders['per_second'] / floor:.2f} of (d)",
            "",
            "≥ 0.2",
        ]
    )
    return rows


def _sheet_rows(found: dict[str, Taken]) -> list[list[object]]:
    base = {"first import": ("COPY", "≤ 3"), "10 % changed": ("stage and upsert", "≤ 2")}
    rows: list[list[object]] = []
    for name, taken in found.items():
        against = base.get(name)
        ratio = f"{taken.seconds / found[against[0]].seconds:.1f} × {against[0]}" if against else ""
        rows.append(
            [
                name,
                f"{taken.rows:,}",
                f"{taken.seconds:.1f}",
                f"{taken.per_second:,}",
                ratio,
                against[1] if against else "",
            ]
        )
    return rows
