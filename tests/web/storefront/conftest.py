"""A stocked shop for the storefront's tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from app.core import clock
from app.core.db import db
from app.domain.catalog.queries import shelf
from app.domain.people.models import WebSession
from tests.support.browser import Browser
from tests.support.shopping import Shopping


@pytest.fixture
def shop(app):
    """Offers at list price; see `tests/support/shopping.py`. They come without a sheet, so the shelf is built anew."""
    shelf._kept.clear()
    yield Shopping(app)
    shelf._kept.clear()


@contextmanager
def at_a_later_hour(browser: Browser, later: datetime) -> Iterator[None]:
    """Within the block it is `later`, and the browser's session has lasted."""
    with browser.app.app_context(), db.engine.begin() as connection:
        values = {"expires_at": later + timedelta(hours=1), "seen_at": later}
        connection.execute(WebSession.__table__.update().values(**values))
    with clock.at(later):
        yield
