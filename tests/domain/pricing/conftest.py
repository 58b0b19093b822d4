"""The small catalogue, and short ways to ask for prices."""

import pytest

from tests.domain.pricing.shelf import Shelf


@pytest.fixture
def shelf(in_scope):
    """Puts offers on the shelf; use inside `with in_scope():`."""
    with in_scope():
        return Shelf()
