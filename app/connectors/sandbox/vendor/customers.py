"""The vendor's customers: accounts that are opened for them, linked to whoever sells to them, and given up.

Nothing here knows HTTP. Without `strict` any account number can be linked, so that every demo's can.
"""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from datetime import datetime
from typing import Any

from app.connectors.sandbox.vendor import subscriptions
from app.connectors.sandbox.vendor.problems import Problem, invalid

_DOMAIN = re.compile(r"(?=.{4,120}\Z)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,20}")


def read(body: dict[str, Any]) -> dict[str, Any]:
    """What is said about a customer, checked field by field."""
    found: dict[str, Any] = {}
    for name, longest in (("reference", 100), ("name", 200), ("country", 2), ("email", 254), ("domain", 120)):
        value = body.get(name)
        if not isinstance(value, str) or len(value) > longest or (not value and name != "email"):
            raise invalid(name, f"must be a text of at most {longest} characters")
        found[name] = value
    if not _DOMAIN.fullmatch(found["domain"]):
        raise invalid("domain", "must be a domain")
    return found


def create(db: sqlite3.Connection, customer: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Open an account. A domain belongs to one account only."""
    taken = db.execute("SELECT body FROM customers WHERE domain = ?", (customer["domain"],)).fetchall()
    if any(json.loads(row["body"])["status"] == "active" for row in taken):
        raise Problem(409, "600002", f"The domain {customer['domain']} is taken.")
    made = {"id": str(uuid.uuid4()), **customer, "status": "active", "since": subscriptions.text_of(at)}
    return _save(db, made)


def link(
    db: sqlite3.Connection, id: str, customer: dict[str, Any], at: datetime, *, is_strict: bool
) -> dict[str, Any]:
    """Become the seller of an account that exists."""
    found = _load(db, id)
    if found is None and is_strict:
        raise Problem(404, "600009", "The customer was not found.")
    if found is not None and found["domain"] != customer["domain"]:
        raise Problem(400, "600039", "The domain is not that of this customer.")
    if found is not None and found["status"] != "active":
        raise Problem(400, "600041", "This customer has been closed.")
    made = {"id": id, **customer, "status": "active", "since": subscriptions.text_of(at)}
    return _save(db, made)


def close(db: sqlite3.Connection, id: str, at: datetime) -> dict[str, Any]:
    """Give an account up; not while something still runs in it."""
    found = _load(db, id)
    if found is None:
        raise Problem(404, "600009", "The customer was not found.")
    rows = db.execute("SELECT id FROM subscriptions WHERE customer = ?", (found["reference"],)).fetchall()
    running = [subscriptions.load(db, row["id"], at) for row in rows]
    if any(one["status"] in ("pending", "active", "suspended") for one in running):
        raise Problem(400, "600061", "The customer still has running subscriptions.")
    return _save(db, {**found, "status": "closed"})


def _load(db: sqlite3.Connection, id: str) -> dict[str, Any] | None:
    row = db.execute("SELECT body FROM customers WHERE id = ?", (id,)).fetchone()
    return None if row is None else json.loads(row["body"])


def _save(db: sqlite3.Connection, customer: dict[str, Any]) -> dict[str, Any]:
    db.execute(
        "INSERT INTO customers (id, reference, domain, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET reference = excluded.reference, domain = excluded.domain, body = excluded.body",
        (customer["id"], customer["reference"], customer["domain"], json.dumps(customer)),
    )
    return customer
