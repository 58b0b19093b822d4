"""What races need: an application with enough connections, rivals that start at the same instant, and how many trials."""

from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest

from app import create_app
from app.core.db import db
from tests.support.shopping import Shopping

RIVALS = 8


@pytest.fixture(scope="session")
def wide_app(database):
    """The application on this worker's database, with a connection for every rival."""
    made = create_app(replace(database.settings, database_pool=RIVALS))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def shop(app, wide_app):
    """A stocked shop whose people act through the application with many connections."""
    return Shopping(wide_app)


@pytest.fixture
def trials(request) -> int:
    """50 in the fast lane, 1000 with --full: zero failures then bound the rate by 6 % and by 0.3 %."""
    return 1000 if request.config.getoption("--full") else 50


@pytest.fixture
def race() -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """Runs functions at the same instant, each in a thread; answers their results or the exceptions they raised."""

    def run(rivals: Sequence[Callable[[], Any]]) -> list[Any]:
        barrier = Barrier(len(rivals))
        results: list[Any] = [None] * len(rivals)

        def go(index: int) -> None:
            barrier.wait(timeout=30)
            try:
                results[index] = rivals[index]()
            except Exception as error:
                results[index] = error

        threads = [
            Thread(target=copy_context().run, args=(go, index), daemon=True) for index in range(len(rivals))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads), "a rival never came back"
        return results

    return run
