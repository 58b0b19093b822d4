"""A stocked shop for the console's tests."""

import pytest

from app.domain.catalog.queries import shelf
from tests.support.shopping import Shopping


@pytest.fixture
def shop(app):
    """Offers at list price; see `tests/support/shopping.py`. They come without a sheet, so the shelf is built anew."""
    shelf._kept.clear()
    yield Shopping(app)
    shelf._kept.clear()
