"""Work for later, deferred in the transaction of the change that asks for it (Procrastinate, in the same PostgreSQL).

A job that is rolled back never existed; one that was committed runs at least once, also after `kill -9` of its worker.
So every handler first looks whether its work is already done. Handlers open their own units of work.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.core.db import session

DEFAULT_QUEUE = "work"


@dataclass(frozen=True, slots=True)
class Job:
    """A registered handler. `retry_waits` are the pauses in seconds before each further attempt when it raises."""

    name: str
    handler: Callable[..., None]
    queue: str
    retry_waits: tuple[int, ...]
    cron: str | None


registry: dict[str, Job] = {}


def job(
    name: str,
    *,
    queue: str = DEFAULT_QUEUE,
    retry_waits: tuple[int, ...] = (1, 5, 30, 120, 600, 3600),
    cron: str | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a function as the handler of jobs called `name` (`noun.verb`); with `cron`, also run by the clock (UTC).

    Arguments arrive as JSON has them: ids are strings. A clock job is called without arguments.
    """

    def register(handler: Callable[..., None]) -> Callable[..., None]:
        if name in registry and registry[name].handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"two jobs are called {name}")
        registry[name] = Job(name, handler, queue, retry_waits, cron)
        return handler

    return register


_DEFER = text("""
    SELECT procrastinate_defer_jobs_v1(array_agg(
        ROW(j.queue, j.task, j.priority, j.lock, NULL, j.args, j.at)::procrastinate_job_to_defer_v1 ORDER BY j.n))
    FROM ROWS FROM (jsonb_to_recordset(CAST(:jobs AS jsonb))
        AS (queue text, task text, priority integer, lock text, args jsonb, at timestamptz))
        WITH ORDINALITY AS j(queue, task, priority, lock, args, at, n)
""")


def defer(
    name: str, *, lock: str | None = None, at: datetime | None = None, priority: int = 0, **args: Any
) -> None:
    """Defers job `name` with `args` (JSON values and UUIDs) in the current transaction.

    Jobs with the same `lock` never run at the same time. `at` (aware) keeps it until then. All jobs of a unit of work are
    written together, at its end.
    """
    job = {
        "queue": registry[name].queue,
        "task": name,
        "priority": priority,
        "lock": lock,
        "args": {k: str(v) if isinstance(v, UUID) else v for k, v in args.items()},
        "at": at and at.isoformat(),
    }
    current = session()
    if current.in_nested_transaction():
        _write([job])  # it goes with the savepoint it belongs to
    else:
        current.info.setdefault("jobs", []).append(job)


def write_deferred() -> None:
    """Writes the jobs that this unit of work deferred so far, in one statement. `core/unit.py` calls it before it commits."""
    waiting = session().info.pop("jobs", None)
    if waiting:
        _write(waiting)


def forget_deferred() -> None:
    """Drops what was deferred and not written: the unit of work was rolled back."""
    session().info.pop("jobs", None)


def _write(waiting: list[dict[str, Any]]) -> None:
    session().connection().execute(_DEFER, {"jobs": json.dumps(waiting)})
