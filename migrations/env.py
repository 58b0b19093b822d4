"""Runs migrations as the owner of the tables, one installation at a time."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool, text

from app.core.db import db

ONE_AT_A_TIME = 7_411_520_331  # an arbitrary key of our own for the advisory lock


def run() -> None:
    url = context.config.attributes.get("owner_url") or current_app.config["OWNER_DATABASE_URL"]
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=db.metadata, include_object=_ours)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


run()
