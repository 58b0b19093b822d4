"""The vendor's subscriptions: their seats in batches, their windows, their states and what time does to them.

Rules follow Microsoft's new commerce experience; every deadline is 168 hours from the purchase, the renewal or
the moment a batch was added. Nothing here knows HTTP.
"""

from __future__ import annotations

import json
import sqlite3
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

from app.connectors.sandbox.vendor import offers
from app.connectors.sandbox.vendor.problems import Problem

WINDOW = timedelta(hours=168)
_MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
_PLAN_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36}


def instant(text: str) -> datetime:
    """A stored time."""
    return datetime.fromisoformat(text).astimezone(UTC)


def text_of(at: datetime) -> str:
    """A time as it is stored and sent: UTC, ISO 8601, ending in Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def add_term(start: datetime, term: str) -> datetime:
    """The first instant after a term: the same day of the month, or the month's last day."""
    month = start.month - 1 + _MONTHS[term]
    year, month = start.year + month // 12, month % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


def new(
    order: dict[str, Any], *, id: str, at: datetime, ready_at: datetime, fails: str | None
) -> dict[str, Any]:
    """The subscription that a purchase leads to: `pending` until it is delivered at `ready_at`."""
    return {
        "id": id,
        "order_id": order["id"],
        "client_reference": order["client_reference"],
        "customer": order["customer"]["reference"],
        **{
            name: order[name]
            for name in ("product_id", "sku_id", "term", "billing_plan", "segment", "market")
        },
        "status": "pending",
        "quantity": order["quantity"],
        "starts_at": text_of(at),
        "term_ends_at": text_of(add_term(at, order["term"])),
        "cancel_until": text_of(at + WINDOW),
        "batches": [{"quantity": order["quantity"], "reduce_until": text_of(at + WINDOW)}],
        "is_auto_renewed": True,
        "next_term": None,
        "failure": None,
        "version": 1,
        "ready_at": text_of(ready_at),
        "fails": fails,
    }


def advance(subscription: dict[str, Any], at: datetime) -> bool:
    """Let time do its work up to `at`: delivery, renewal, expiry. True if anything changed."""
    changed = False
    if subscription["status"] == "pending" and instant(subscription["ready_at"]) <= at:
        if subscription["fails"]:
            subscription |= {"status": "failed", "failure": subscription["fails"]}
        else:
            subscription["status"] = "active"
        changed = True
    while subscription["status"] in ("active", "suspended") and instant(subscription["term_ends_at"]) <= at:
        end = instant(subscription["term_ends_at"])
        if subscription["status"] == "active" and subscription["is_auto_renewed"]:
            subscription |= subscription.get("next_term") or {}
            subscription["next_term"] = None
            subscription["term_ends_at"] = text_of(add_term(end, subscription["term"]))
            subscription["cancel_until"] = text_of(end + WINDOW)
            batch = {"quantity": subscription["quantity"], "reduce_until": text_of(end + WINDOW)}
            subscription["batches"] = [batch]
        else:
            subscription["status"] = "expired"
        changed = True
    if changed:
        subscription["version"] += 1
    return changed


