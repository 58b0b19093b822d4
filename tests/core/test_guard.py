"""In production, web and worker start only with a login that the tenant wall holds, and with no other at hand."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy.engine import make_url

from app import create_app
from app.core.database import Overprivileged, stand_guard
from app.core.database_setup import connect
from app.core.db import db
from config.settings import PROJECT_DIR, Settings

SECRET = "of-no-worth-outside-this-test-9f8e7d6c5b4a"
STARTS = {
    "web": "import wsgi; print('up')",
    "worker": "from app.jobs import worker; worker.serve = lambda *_: exit(print('up')); worker.main()",
}


@pytest.fixture
def production(database):
    """A function: settings of a production on the tests' database, with this login and no other."""
    tested = database.settings
    app_url = tested.app_url_for(tested.database_url)

    def make(url=app_url, **changes) -> Settings:
        changes = {"env": "production", "database_url": None, "app_database_url": url} | changes
        return replace(tested, **changes)

    return make


def guard(settings):
    app = create_app(settings)
    try:
        stand_guard(app, db, settings)
    finally:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def test_the_humble_login_alone_is_let_in(production):
    guard(production())


def test_the_owners_login_at_hand_is_refused_although_it_is_not_used(production, database):
    with pytest.raises(Overprivileged, match="database prepare"):
        guard(production(database_url=database.settings.database_url))


def test_the_owner_is_refused_as_the_application(production, database):
    with pytest.raises(Overprivileged, match="owns nothing"):
        guard(production(database.settings.database_url))


@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS", "IN ROLE awning_owner"])
def test_so_is_a_role_that_bypasses_the_wall_or_may_become_one_that_does(production, server, database, power):
    if server.embedded is None:
        pytest.skip("making such a role takes a superuser")
    name = make_url(database.settings.database_url).database
    with connect(server.sweeper_url(name)) as admin:
        admin.execute("DROP ROLE IF EXISTS mighty")
        admin.execute(f"CREATE ROLE mighty LOGIN PASSWORD 'pw' {power}".encode())
        admin.execute(f'GRANT CONNECT ON DATABASE "{name}" TO mighty'.encode())
        try:
            url = make_url(database.settings.database_url).set(username="mighty", password="pw")
            with pytest.raises(Overprivileged, match="owns nothing"):
                guard(production(url.render_as_string(hide_password=False)))
        finally:
            admin.execute(f'REVOKE ALL ON DATABASE "{name}" FROM mighty'.encode())
            admin.execute("DROP ROLE mighty")


@pytest.mark.full
@pytest.mark.parametrize("what", STARTS)
def test_web_and_worker_ask_before_they_serve(production, database, tmp_path, what):
    environ = {
        "PATH": os.environ["PATH"],
        "AWNING_ENV": "production",
        "SECRET_KEY": SECRET,
        "AWNING_DATA_DIR": str(tmp_path),
        "APP_DATABASE_URL": production().app_database_url,
        "AWNING_PLATFORM_HOST": "console.example.com",
        "AWNING_SHOP_SUFFIX": "shops.example.com",
        "AWNING_PROXY_HOPS": "1",
        "SMTP_HOST": "smtp.example.com",
        "MAIL_FROM": "Shop <shop@example.com>",
    }
    for more, says in (({}, "up"), ({"DATABASE_URL": database.settings.database_url}, "Overprivileged")):
        done = subprocess.run(
            [sys.executable, "-c", STARTS[what]],
            cwd=PROJECT_DIR,
            env=environ | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert says in done.stdout + done.stderr
        assert (done.returncode == 0) is (says == "up")
