"""One Chromium, one small demo world and one server for the whole folder; swept when the last test has run."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from werkzeug.serving import WSGIRequestHandler, make_server

from app.demo.world import goods
from app.domain.catalog.queries import shelf
from app.domain.vendors import Vendors
from tests.browser import world as small
from tests.support.chromium import Heard, running
from tests.support.database import WorkerDatabase
from tests.support.fake_vendor import FakeVendor
from tests.support.mailbox import Mailbox
from tests.support.seeding import Seeds


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Nothing: the tests say what went wrong."""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Chromium]:
    with running() as found:
        yield found


@pytest.fixture(scope="package")
def served(shared_app: Flask) -> Iterator[Flask]:
    """The application behind a port of its own, which it knows; `*.localhost` leads there in Chromium."""
    server = make_server("127.0.0.1", 0, shared_app, threaded=True, request_handler=_Quiet)
    settings = shared_app.config["SETTINGS"]
    shared_app.config["SETTINGS"] = replace(settings, port=server.server_port)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield shared_app
    server.shutdown()
    thread.join()
    server.server_close()
    shared_app.config["SETTINGS"] = settings


@pytest.fixture(scope="package")
def world(
    served: Flask, database: WorkerDatabase, chromium: Chromium, password_hash: str
) -> Iterator[small.World]:
    """See `world.py`. Tests share it: each looks at its own things or makes new ones."""
    vendor = FakeVendor()
    patch = pytest.MonkeyPatch()
    patch.setattr(goods, "OFFERS", small.OFFERS)
    patch.setitem(served.extensions, "vendors", Vendors(dict.fromkeys(goods.VENDORS, vendor)))
    patch.setitem(served.extensions, "post", Mailbox(served.extensions["post"]))
    shelf._kept.clear()
    try:
        people, places = small.build(served, Seeds(served, password_hash))
        yield small.World(served, chromium, vendor, people, places)
    finally:
        patch.undo()
        database.sweep()
        shelf._kept.clear()


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Listens to every page that is opened with it; the test fails when one complained."""
    listening = Heard()
    yield listening
    assert not listening.complaints, "\n".join(listening.complaints)
