"""From settings to two database URLs, and the database and application role they need, made or checked.

Tables and grants belong to the migrations; the embedded server itself to `embedded_postgres`.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL, make_url

from app.core.embedded_postgres import EmbeddedPostgres
from config.settings import Settings

_LOCK_KEY = 0x41574E_494E47  # "AWNING"; one number for every process that prepares a database
_ATTEMPTS = 20
# The same order of letters on every machine, with upper and lower case beyond ASCII where the server can.
_DATABASE_OPTIONS = (
    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
    "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'",
    "LOCALE 'C'",
)
_servers: dict[Path, EmbeddedPostgres] = {}
_servers_lock = threading.Lock()


class DatabaseSetupError(RuntimeError):
    """The database cannot be made ready; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """Two logins to one database: `owner` migrates, `app` is what the application runs as. Both hold passwords.

    `owner` is None for what has no business with it: web and worker of a production.
    """

    owner: str | None = field(repr=False)
    app: str = field(repr=False)


def database_urls(settings: Settings) -> DatabaseUrls:
    """The URLs to use; starts or joins the embedded server when the settings name no database.

    This process then counts as one of the server's users until it ends.
    """
    owner = settings.database_url
    if owner is None and settings.app_database_url is not None:
        return DatabaseUrls(owner=None, app=settings.app_database_url)
    if owner is None:
        server = embedded_server(settings)
        server.ensure_running()
        owner = server.url()
    return DatabaseUrls(owner=owner, app=settings.app_url_for(owner))


def embedded_server(settings: Settings) -> EmbeddedPostgres:
    """This process's one handle on the embedded server of these settings; not started here."""
    with _servers_lock:
        folder = settings.database_dir
        if folder not in _servers:
            _servers[folder] = EmbeddedPostgres(folder)
        return _servers[folder]


def prepare(urls: DatabaseUrls) -> None:
    """`prepare_database` for the role and password that `urls.app` logs in with."""
    if urls.owner is None:
        raise DatabaseSetupError(
            "preparing the database takes its owner's login: set DATABASE_URL for this one command"
        )
    app = make_url(urls.app)
    if not app.username or not app.password:
        raise DatabaseSetupError("the application's database URL lacks its role or password")
    prepare_database(urls.owner, app.username, str(app.password))


def prepare_database(owner_url: str, app_role: str, app_password: str) -> None:
    """Make sure the database and the application's role exist and the role can work in that database alone.

    Safe to run any number of times, and by several processes at once. Works for an owner that may create roles and
    databases, and for one that may not if an administrator has made both. Raises `DatabaseSetupError`.
    """
    owner = make_url(owner_url)
    database = str(owner.database)
    if app_role == owner.username:
        raise DatabaseSetupError(f"{app_role} owns the tables: the application needs a role of its own")
    with _connect(owner, _maintenance_database(owner)) as connection:
        # Session-level, and always in the same database: advisory locks of two databases do not meet.
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK_KEY])
        _make_database(connection, database)
        _make_role(connection, app_role)
    with _connect(owner, database) as connection:
        # temporary tables are where the import of a price sheet compares it with the catalogue
        if not _one(
            connection,
            "SELECT has_database_privilege(%(role)s, current_database(), 'CONNECT')"
            " AND has_database_privilege(%(role)s, current_database(), 'TEMPORARY')",
            {"role": app_role},
        ):
            _patiently(
                connection, _statement("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", database, app_role)
            )
        if _can_log_in(owner, app_role, app_password):
            return
        password = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(app_role), sql.Literal(app_password)
        )
        _patiently(connection, password)
    if not _can_log_in(owner, app_role, app_password):
        raise DatabaseSetupError(
            f"the role {app_role} cannot log in to {database}: let the server's pg_hba.conf accept it with a password"
        )


def conninfo(url: str | URL) -> str:
    """A SQLAlchemy URL in libpq's own words. Their URLs differ: a blank in a password stays one here, and must be %20 there."""
    parts = make_url(url)
    words = parts.translate_connect_args(username="user", database="dbname")
    return make_conninfo("", **{**words, **parts.query})


def connect(url: str | URL) -> psycopg.Connection:
    """A plain connection in which each statement is its own transaction."""
    return psycopg.connect(conninfo(url), autocommit=True, connect_timeout=10)


def _maintenance_database(owner: URL) -> str:
    """`postgres` where this login may enter it, else the database itself, which then must exist."""
    try:
        _connect(owner, "postgres").close()
    except psycopg.OperationalError:
        return str(owner.database)
    return "postgres"


def _connect(owner: URL, database: str) -> psycopg.Connection:
    return connect(owner.set(database=database))


def _one(connection: psycopg.Connection, query: str, values: list[str] | dict[str, str]) -> object:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))  # type: ignore[arg-type]


def _make_database(connection: psycopg.Connection, database: str) -> None:
    if _one(connection, "SELECT 1 FROM pg_database WHERE datname = %s", [database]):
        return
    for options in _DATABASE_OPTIONS:
        try:
            _patiently(
                connection,
                _statement(f"CREATE DATABASE {{}} TEMPLATE template0 ENCODING 'UTF8' {options}", database),
            )
            break
        except errors.DuplicateDatabase:
            return
        except errors.InsufficientPrivilege as error:
            raise DatabaseSetupError(
                f"the database {database} does not exist and this login may not create it: "
                "create it, owned by this login"
            ) from error
        except psycopg.ProgrammingError:
            # This server is too old for the option, or its system lacks the locale.
            if options == _DATABASE_OPTIONS[-1]:
                raise
    _patiently(connection, _statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", database))


def _make_role(connection: psycopg.Connection, role: str) -> None:
    excess = _one(
        connection,
        "SELECT concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,"
        " CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,"
        " CASE WHEN NOT rolcanlogin THEN 'NOLOGIN' END) FROM pg_roles WHERE rolname = %s",
        [role],
    )
    if excess:
        raise DatabaseSetupError(
            f"the role {role} is {excess}: the application's role may only log in; alter it"
        )
    if excess is not None:
        return
    try:
        _patiently(
            connection,
            _statement(
                "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION", role
            ),
        )
    except errors.DuplicateObject:
        return
    except errors.InsufficientPrivilege as error:
        raise DatabaseSetupError(
            f"the role {role} does not exist and this login may not create it: "
            "create it, give it LOGIN and a password, and put both into APP_DATABASE_URL"
        ) from error


def _can_log_in(owner: URL, role: str, password: str) -> bool:
    try:
        _connect(owner.set(username=role, password=password), str(owner.database)).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error) or "pg_hba.conf" in str(error):
            return False
        raise
    return True


def _patiently(connection: psycopg.Connection, statement: sql.Composed) -> None:
    """Run a statement on shared catalogues, again when a rival (in another database, say) touched the same row."""
    for attempt in range(_ATTEMPTS):
        try:
            connection.execute(statement)
        except (errors.InternalError_, errors.ObjectInUse, errors.UniqueViolation):
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.05 * (attempt + 1))
        else:
            return
