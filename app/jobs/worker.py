"""The worker: `python -m app.jobs.worker`. Runs deferred jobs and the clock until it is told to stop.

A job whose worker died is found by its missing heartbeat and given back to the queue; handlers look first whether their
work is already done, so running one twice is safe.
"""

import asyncio
import logging
import signal
from contextlib import suppress
from typing import Any

import procrastinate
from flask import Flask

from app import create_app
from app.core.database import stand_guard
from app.core.database_setup import conninfo
from app.core.db import db
from app.core.jobs import Job, registry
from config.settings import Settings

log = logging.getLogger("awning.worker")

HEARTBEAT_SECONDS = 5.0
DEAD_AFTER_SECONDS = 20.0
POLL_SECONDS = 2.0


class Waits(procrastinate.BaseRetryStrategy):
    """Tries again after each of the given pauses (seconds), then leaves the job failed for people to see."""

    def __init__(self, waits: tuple[int, ...]):
        self.waits = waits

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> procrastinate.RetryDecision | None:
        if job.attempts >= len(self.waits):
            return None
        return procrastinate.RetryDecision(retry_in={"seconds": self.waits[job.attempts]})


def job_app(
    app: Flask, *, heartbeat: float = HEARTBEAT_SECONDS, dead_after: float = DEAD_AFTER_SECONDS
) -> procrastinate.App:
    """The Procrastinate app with every registered job; `dead_after` seconds without a heartbeat a worker counts as dead."""
    login = conninfo(app.config["APP_DATABASE_URL"])
    connector = procrastinate.PsycopgConnector(conninfo=login, min_size=1, max_size=6)
    runner = procrastinate.App(
        connector=connector,
        worker_defaults={"update_heartbeat_interval": heartbeat, "stalled_worker_timeout": dead_after},
    )
    for job in registry.values():
        _register(runner, app, job)

    async def give_back(**_: Any) -> None:
        for stalled in await runner.job_manager.get_stalled_jobs(seconds_since_heartbeat=dead_after):
            log.warning("job %s (%s) lost its worker and is run again", stalled.id, stalled.task_name)
            await runner.job_manager.retry_job(stalled)

    runner.task(name="jobs.give_back", queue="clock", pass_context=False)(give_back)
    return runner


def _register(runner: procrastinate.App, app: Flask, job: Job) -> None:
    def run(**arguments: Any) -> None:
        arguments.pop("timestamp", None)
        with app.app_context():
            job.handler(**arguments)

    run.__name__ = job.name
    task = runner.task(name=job.name, queue=job.queue, retry=Waits(job.retry_waits))(run)
    if job.cron:
        runner.periodic(cron=job.cron, periodic_id=job.name)(task)


async def serve(
    runner: procrastinate.App,
    *,
    concurrency: int = 2,
    dead_after: float = DEAD_AFTER_SECONDS,
    poll: float = POLL_SECONDS,
) -> None:
    """Works until cancelled; looks for jobs of dead workers at the start and every half of `dead_after` seconds.

    New jobs are heard of at once; every `poll` seconds it looks for those whose time has come.
    """

    async def watch() -> None:
        give_back = runner.tasks["jobs.give_back"].func
        while True:
            try:
                await give_back()
            except Exception:
                log.exception("looking for lost jobs failed; trying again")
            await asyncio.sleep(dead_after / 2)

    async with runner.open_async():
        watcher = asyncio.create_task(watch())
        try:
            await runner.run_worker_async(
                concurrency=concurrency, fetch_job_polling_interval=poll, shutdown_graceful_timeout=10
            )
        finally:
            watcher.cancel()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    settings = Settings.from_env()
    app = create_app(settings)
    stand_guard(app, db, settings)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(job_app(app)))


if __name__ == "__main__":
    # By its real name: a job's function is found again by the module it lives in.
    from app.jobs import worker

    worker.main()
