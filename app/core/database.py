"""Plugs the database into the app: which URL, which pool, and the check that the role we log in with is a humble one."""

import click
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

from app.core.database_setup import database_urls
from config.settings import Settings

STATEMENT_TIMEOUT_MS = 15_000


class Overprivileged(RuntimeError):
    """The application would log in with a role that the tenant wall does not hold."""


def install(app: Flask, db: SQLAlchemy, settings: Settings) -> None:
    """Configures `db` for the application's role and Alembic for the owner's."""
    urls = database_urls(settings)
    app.config["OWNER_DATABASE_URL"] = urls.owner
    app.config["APP_DATABASE_URL"] = urls.app
    app.config["SQLALCHEMY_DATABASE_URI"] = urls.app
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": settings.database_pool,
        "max_overflow": 0,
        "pool_pre_ping": False,
        "pool_recycle": 1800,
        "connect_args": {
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC -c jit=off"
        },
    }
    apart = app.config["SQLALCHEMY_ENGINE_OPTIONS"] | {"url": urls.app, "pool_size": 2}
    app.config["SQLALCHEMY_BINDS"] = {"apart": apart}  # see core/unit.py
    db.init_app(app)
    if click.get_current_context(silent=True) is None:
        return  # a web process: `flask db` is a command, and Alembic would be the third part of a worker's start
    from flask_migrate import Migrate

    Migrate(app, db, directory=f"{app.root_path}/../migrations")


def stand_guard(app: Flask, db: SQLAlchemy, settings: Settings) -> None:
    """For what serves people, web and worker: in production they start only with the humble login, and with no other at hand.

    Raises Overprivileged when the owner's login is in their environment, or their own role is above the tenant wall.
    """
    if not settings.is_production:
        return
    if settings.holds_owner:
        raise Overprivileged(
            "DATABASE_URL holds the owner's login: give it to `flask database prepare` alone, not to web and worker"
        )
    with app.app_context():
        refuse_powerful_role(db)
        db.engine.dispose()  # no connection outlives a fork


def refuse_powerful_role(db: SQLAlchemy) -> None:
    """Raises Overprivileged when the role is a superuser, bypasses row-level security or owns a table, or may become a role
    that does.
    """
    with db.engine.connect() as connection:
        found = connection.execute(
            text("""
            SELECT bool_or(rolsuper) AS rolsuper, bool_or(rolbypassrls) AS rolbypassrls,
                   EXISTS (SELECT FROM pg_tables
                           WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER')) AS owns
            FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')""")
        ).one()
    if found.rolsuper or found.rolbypassrls or found.owns:
        raise Overprivileged("the application must log in with a role that owns nothing and bypasses nothing")
