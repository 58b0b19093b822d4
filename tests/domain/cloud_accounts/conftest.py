"""A stocked shop, for every test of accounts at vendors."""

import pytest

from app.domain.vendors import Vendors
from tests.support.fake_vendor import FakeVendor
from tests.support.shopping import Shopping


@pytest.fixture
def shop(app):
    return Shopping(app)


@pytest.fixture
def vendor(app, monkeypatch):
    """A vendor that works, plugged in for Microsoft."""
    made = FakeVendor()
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": made}))
    return made
