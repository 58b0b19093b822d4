"""The database of a test run: one server, one migrated template, one clone per worker, swept after every test.

The server is PostgreSQL from the wheel in `var/test` (fsync off), or the one DATABASE_URL names, whose login must be
allowed to create databases. Commits are real commits: nothing is wrapped in a transaction that is rolled back.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from app.core.database_setup import prepare_database
from app.core.embedded_postgres import ADMIN_ROLE, EmbeddedPostgres, EmbeddedPostgresError
from app.core.migrating import upgrade
from config.settings import APP_ROLE, PROJECT_DIR, Settings

FOLDER = PROJECT_DIR / "var" / "test"

SETTINGS = Settings(
    secret_key="of-no-worth-outside-this-test-run-0123456789",
    data_dir=FOLDER / "data",
    env="test",
    database_pool=2,  # so few that what one use of a connection leaves behind shows in the next
    sandbox_token="of-no-worth-either-0123456789",
    vendor_timeout_seconds=2.0,
)
"""What the application under test is told; `database_url` is added once there is a database."""

SWEEP = """
CREATE FUNCTION sweep(kept text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;  -- no foreign keys, no triggers: any order will do
    FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                AND c.relkind = 'r' AND NOT c.relname = ANY (kept) LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
END $$"""


class Server:
    """The PostgreSQL server of this run. Its owner's login makes databases; nothing here belongs to the application."""

    def __init__(self) -> None:
        named = os.environ.get("DATABASE_URL")
        self.embedded = None if named else EmbeddedPostgres(FOLDER / "postgres", durable=False)
        if self.embedded is not None:
            try:
                self.embedded.ensure_running()
            except EmbeddedPostgresError:  # a machine that went down took the unsynced files with it
                self.embedded.destroy()
                self.embedded.ensure_running()
        self.named = make_url(named).set(drivername="postgresql+psycopg") if named else None

    def owner_url(self, database: str) -> str:
        """The login that owns the tables."""
        if self.embedded is not None:
            return self.embedded.url(database)
        assert self.named is not None
        return _shown(self.named.set(database=database))

    def sweeper_url(self, database: str) -> str:
        """The login that sweeps: a superuser on the embedded server, the named login elsewhere."""
        return (
            self.embedded.url(database, ADMIN_ROLE) if self.embedded is not None else self.owner_url(database)
        )

    def release(self) -> None:
        if self.embedded is not None:
            self.embedded.release()


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def connect(url: str) -> psycopg.Connection:
    """A plain connection, each statement its own transaction."""
    return psycopg.connect(_shown(make_url(url).set(drivername="postgresql")), autocommit=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Among all workers and all runs in this folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def template(server: Server) -> str:
    """The name of a database with today's schema, made when there is none yet. For the holder of the lock."""
    schema = hashlib.sha256(APP_ROLE.encode())
    for path in sorted((PROJECT_DIR / "migrations").rglob("*.py")):
        schema.update(path.read_bytes())
    name = f"awning_template_{schema.hexdigest()[:12]}"
    with connect(server.owner_url("postgres")) as connection:
        databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        for left in databases:
            if _is_left_over(left, name):
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(left))
                )
        if name not in databases:
            draft = f"{name}_draft"
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
            login = make_url(SETTINGS.app_url_for(server.owner_url(draft)))
            prepare_database(server.owner_url(draft), str(login.username), str(login.password))
            upgrade(server.owner_url(draft))
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
            )
    return name


def _is_left_over(database: str, template: str) -> bool:
    """Whether a database is of a run that is over, or a template of an older schema."""
    if database.startswith("awning_template_"):
        return database != template
    if not database.startswith("awning_run_"):
        return False
    try:
        os.kill(int(database.split("_")[2]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's process is alive too
    return False


class WorkerDatabase:
    """This worker's own copy of the template. `owner` is a connection of the tables' owner, for looking at the schema."""

    def __init__(self, server: Server, worker: str):
        self.server = server
        self.name = f"awning_run_{os.getpid()}_{worker}"
        with one_at_a_time(), connect(server.owner_url("postgres")) as connection:
            made_from = template(server)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(self.name), sql.Identifier(made_from)
                )
            )
            connection.execute(
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                    sql.Identifier(self.name), sql.Identifier(APP_ROLE)
                )
            )
        self.settings = replace(SETTINGS, database_url=server.owner_url(self.name))
        self._sweeper = connect(server.sweeper_url(self.name))
        self.owner = connect(server.owner_url(self.name))
        self._fast = self._may_skip_foreign_keys()
        self._kept = self._tables_with_rows() | {"alembic_version"}

    def _may_skip_foreign_keys(self) -> bool:
        try:
            self._sweeper.execute("SET session_replication_role = origin")
        except psycopg.errors.InsufficientPrivilege:
            return False
        self._sweeper.execute(SWEEP)
        return True

    def _tables(self) -> set[str]:
        rows = self._sweeper.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return {row[0] for row in rows}

    def _tables_with_rows(self) -> set[str]:
        self._sweeper.execute("SET awning.scope = 'everyone'")
        return {
            table
            for table in self._tables()
            if self._sweeper.execute(
                sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(table))
            ).fetchone()
            is not None
        }

    def sweep(self) -> None:
        """Back to what the migrations left, by deleting what tests wrote."""
        if self._fast:
            self._sweeper.execute("SELECT sweep(%s)", [sorted(self._kept)])
        else:
            names = sql.SQL(", ").join(map(sql.Identifier, sorted(self._tables() - self._kept)))
            self._sweeper.execute(sql.SQL("TRUNCATE {}").format(names))

    def drop(self) -> None:
        self._sweeper.close()
        self.owner.close()
        with connect(self.server.sweeper_url("postgres")) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.name))
            )
        self.server.release()
