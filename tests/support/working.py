"""A worker inside the test: runs what was deferred, one job after the other, until nothing is left."""

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.db import db
from app.core.jobs import registry

_TAKE = text("""
    UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (
        SELECT id FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= :now)
          AND (CAST(:only AS text) IS NULL OR task_name LIKE :only)
        ORDER BY priority DESC, id LIMIT 1)
    RETURNING id, task_name, args""")
_END = text("UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status) WHERE id = :id")


@dataclass
class Worker:
    """`worker()` runs every job that is due and answers their names; a job that raises is noted in `failures`."""

    app: Flask
    failures: list[tuple[str, BaseException]] = field(default_factory=list)

    def __call__(self, only: str | None = None, *, limit: int = 500, tolerate: bool = False) -> list[str]:
        """Runs due jobs (those named like `only`, an SQL pattern). An exception goes on to the test unless tolerated;
        the job then counts as failed and is not tried again.
        """
        ran: list[str] = []
        while len(ran) < limit:
            with self.app.app_context(), db.engine.begin() as connection:
                job = connection.execute(_TAKE, {"now": clock.now(), "only": only}).first()
            if job is None:
                return ran
            ran.append(job.task_name)
            arguments = job.args if isinstance(job.args, dict) else json.loads(job.args)
            status = "succeeded"
            try:
                with self.app.app_context():
                    registry[job.task_name].handler(**arguments)
            except Exception as error:
                status = "failed"
                self.failures.append((job.task_name, error))
                if not tolerate:
                    raise
            finally:
                with self.app.app_context(), db.engine.begin() as connection:
                    connection.execute(_END, {"status": status, "id": job.id})
        raise AssertionError(f"jobs beget jobs without end: {ran[-6:]}")

    def waiting(self) -> list[tuple[str, dict[str, Any]]]:
        """Names and arguments of the jobs that wait, due or not."""
        with self.app.app_context(), db.engine.begin() as connection:
            rows = connection.execute(
                text("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
            )
            return [(row.task_name, row.args) for row in rows]
