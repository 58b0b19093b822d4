"""Makes the demo's database ready: `python -m app.demo.prepare`, run by the supervisor as a process of its own.

The database's comment says how far the demo has come with it, so that a half-built world is built again, a finished one
is left alone, and a database that the demo did not make is never filled or deleted.
"""

from __future__ import annotations

import argparse
import signal
import sys

import psycopg
from psycopg import errors, sql
from sqlalchemy.engine import URL, make_url

from app.core.database_setup import DatabaseSetupError, connect, database_urls, prepare
from app.core.embedded_postgres import EmbeddedPostgresError
from config.settings import Settings, SettingsError

BUILDING = "Awning demo: being built"
BUILT = "Awning demo: built"


def make_ready(settings: Settings, *, fresh: bool = False) -> None:
    """Create, migrate and, where it is new, fill the database. Raises DatabaseSetupError."""
    urls = database_urls(settings)
    if urls.owner is None:
        raise DatabaseSetupError("the demo makes its own database: set DATABASE_URL, or neither URL")
    owner = make_url(urls.owner)
    state = _comment(owner)
    if state == BUILDING or (fresh and state is not None):
        _drop(owner, state)
        state = None
    prepare(urls)
    is_new = state is None or (state == "" and not _has_tables(owner))
    if is_new:
        _set_comment(owner, BUILDING)
    _migrate(urls.owner)
    if is_new:
        _build(settings)
        _set_comment(owner, BUILT)


def _migrate(owner_url: str) -> None:
    from app.core.migrating import upgrade

    upgrade(owner_url)


def _build(settings: Settings) -> None:
    from app import create_app
    from app.demo import world

    world.build(create_app(settings), progress=lambda what: print(f"    {what} …", flush=True))


def _comment(owner: URL) -> str | None:
    """The database's comment ("" if it has none), or None if there is no such database."""
    try:
        connection = connect(owner)
    except psycopg.OperationalError as error:
        if "does not exist" in str(error) and f'database "{owner.database}"' in str(error):
            return None
        raise
    with connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return (row[0] if row else None) or ""


def _has_tables(owner: URL) -> bool:
    with connect(owner) as connection:
        return connection.execute("SELECT to_regclass('public.alembic_version')").fetchone() != (None,)


def _set_comment(owner: URL, text: str) -> None:
    with connect(owner) as connection:
        try:
            connection.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                    sql.Identifier(str(owner.database)), sql.Literal(text)
                )
            )
        except errors.InsufficientPrivilege as error:
            raise DatabaseSetupError(
                f"the demo needs to own its database: let {owner.username} own {owner.database}"
            ) from error


def _drop(owner: URL, state: str) -> None:
    if state not in {BUILDING, BUILT}:
        raise DatabaseSetupError(
            f"the database {owner.database} was not made by the demo, so --fresh does not delete it: "
            "drop it yourself, or name another one in DATABASE_URL"
        )
    with connect(owner.set(database="postgres")) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(owner.database)))
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.demo.prepare", description=__doc__)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        make_ready(Settings.from_env(), fresh=options.fresh)
    except (SettingsError, DatabaseSetupError, EmbeddedPostgresError, psycopg.OperationalError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
