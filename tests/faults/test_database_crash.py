"""Promise P2 with the database crashing too: what a buyer was told is still there, and is finished."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from app import create_app
from app.core.database_setup import prepare_database
from app.core.db import db
from app.core.embedded_postgres import EmbeddedPostgres
from app.core.migrating import upgrade
from tests.faults.harness import Zygote
from tests.faults.running import CHAOS, bought_exactly_once, run
from tests.support.database import SETTINGS
from tests.support.sandbox import SandboxServer
from tests.support.seeding import Seeds


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, which keeps what it has committed as one in earnest does."""
    server = EmbeddedPostgres(tmp_path / "postgres", durable=True)
    server.ensure_running()
    yield server
    server.destroy()


@pytest.fixture
def apart(fragile: EmbeddedPostgres, tmp_path: Path) -> Iterator[Flask]:
    """The application on that server."""
    url = fragile.url()
    login = make_url(SETTINGS.app_url_for(url))
    prepare_database(url, str(login.username), str(login.password))
    upgrade(url)
    made = create_app(replace(SETTINGS, database_url=url, data_dir=tmp_path / "data"))
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


def crash(server: EmbeddedPostgres) -> None:
    """As `pg_ctl stop -m immediate`: every server process ends at once, and nothing is written any more."""
    pid = server._postmaster(server._find_home())
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    until = time.monotonic() + 10
    while server.is_running and time.monotonic() < until:
        time.sleep(0.05)
    server.ensure_running()


@pytest.mark.full
def test_what_was_acknowledged_outlives_crashes_of_workers_buyers_and_the_database(
    apart: Flask,
    fragile: EmbeddedPostgres,
    zygote: Zygote,
    vendor: SandboxServer,
    password_hash: str,
    tmp_path: Path,
) -> None:
    vendor.dial(*CHAOS, seed=random.SystemRandom().randrange(10**6))
    olivia = Seeds(apart, password_hash).meet("olivia")
    with run(apart, zygote, vendor, olivia, tmp_path, orders=60) as ran:
        ran.crowd.patience = 1000
        for _ in range(10):
            ran.crowd.kill_at_random(4, between=(0.2, 0.8), within=120)
            crash(fragile)
        with apart.app_context():
            for engine in db.engines.values():
                engine.dispose()
        bought_exactly_once(ran, ran.settle(600), 60)
