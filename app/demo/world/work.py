"""The worker of the world's past: runs what is due at the instant that the clock says, and lets no mail out. Who was told
something is told it; the mails are taken to have arrived.
"""

import json

from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.db import db
from app.core.jobs import registry

_TAKE = text("""
    UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (
        SELECT id FROM procrastinate_jobs
        WHERE status = 'todo' AND (task_name NOT LIKE 'notices.%' OR CAST(:tells AS boolean) AND task_name = 'notices.tell')
          AND (scheduled_at IS NULL OR scheduled_at <= :now)
        ORDER BY id LIMIT 1)
    RETURNING id, task_name, args""")
_DONE = text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id")
_FORGET = text("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE 'notices.%'")


def catch_up(app: Flask, *, tells: bool) -> None:
    """Runs every job that is due; with `tells`, people are told what happened too."""
    while True:
        with app.app_context(), db.engine.begin() as connection:
            job = connection.execute(_TAKE, {"now": clock.now(), "tells": tells}).first()
        if job is None:
            return
        arguments = job.args if isinstance(job.args, dict) else json.loads(job.args)
        with app.app_context():
            registry[job.task_name].handler(**arguments)
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(_DONE, {"id": job.id})


def forget_mails(app: Flask) -> None:
    """What was not told by now, or not carried out, never will be: nobody needs the mails of five invented months."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(_FORGET)
