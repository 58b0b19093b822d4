"""The vendor's orders: reading a purchase, checking it and turning it into a subscription.

One order buys one offer for one customer. Orders are never changed after they were taken.
"""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from datetime import datetime, timedelta
from typing import Any

from app.connectors.sandbox.vendor import offers, subscriptions
from app.connectors.sandbox.vendor.problems import Problem, invalid

_COUNTRY = re.compile(r"[A-Z]{2}")
_PRODUCT = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SKU = re.compile(r"[A-Za-z0-9._-]{1,64}")


def read(body: dict[str, Any]) -> dict[str, Any]:
    """A purchase as it came over the wire, checked field by field; anything unknown is dropped."""
    customer = body.get("customer")
    if not isinstance(customer, dict):
        raise invalid("customer", "must be an object")
    country = _text(customer, "country", "customer.country")
    if not _COUNTRY.fullmatch(country):
        raise invalid("customer.country", "must be two capital letters")
    purchase = {
        "client_reference": _text(body, "client_reference"),
        "customer": {
            "reference": _text(customer, "reference", "customer.reference"),
            "name": _text(customer, "name", "customer.name", 200),
            "country": country,
            "email": _text(customer, "email", "customer.email", 254),
        },
        "product_id": _text(body, "product_id"),
        "sku_id": _text(body, "sku_id"),
        "term": _one_of(body, "term", offers.TERMS),
        "billing_plan": _one_of(body, "billing_plan", offers.BILLING_PLANS),
        "segment": _one_of(body, "segment", offers.SEGMENTS),
        "market": _text(body, "market"),
        "quantity": whole_number(body, "quantity"),
        "purchase_order_number": body.get("purchase_order_number"),
    }
    if not _PRODUCT.fullmatch(purchase["product_id"]):
        raise Problem(404, "400013", "The product was not found.")
    if not _SKU.fullmatch(purchase["sku_id"]):
        raise Problem(404, "400018", "The SKU was not found.")
    if not _COUNTRY.fullmatch(purchase["market"]):
        raise Problem(400, "800070", "The offer isn't available in the country.")
    number = purchase["purchase_order_number"]
    if number is not None and not (isinstance(number, str) and len(number) <= 100):
        raise invalid("purchase_order_number", "must be a text of at most 100 characters")
    return purchase


def read_renewal(body: dict[str, Any]) -> tuple[bool, dict[str, Any] | None]:
    """What is to happen when a term ends: whether it renews, and what is other then."""
    if not isinstance(body.get("is_auto_renewed"), bool):
        raise invalid("is_auto_renewed", "must be true or false")
    then = body.get("next_term")
    if then is None:
        return body["is_auto_renewed"], None
    if not isinstance(then, dict) or whole_number(then, "quantity") < 1:
        raise invalid("next_term", "must be an object with a quantity of at least 1")
    return body["is_auto_renewed"], {
        "quantity": whole_number(then, "quantity"),
        "term": _one_of(then, "term", offers.TERMS),
        "billing_plan": _one_of(then, "billing_plan", offers.BILLING_PLANS),
    }


def read_term(body: dict[str, Any]) -> dict[str, Any]:
    """A change of term, field by field."""
    return {
        "quantity": whole_number(body, "expected_quantity"),
        "from_term": _one_of(body, "expected_term", offers.TERMS),
        "term": _one_of(body, "term", offers.TERMS),
        "billing_plan": _one_of(body, "billing_plan", offers.BILLING_PLANS),
    }


def create(
    db: sqlite3.Connection,
    purchase: dict[str, Any],
    *,
    key: str,
    at: datetime,
    delivered_after: timedelta,
    fails: str | None,
    is_strict: bool,
) -> dict[str, Any]:
    """Take the order: check it against the limits, and open its subscription, pending."""
    product = offers.find(purchase["product_id"], purchase["sku_id"], is_strict=is_strict)
    reference = purchase["customer"]["reference"]
    held = subscriptions.seats_held(db, reference, purchase["product_id"])
    offers.check_quantity(product, purchase["quantity"], held)
    subscription_id = str(uuid.uuid4())
    order = {
        "id": f"SO-{uuid.uuid4().hex[:12].upper()}",
        "key": key,
        **purchase,
        "subscription_id": subscription_id,
        "created_at": subscriptions.text_of(at),
    }
    subscription = subscriptions.new(
        order, id=subscription_id, at=at, ready_at=at + delivered_after, fails=fails
    )
    subscriptions.advance(subscription, at)
    subscriptions.save(db, subscription, at)
    db.execute(
        "INSERT INTO orders (id, key, client_reference, customer, subscription_id, created_at, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            order["id"],
            key,
            order["client_reference"],
            reference,
            subscription_id,
            at.isoformat(),
            json.dumps(order),
        ),
    )
    return order


def shown(db: sqlite3.Connection, order: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The order as it goes over the wire, with its subscription as it is at `at`."""
    subscription = subscriptions.load(db, order["subscription_id"], at)
    status = {"pending": "pending", "failed": "error"}.get(subscription["status"], "completed")
    return {**order, "status": status, "subscription": subscriptions.shown(subscription, at)}


def find(db: sqlite3.Connection, *, before: datetime, at: datetime, **wanted: str) -> list[dict[str, Any]]:
    """The orders made before an instant whose key or client reference is the one wanted, oldest first."""
    columns = [name for name in ("key", "client_reference") if name in wanted]
    where = " AND ".join([*(f"{name} = ?" for name in columns), "created_at <= ?"])
    rows = db.execute(
        f"SELECT body FROM orders WHERE {where} ORDER BY created_at, id LIMIT 100",  # noqa: S608 - names are ours
        (*(wanted[name] for name in columns), before.isoformat()),
    ).fetchall()
    return [shown(db, json.loads(row["body"]), at) for row in rows]


def whole_number(body: dict[str, Any], name: str) -> int:
    """A field that must hold an integer of sane size (a bool is none)."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        raise invalid(name, "must be a whole number")
    return value


def _text(body: dict[str, Any], name: str, shown_as: str = "", longest: int = 100) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise invalid(shown_as or name, f"must be a text of 1 to {longest} characters")
    return value


def _one_of(body: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = body.get(name)
    if value not in choices:
        raise invalid(name, f"must be one of {', '.join(choices)}")
    return value
