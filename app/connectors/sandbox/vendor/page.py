"""The sandbox's one page: what the vendor has sold, and the dial with which a person makes it fail.

Plain HTML and forms without a script. Everything that came over the wire is escaped.
"""

from __future__ import annotations

import json
from datetime import datetime
from html import escape
from typing import Any

from app.connectors.sandbox.vendor import subscriptions
from app.connectors.sandbox.vendor.dial import FAILURES, OPERATIONS
from app.connectors.sandbox.vendor.service import Service
from app.connectors.sandbox.vendor.store import now, setting

_SHOWN = 25

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 .75rem; } .quiet { opacity: .75; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .75rem .4rem 0; text-align: left; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: .5rem 0; }
label { display: grid; grid-template-columns: minmax(0, auto); gap: .2rem; font-size: .875rem; max-width: 100%; }
input, select, button { font: inherit; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: .4rem; }
input[type=number] { width: 7rem; }
input[name=description] { width: 20rem; }
input, select { max-width: 100%; box-sizing: border-box; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid #2563eb; outline-offset: 2px; }
.problem { border-left: 4px solid #dc2626; padding: .5rem .75rem; }
"""


def render(service: Service, rules: list[dict[str, Any]], problem: str = "") -> str:
    """The whole page; `problem` is said on top."""
    with service.store.transaction() as db:
        at = now(db)
        delivery = setting(db, "delivery_seconds", service.delivery_seconds)
        rows = db.execute("SELECT body FROM orders ORDER BY created_at DESC LIMIT ?", (_SHOWN,)).fetchall()
        sold = [json.loads(row["body"]) for row in rows]
        held = {order["id"]: subscriptions.load(db, order["subscription_id"], at) for order in sold}
        total = db.execute("SELECT count(*) AS n FROM orders").fetchone()["n"]
        journal = db.execute("SELECT * FROM journal ORDER BY number DESC LIMIT ?", (_SHOWN,)).fetchall()
    parts = [
        _HEAD,
        "<h1>Vendor sandbox</h1>",
        _summary(at, total),
        f"<p class=problem role=alert>{escape(problem)}</p>" if problem else "",
        _dial(rules),
        _clock(delivery),
        "<h2>Latest orders</h2>",
        _table(
            ("Taken", "Order", "Client reference", "Customer", "Product", "#Seats", "Subscription", "State"),
            [
                (
                    order["created_at"][:19].replace("T", " "),
                    order["id"],
                    order["client_reference"],
                    order["customer"]["name"],
                    f"{order['product_id']}:{order['sku_id']} {order['term']} {order['billing_plan']}",
                    held[order["id"]]["quantity"],
                    order["subscription_id"],
                    held[order["id"]]["status"],
                )
                for order in sold
            ],
            "No order yet.",
        ),
        "<h2>Latest calls that change something</h2>",
        _table(
            ("At", "Operation", "Outcome", "Client reference", "Detail"),
            [
                (
                    line["at"][:19].replace("T", " "),
                    line["operation"],
                    line["outcome"],
                    line["client_reference"],
                    line["detail"],
                )
                for line in journal
            ],
            "No call yet.",
        ),
        "</main></html>",
    ]
    return "\n".join(parts)


def _summary(at: datetime, total: int) -> str:
    orders = "1 order" if total == 1 else f"{total} orders"
    clock = f"<time>{at:%Y-%m-%d %H:%M:%S} UTC</time>"
    return (
        f"<p class=quiet>A vendor that sells nothing real. Its clock says {clock}; it has taken {orders}.</p>"
    )


_HEAD = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Vendor sandbox</title>"
    '<meta name=viewport content="width=device-width, initial-scale=1"><link rel=stylesheet href="/style.css"><main>'
)


def _dial(rules: list[dict[str, Any]]) -> str:
    operations = "".join(f"<option>{escape(name)}</option>" for name in (*OPERATIONS, "*"))
    failures = "".join(
        f"<option value={escape(name)}>{escape(name)}: {escape(what)}</option>"
        for name, what in FAILURES.items()
    )
    return "\n".join(
        [
            "<h2>Failure dial</h2>",
            _table(
                ("Operation", "Failure", "#Times left", "#Percent", "#Seconds", "Says"),
                [
                    (
                        rule["operation"],
                        rule["failure"],
                        "always" if rule["times"] is None else rule["times"],
                        f"{rule['percent']:g}",
                        f"{rule['seconds']:g}",
                        f"{rule['code']} {rule['description']}" if rule["failure"] == "reject" else "",
                    )
                    for rule in rules
                ],
                "Everything works.",
            ),
            '<form method=post action="/dial">',
            f"<label>Operation <select name=operation>{operations}</select></label>",
            f"<label>Failure <select name=failure>{failures}</select></label>",
            '<label>Times (empty: always) <input name=times type=number min=1 value="1"></label>',
            '<label>Percent <input name=percent type=number min=0 max=100 step=any value="100"></label>',
            '<label>Seconds <input name=seconds type=number min=0 step=any value="5"></label>',
            '<label>Code (refusals) <input name=code value="800069"></label>',
            '<label>Description <input name=description value="The customer failed the risk check."></label>',
            "<button>Turn on</button></form>",
            '<form method=post action="/dial/reset"><button>Everything works again</button></form>',
        ]
    )


def _clock(delivery: float) -> str:
    hours = '<input name=hours type=number step=any value="168">'
    seconds = f'<input name=seconds type=number min=0 step=any value="{delivery:g}">'
    return "\n".join(
        [
            "<h2>Clock and delivery</h2>",
            '<form method=post action="/clock">',
            f"<label>Hours forward {hours}</label><button>Move the clock</button></form>",
            '<form method=post action="/delivery">',
            f"<label>Seconds from order to active {seconds}</label><button>Set</button></form>",
        ]
    )


def _table(heads: tuple[str, ...], rows: list[tuple[Any, ...]], empty: str) -> str:
    """A table; a head that starts with # is a column of numbers."""
    if not rows:
        return f"<p class=quiet>{escape(empty)}</p>"
    marks = [" class=number" if head.startswith("#") else "" for head in heads]
    head_cells = "".join(
        f"<th scope=col{m}>{escape(h.lstrip('#'))}</th>" for h, m in zip(heads, marks, strict=True)
    )
    lines = [
        "<tr>" + "".join(f"<td{m}>{escape(str(v))}</td>" for v, m in zip(row, marks, strict=True)) + "</tr>"
        for row in rows
    ]
    head, body = f"<thead><tr>{head_cells}</tr></thead>", f"<tbody>{''.join(lines)}</tbody>"
    return f"<div class=scroll tabindex=0><table>{head}{body}</table></div>"
