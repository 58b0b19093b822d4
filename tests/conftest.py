"""Fixtures for every test. In short:

* `app`: the application on this worker's own database, which is swept after each test that used it. No app context is
  open in a test: `with in_scope(acme): …` opens a unit of work for domain code, requests open their own.
* The cast of `app/demo/cast.py` are fixtures: `acme`, `globex`, `nimbus`, `ann`, `otto`, `dora`, … frozen records with
  `id`, `host`, `email`, `scope` and `actor`. Everybody's password is `PASSWORD` of `tests/support/seeding.py`.
* `browser_for(ann)` is signed in; `browser_for(host="acme.localhost")` is a stranger there. `browser.get(path)`,
  `browser.submit("Place order", quantity=40)` and `browser.follow("Orders")` act like a person; `browser.page` is what
  is shown (`status`, `text`, `one(css)`, `all(css)`).
* `mailbox` catches what the worker mails: `mailbox.to(ann.email)[-1].text`, `mailbox.link(ann.email)`.
* `worker()` runs deferred jobs now; `with statements() as seen: …` counts SQL.
* Tests marked `full` run with `--full` only. There is no network beyond this machine.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.core.db import Session
from app.demo.cast import CUSTOMERS, PEOPLE, RESELLERS
from tests.support import chromium, seeding
from tests.support.browser import Browser
from tests.support.database import Server, WorkerDatabase
from tests.support.mailbox import Mailbox
from tests.support.seeding import Met, Seeds
from tests.support.statements import counted
from tests.support.working import Worker


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="also run the long lane: large counts, mutants, kills"
    )


def pytest_report_header() -> list[str]:
    return [] if chromium.program() else ["there is no Chromium here: tests/browser is left out"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long lane is left out unless it is asked for, and so is what needs Chromium where there is none."""
    absent = set() if config.getoption("--full") else {"full"}
    if not chromium.program():
        absent.add("browser")
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in absent)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    """Connecting to anywhere else fails the test that tries."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test tried to reach {address}")
        real(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def server() -> Server:
    """The PostgreSQL server of this run."""
    return Server()


@pytest.fixture(scope="session")
def database(server: Server, request: pytest.FixtureRequest) -> Iterator[WorkerDatabase]:
    """This worker's database, with today's schema and nothing in it."""
    worker = getattr(request.config, "workerinput", {"workerid": "main"})["workerid"]
    made = WorkerDatabase(server, worker)
    yield made
    made.drop()


@pytest.fixture(scope="session")
def shared_app(database: WorkerDatabase) -> Iterator[Flask]:
    """The application, made once per worker. Tests ask for `app`, which also sweeps."""
    app = create_app(database.settings)
    yield app
    from app.core.db import db

    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(shared_app: Flask, database: WorkerDatabase) -> Iterator[Flask]:
    """The application with an empty database; what the test writes is gone after it."""
    yield shared_app
    database.sweep()


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of everybody's password, worked out once."""
    from app.domain.people.passwords import hash_password

    return hash_password(seeding.PASSWORD)


@pytest.fixture
def seeds(app: Flask, password_hash: str) -> Seeds:
    """Brings the cast in: `seeds.meet("ann")`, `seeds.everyone()`."""
    return Seeds(app, password_hash)


def _fixture_for(key: str) -> Any:
    def meet(seeds: Seeds) -> Met:
        return seeds.meet(key)

    return pytest.fixture(meet, name=key)


for _key in (*RESELLERS, *CUSTOMERS, *PEOPLE):
    globals()[f"cast_{_key}"] = _fixture_for(_key)


@pytest.fixture
def in_scope(app: Flask) -> Callable[..., AbstractContextManager[Session]]:
    """`with in_scope(acme) as session:` is a unit of work that commits; without an argument it sees everything."""
    return lambda whose=None, **options: seeding.in_scope(app, whose, **options)


@pytest.fixture
def browser_for(app: Flask) -> Callable[..., Browser]:
    """`browser_for(ann)`: a browser in which Ann is signed in; `browser_for(host="acme.localhost")`: nobody is."""

    def make(who: Met | None = None, *, host: str | None = None, **options: Any) -> Browser:
        browser = Browser(app, host or (who.host if who else app.config["SETTINGS"].platform_host), **options)
        return browser.sign_in_as(who) if who is not None and who.realm else browser

    return make


@pytest.fixture
def worker(app: Flask) -> Worker:
    """Runs deferred jobs in the test: `worker()`, `worker("orders.%")`."""
    return Worker(app)


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    """Catches mails instead of an SMTP server."""
    caught = Mailbox(app.extensions["post"])
    app.extensions["post"] = caught
    yield caught
    app.extensions["post"] = caught.post


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as seen: …; assert len(seen) <= 9`."""
    return lambda: counted(app)