def shown(subscription: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The subscription as it goes over the wire. Batches that may no longer be reduced are left out."""
    is_open = subscription["status"] in ("active", "pending")
    hidden = ("version", "ready_at", "fails", "batches")
    return {
        "next_term": None,  # those who were sold before it could be booked
        **{name: value for name, value in subscription.items() if name not in hidden},
        "batches": [b for b in subscription["batches"] if at < instant(b["reduce_until"])] if is_open else [],
        "etag": etag(subscription),
    }


def etag(subscription: dict[str, Any]) -> str:
    """What must come back in If-Match."""
    return f'"{subscription["id"]}-{subscription["version"]}"'


def load(db: sqlite3.Connection, id: str, at: datetime) -> dict[str, Any]:
    """The subscription as it is now; 404 if there is none."""
    row = db.execute("SELECT body FROM subscriptions WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise Problem(404, "20003", "The subscription was not found.")
    subscription = json.loads(row["body"])
    if advance(subscription, at):
        save(db, subscription, at)
    return subscription


def as_it_was(db: sqlite3.Connection, id: str, at: datetime) -> dict[str, Any]:
    """The subscription as it was at an earlier instant: what a replica that lags behind would answer."""
    row = db.execute(
        "SELECT body FROM subscription_versions WHERE id = ? AND at <= ? ORDER BY version DESC LIMIT 1",
        (id, at.isoformat()),
    ).fetchone()
    if row is None:
        raise Problem(404, "20003", "The subscription was not found.")
    return json.loads(row["body"])


def save(db: sqlite3.Connection, subscription: dict[str, Any], at: datetime) -> None:
    """Store the subscription and remember this version of it."""
    body = json.dumps(subscription)
    db.execute(
        "INSERT INTO subscriptions (id, customer, product_id, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        (subscription["id"], subscription["customer"], subscription["product_id"], body),
    )
    db.execute(
        "INSERT OR REPLACE INTO subscription_versions (id, version, at, body) VALUES (?, ?, ?, ?)",
        (subscription["id"], subscription["version"], at.isoformat(), body),
    )


def seats_held(db: sqlite3.Connection, customer: str, product_id: str, *, besides: str = "") -> int:
    """How many seats of a product the customer holds in its other subscriptions."""
    rows = db.execute(
        "SELECT body FROM subscriptions WHERE customer = ? AND product_id = ? AND id <> ?",
        (customer, product_id, besides),
    )
    held = [json.loads(row["body"]) for row in rows]
    return sum(one["quantity"] for one in held if one["status"] in ("pending", "active", "suspended"))


def check_match(subscription: dict[str, Any], if_match: str | None) -> None:
    """Refuse a change to a version that is no longer the current one."""
    if if_match is not None and if_match != "*" and if_match != etag(subscription):
        raise Problem(412, "2055", "The etag is no longer valid.", etag=etag(subscription))


def change_quantity(
    db: sqlite3.Connection,
    subscription: dict[str, Any],
    quantity: int,
    expected: int | None,
    at: datetime,
    *,
    is_strict: bool,
) -> None:
    """Set the quantity. More seats become a batch of their own; fewer are taken from the open batches."""
    _refuse_unless_usable(subscription)
    if subscription["status"] == "suspended":
        raise Problem(400, "2001", "The quantity can't be changed while the subscription is suspended.")
    have = subscription["quantity"]
    if expected is not None and expected != have:
        raise Problem(409, "quantity_changed", f"The quantity is {have}, not {expected}.", quantity=have)
    product = offers.find(subscription["product_id"], subscription["sku_id"], is_strict=is_strict)
    elsewhere = seats_held(
        db, subscription["customer"], subscription["product_id"], besides=subscription["id"]
    )
    offers.check_quantity(product, quantity, elsewhere if quantity > have else 0)
    if quantity > have:
        added = {"quantity": quantity - have, "reduce_until": text_of(at + WINDOW)}
        subscription["batches"].append(added)
    elif quantity < have:
        _give_back(subscription, have - quantity, at)
    if quantity != have:
        subscription |= {"quantity": quantity, "next_term": None}
        subscription["version"] += 1


def _give_back(subscription: dict[str, Any], seats: int, at: datetime) -> None:
    """Take seats from the open batches, the one that closes first before the others."""
    reducible = [b for b in subscription["batches"] if at < instant(b["reduce_until"])]
    if sum(batch["quantity"] for batch in reducible) < seats:
        raise Problem(
            400,
            "900214",
            "You have passed your 168-hour window for reducing seats for this subscription.",
            reducible_quantity=sum(batch["quantity"] for batch in reducible),
        )
    for batch in sorted(reducible, key=lambda b: b["reduce_until"]):
        taken = min(batch["quantity"], seats)
        batch["quantity"] -= taken
        seats -= taken
    subscription["batches"] = [b for b in subscription["batches"] if b["quantity"]]


def cancel(subscription: dict[str, Any], at: datetime) -> None:
    """End it now, inside the window only."""
    _refuse_unless_usable(subscription)
    if instant(subscription["cancel_until"]) <= at:
        raise Problem(
            400,
            "900213",
            "You have passed your 168-hour cancellation window. We are unable to cancel your purchase.",
        )
    subscription |= {
        "status": "cancelled",
        "term_ends_at": text_of(at),
        "is_auto_renewed": False,
        "next_term": None,
    }
    subscription["version"] += 1


def book_renewal(
    subscription: dict[str, Any], is_auto_renewed: bool, next_term: dict[str, Any] | None
) -> None:
    """What happens when the term ends. Booked changes need a renewal to happen in, and an active subscription."""
    _refuse_unless_usable(subscription)
    if subscription["status"] == "suspended":
        raise Problem(400, "2001", "Renewal can't be changed while the subscription is suspended.")
    if next_term is not None:
        if not is_auto_renewed:
            raise Problem(400, "2007", "Scheduled changes require auto-renew to be enabled.")
        _check_plan(next_term["term"], next_term["billing_plan"])
    subscription |= {"is_auto_renewed": is_auto_renewed, "next_term": next_term}
    subscription["version"] += 1


def change_term(
    subscription: dict[str, Any], *, quantity: int, from_term: str, term: str, billing_plan: str, at: datetime
) -> None:
    """Begin a longer term now, for all seats, with a new window for them. Never to a shorter one."""
    _refuse_unless_usable(subscription)
    if subscription["status"] == "suspended":
        raise Problem(400, "2001", "The term can't be changed while the subscription is suspended.")
    have, now = subscription["quantity"], subscription["term"]
    if quantity != have or from_term != now:
        raise Problem(
            409, "quantity_changed", f"There are {have} seats for {now}, not {quantity} for {from_term}."
        )
    if _MONTHS[term] <= _MONTHS[now]:
        raise Problem(400, "800122", "The term duration can't be changed to a shorter or equal one.")
    _check_plan(term, billing_plan)
    subscription |= {
        "term": term,
        "billing_plan": billing_plan,
        "term_ends_at": text_of(add_term(at, term)),
        "cancel_until": text_of(at + WINDOW),
        "batches": [{"quantity": have, "reduce_until": text_of(at + WINDOW)}],
        "next_term": None,
    }
    subscription["version"] += 1


def _check_plan(term: str, billing_plan: str) -> None:
    if _PLAN_MONTHS.get(billing_plan, 99) > _MONTHS[term]:
        raise Problem(400, "900270", "The billing plan can't be longer than the term.")


def suspend(subscription: dict[str, Any]) -> None:
    """Switch it off; it goes on costing, and will not renew by itself."""
    _move(subscription, "active", "suspended")
    subscription |= {"is_auto_renewed": False, "next_term": None}


def resume(subscription: dict[str, Any]) -> None:
    """Switch it on again. Renewal stays off, as at the real vendor."""
    _move(subscription, "suspended", "active")


def _move(subscription: dict[str, Any], before: str, after: str) -> None:
    _refuse_unless_usable(subscription)
    if subscription["status"] != before:
        status = subscription["status"]
        raise Problem(400, "800040", f"The asset's status can't be changed to {after} from {status}.")
    subscription["status"] = after
    subscription["version"] += 1


def _refuse_unless_usable(subscription: dict[str, Any]) -> None:
    status = subscription["status"]
    if status in ("cancelled", "expired", "failed"):
        raise Problem(400, "2011", f"A subscription that is {status} can't be updated.")
    if status == "pending":
        raise Problem(409, "900278", "There is a pending operation. Try again later.")
