"""The vendor's memory: one SQLite file, written with full synchronisation, so that what was answered is on disk.

Tables and transactions only; what the rows mean is said in `orders` and `subscriptions`.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, client_reference TEXT NOT NULL, customer TEXT NOT NULL,
    subscription_id TEXT NOT NULL, created_at TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS orders_key ON orders (key);
CREATE INDEX IF NOT EXISTS orders_client_reference ON orders (client_reference);
CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT PRIMARY KEY, customer TEXT NOT NULL, product_id TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS subscriptions_customer ON subscriptions (customer, product_id);
CREATE TABLE IF NOT EXISTS subscription_versions (
    id TEXT NOT NULL, version INTEGER NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (id, version)
) STRICT;
CREATE TABLE IF NOT EXISTS customers (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, domain TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS customers_domain ON customers (domain);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, operation TEXT NOT NULL, outcome TEXT NOT NULL,
    key TEXT NOT NULL, client_reference TEXT NOT NULL, order_id TEXT NOT NULL, subscription_id TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
"""


class Store:
    """One file, one connection, one writer at a time; threads take turns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._turn = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; it is on disk when the block has been left without an exception."""
        with self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def read(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """The rows of one query."""
        with self._turn:
            return self._db.execute(sql, values).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._db.close()


def setting(db: sqlite3.Connection, name: str, default: Any) -> Any:
    """A value kept under a name, or the default."""
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return default if row is None else json.loads(row["value"])


def keep_setting(db: sqlite3.Connection, name: str, value: Any) -> None:
    """Keep a value under a name."""
    db.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, json.dumps(value)),
    )


def now(db: sqlite3.Connection) -> datetime:
    """The vendor's clock: the real one plus whatever it was put forward by."""
    return datetime.now(UTC) + timedelta(seconds=setting(db, "clock_offset_seconds", 0.0))


def put_forward(db: sqlite3.Connection, by: timedelta) -> datetime:
    """Move the vendor's clock (backwards too) and return its new time."""
    offset = setting(db, "clock_offset_seconds", 0.0) + by.total_seconds()
    keep_setting(db, "clock_offset_seconds", offset)
    return now(db)


def note(db: sqlite3.Connection, operation: str, outcome: str, **about: str) -> None:
    """Write one line into the journal: what was asked, and whether it was `done`, `replayed` or `refused`."""
    db.execute(
        "INSERT INTO journal (at, operation, outcome, key, client_reference, order_id, subscription_id, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            now(db).isoformat(),
            operation,
            outcome,
            about.get("key", ""),
            about.get("client_reference", ""),
            about.get("order_id", ""),
            about.get("subscription_id", ""),
            about.get("detail", ""),
        ),
    )
