"""The worker of the world's past: runs what is due at the instant that the clock says, and lets no mail out."""

import json

from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.db import db
from app.core.jobs import registry

_TAKE = text("""
    UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (
        SELECT id FROM procrastinate_jobs
        WHERE status = 'todo' AND task_name NOT LIKE 'notices.%' AND (scheduled_at IS NULL OR scheduled_at <= :now)
        ORDER BY id LIMIT 1)
    RETURNING id, task_name, args""")
_DONE = text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id")
_FORGET = text("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE 'notices.%'")


def catch_up(app: Flask) -> None:
    """Runs every job that is due."""
    while True:
        with app.app_context(), db.engine.begin() as connection:
            job = connection.execute(_TAKE, {"now": clock.now()}).first()
        if job is None:
            return
        arguments = job.args if isinstance(job.args, dict) else json.loads(job.args)
        with app.app_context():
            registry[job.task_name].handler(**arguments)
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(_DONE, {"id": job.id})


def forget_mails(app: Flask) -> None:
    """Nobody needs the mails of five invented months."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(_FORGET)
