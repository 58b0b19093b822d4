"""The vendor's operations: routes, idempotency keys and the journal around `orders` and `subscriptions`.

Takes and returns plain values; sockets, headers on the wire and spoilt answers belong to `wire`.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.connectors.sandbox.vendor import customers, offers, orders, subscriptions
from app.connectors.sandbox.vendor.dial import Verdict
from app.connectors.sandbox.vendor.problems import Problem, invalid, not_found
from app.connectors.sandbox.vendor.store import Store, note, now, setting

KEY_RETENTION = timedelta(days=7)
_ID = r"(?P<id>[A-Za-z0-9-]{1,64})"
_ROUTES = tuple(
    (method, re.compile(path), operation)
    for method, path, operation in (
        ("GET", r"/v1/me", "me.read"),
        ("GET", r"/v1/offers", "offers.list"),
        ("GET", r"/v1/prices", "prices.list"),
        ("POST", r"/v1/orders", "orders.create"),
        ("GET", r"/v1/orders", "orders.find"),
        ("GET", rf"/v1/orders/{_ID}", "orders.read"),
        ("POST", r"/v1/customers", "customers.create"),
        ("POST", rf"/v1/customers/{_ID}/relationship", "customers.link"),
        ("DELETE", rf"/v1/customers/{_ID}", "customers.close"),
        ("GET", r"/v1/subscriptions", "subscriptions.list"),
        ("GET", rf"/v1/subscriptions/{_ID}", "subscriptions.read"),
        ("PATCH", rf"/v1/subscriptions/{_ID}", "subscriptions.change"),
        ("POST", rf"/v1/subscriptions/{_ID}/cancellation", "subscriptions.cancel"),
        ("PUT", rf"/v1/subscriptions/{_ID}/renewal", "subscriptions.renew"),
        ("POST", rf"/v1/subscriptions/{_ID}/term", "subscriptions.change_term"),
        ("POST", rf"/v1/subscriptions/{_ID}/suspension", "subscriptions.suspend"),
        ("DELETE", rf"/v1/subscriptions/{_ID}/suspension", "subscriptions.resume"),
    )
)


@dataclass(frozen=True, slots=True)
class Request:
    """A call that has been read and authorised."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    key: str = ""
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be sent. `is_replayed` marks the stored answer of an earlier call with the same key."""

    status: int
    body: dict[str, Any]
    is_replayed: bool = False


class Service:
    """The vendor, without its wire."""

    def __init__(self, store: Store, *, is_strict: bool = False, delivery_seconds: float = 2.0) -> None:
        self.store = store
        self.is_strict = is_strict
        self.delivery_seconds = delivery_seconds

    def route(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The operation that an address means, and the id in it."""
        for known_method, pattern, operation in _ROUTES:
            match = pattern.fullmatch(path)
            if match and known_method == method:
                return operation, match.groupdict()
        raise not_found("such address")

    def serve(self, operation: str, id: str, request: Request, verdict: Verdict) -> Answer:
        """Do the work of one call; the verdict may make its reads old or its delivery fail. Raises `Problem`."""
        if request.method == "GET":
            with self.store.transaction() as db:
                return Answer(200, self._read(db, operation, id, request, verdict))
        if not 0 < len(request.key) <= 200:
            raise invalid("Idempotency-Key", "must be given, in at most 200 characters")
        body = _json(request.body)
        print_of_call = hashlib.sha256(
            f"{request.method} {request.path} ".encode() + request.body
        ).hexdigest()
        try:
            with self.store.transaction() as db:
                at = now(db)
                earlier = _earlier(db, request.key, print_of_call, at)
                if earlier is not None:
                    note(db, operation, "replayed", key=request.key, **_names(earlier.body))
                    return earlier
                status, answer = self._work(db, operation, id, body, request, verdict, at)
                db.execute(
                    "INSERT OR REPLACE INTO answers (key, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?)",
                    (request.key, print_of_call, status, json.dumps(answer), at.isoformat()),
                )
                note(db, operation, "done", key=request.key, **_names(answer))
                return Answer(status, answer)
        except Problem as problem:
            self.note_refusal(operation, request, problem)
            raise

    def note_refusal(self, operation: str, request: Request, problem: Problem) -> None:
        """Write into the journal that the vendor said no."""
        try:
            reference = str(_json(request.body).get("client_reference", ""))[:100]
        except Problem:
            reference = ""
        with self.store.transaction() as db:
            detail = f"{problem.code} {problem.description}"
            note(db, operation, "refused", key=request.key, client_reference=reference, detail=detail)

    def _read(
        self, db: sqlite3.Connection, operation: str, id: str, request: Request, verdict: Verdict
    ) -> dict[str, Any]:
        at = now(db)
        lag = timedelta(seconds=verdict.rule.seconds if verdict.rule and verdict.fails("stale") else 0)
        query = request.query
        if operation == "me.read":
            return {"name": "Awning vendor sandbox", "now": subscriptions.text_of(at)}
        if operation in ("offers.list", "prices.list"):
            everything = offers.offers if operation == "offers.list" else offers.prices
            return _page(everything(query.get("market", ""), query.get("segment", "")), query)
        if operation == "orders.find":
            wanted = {name: query[name] for name in ("key", "client_reference") if name in query}
            if not wanted:
                raise invalid("query", "must name a key or a client_reference")
            return _page(orders.find(db, before=at - lag, at=at, **wanted), query)
        if operation == "orders.read":
            row = db.execute("SELECT body FROM orders WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise Problem(404, "20000", "The order was not found.")
            return orders.shown(db, json.loads(row["body"]), at)
        if operation == "subscriptions.list":
            rows = db.execute(
                "SELECT id FROM subscriptions WHERE customer = ? ORDER BY id", (query.get("customer", ""),)
            ).fetchall()
            everything = [subscriptions.load(db, row["id"], at) for row in rows]
            return _page([subscriptions.shown(one, at) for one in everything], query)
        subscriptions.load(db, id, at)
        if lag:
            return subscriptions.shown(subscriptions.as_it_was(db, id, at - lag), at)
        return subscriptions.shown(subscriptions.load(db, id, at), at)

    def _work(
        self,
        db: sqlite3.Connection,
        operation: str,
        id: str,
        body: dict[str, Any],
        request: Request,
        verdict: Verdict,
        at: datetime,
    ) -> tuple[int, dict[str, Any]]:
        if operation == "orders.create":
            fails = verdict.rule.description if verdict.rule and verdict.fails("fail_delivery") else None
            order = orders.create(
                db,
                orders.read(body),
                key=request.key,
                at=at,
                delivered_after=timedelta(
                    seconds=float(setting(db, "delivery_seconds", self.delivery_seconds))
                ),
                fails=fails,
                is_strict=self.is_strict,
            )
            return 201, orders.shown(db, order, at)
        if operation.startswith("customers."):
            return self._account(db, operation, id, customers.read(body), at)
        subscription = subscriptions.load(db, id, at)
        subscriptions.check_match(subscription, request.if_match)
        if operation == "subscriptions.change":
            expected = orders.whole_number(body, "expected_quantity") if "expected_quantity" in body else None
            quantity = orders.whole_number(body, "quantity")
            subscriptions.change_quantity(db, subscription, quantity, expected, at, is_strict=self.is_strict)
        elif operation == "subscriptions.cancel":
            subscriptions.cancel(subscription, at)
        elif operation == "subscriptions.renew":
            subscriptions.book_renewal(subscription, *orders.read_renewal(body))
        elif operation == "subscriptions.change_term":
            subscriptions.change_term(subscription, **orders.read_term(body), at=at)
        elif operation == "subscriptions.suspend":
            subscriptions.suspend(subscription)
        else:
            subscriptions.resume(subscription)
        subscriptions.save(db, subscription, at)
        return 200, subscriptions.shown(subscription, at)

    def _account(
        self, db: sqlite3.Connection, operation: str, id: str, customer: dict[str, Any], at: datetime
    ) -> tuple[int, dict[str, Any]]:
        if operation == "customers.create":
            return 201, customers.create(db, customer, at)
        if operation == "customers.link":
            return 200, customers.link(db, id, customer, at, is_strict=self.is_strict)
        return 200, customers.close(db, id, at)


def _earlier(db: sqlite3.Connection, key: str, print_of_call: str, at: datetime) -> Answer | None:
    """What was answered to this key before. The same key for something else is refused."""
    row = db.execute("SELECT * FROM answers WHERE key = ?", (key,)).fetchone()
    if row is None or datetime.fromisoformat(row["at"]) + KEY_RETENTION <= at:
        return None
    if row["fingerprint"] != print_of_call:
        raise Problem(409, "800065", "This idempotency key was already used for another request.")
    return Answer(row["status"], json.loads(row["body"]), is_replayed=True)


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise invalid("body", "must be JSON") from None
    if not isinstance(document, dict):
        raise invalid("body", "must be an object")
    return document


def _names(answer: dict[str, Any]) -> dict[str, str]:
    """What the journal says an answer was about."""
    if "domain" in answer:
        detail = f"{answer['domain']} {answer['status']}"
        return {"client_reference": answer["reference"], "detail": detail}
    is_order = "subscription" in answer
    return {
        "client_reference": answer["client_reference"],
        "order_id": answer["id"] if is_order else answer["order_id"],
        "subscription_id": answer["subscription_id"] if is_order else answer["id"],
        "detail": f"{answer['quantity']} × {answer['product_id']}:{answer['sku_id']}",
    }


def _page(items: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    """One page of a list: `limit` (1 to 200, 50 unless said) from `cursor`."""
    try:
        start, limit = int(query.get("cursor", "0")), int(query.get("limit", "50"))
    except ValueError:
        raise invalid("cursor and limit", "must be whole numbers") from None
    if start < 0 or not 1 <= limit <= 200:
        raise invalid("limit", "must be from 1 to 200")
    after = start + limit
    return {
        "items": items[start:after],
        "total": len(items),
        "next_cursor": str(after) if after < len(items) else None,
    }
