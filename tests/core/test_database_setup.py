"""The database and the application's role: made once, whoever else is making them, and never with too much power."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.core.database_setup import DatabaseSetupError, connect, prepare_database
from app.core.embedded_postgres import ADMIN_ROLE, EmbeddedPostgres

ROLE = "awning_app"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(Path(tmp_path_factory.mktemp("setup")) / "postgres", durable=False)
    made.ensure_running()
    yield made
    made.destroy()


def log_in(server: EmbeddedPostgres, database: str, password: str) -> psycopg.Connection:
    return connect(make_url(server.url(database)).set(username=ROLE, password=password))


def test_a_role_is_made_that_can_work_in_what_it_is_given_and_make_nothing_lasting(server):
    prepare_database(server.url("first"), ROLE, "it's 100% \\ secret")
    with log_in(server, "first", "it's 100% \\ secret") as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, False, False, False, False)
        for statement in ("CREATE TABLE mine (id int)", "CREATE SCHEMA mine", "CREATE DATABASE mine"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
        connection.execute("CREATE TEMPORARY TABLE mine (id int)")  # imports compare in one


def test_many_at_once_on_several_databases_all_succeed(server):
    names = [f"crowd_{number % 3}" for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda name: prepare_database(server.url(name), ROLE, "shared"), names))
    for name in set(names):
        log_in(server, name, "shared").close()


def test_a_new_secret_key_changes_the_password_at_the_next_preparation(server):
    prepare_database(server.url("second"), ROLE, "old")
    prepare_database(server.url("second"), ROLE, "new")
    log_in(server, "second", "new").close()
    with pytest.raises(psycopg.OperationalError):
        log_in(server, "second", "old")


def test_other_roles_are_not_let_into_a_database_that_was_made_here(server):
    prepare_database(server.url("third"), ROLE, "pw")
    with connect(server.url("postgres", ADMIN_ROLE)) as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'pw'")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connect(make_url(server.url("third")).set(username="stranger", password="pw"))


@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS", "CREATEDB", "CREATEROLE"])
def test_a_role_with_power_is_refused(server, power):
    with connect(server.url("postgres", ADMIN_ROLE)) as connection:
        connection.execute(f"CREATE ROLE mighty_{power} LOGIN {power}".encode())
    with pytest.raises(DatabaseSetupError, match=power):
        prepare_database(server.url("fourth"), f"mighty_{power}".lower(), "pw")


def test_the_owner_of_the_tables_is_refused_as_the_application(server):
    with pytest.raises(DatabaseSetupError, match="role of its own"):
        prepare_database(server.url("fifth"), "awning_owner", "pw")


def test_a_superuser_may_prepare_too(server):
    prepare_database(server.url("sixth", ADMIN_ROLE), ROLE, "pw")
    log_in(server, "sixth", "pw").close()


def test_a_login_without_power_works_when_an_administrator_has_made_everything(server):
    with connect(server.url("postgres", ADMIN_ROLE)) as connection:
        connection.execute("CREATE ROLE modest LOGIN PASSWORD 'pw'")
        connection.execute("CREATE ROLE modest_app LOGIN PASSWORD 'app'")
        connection.execute("CREATE DATABASE modest OWNER modest")
    url = (
        make_url(server.url("modest"))
        .set(username="modest", password="pw")
        .render_as_string(hide_password=False)
    )
    prepare_database(url, "modest_app", "app")
    with pytest.raises(DatabaseSetupError, match="APP_DATABASE_URL"):
        prepare_database(url, "not_there", "app")
    with pytest.raises(DatabaseSetupError, match="may not create"):
        prepare_database(url.replace("/modest?", "/not_there?"), "modest_app", "app")
