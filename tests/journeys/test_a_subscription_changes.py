"""A subscription is changed as its people would: seats over the budget wait and arrive, and come back only while they may.

Everything goes through pages and their forms; the worker runs real jobs, and the vendor is the sandbox over real HTTP.
"""

from datetime import timedelta

import pytest

from app.connectors.sandbox.connector import SandboxConnector
from app.core import clock
from app.domain.catalog.queries import shelf
from app.domain.subscriptions.models import Subscription
from app.domain.vendors import Vendors
from tests.support.changing import Changing
from tests.support.sandbox import TOKEN, SandboxServer
from tests.support.shopping import Shopping, budget
from tests.web.storefront.conftest import at_a_later_hour


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    made = SandboxServer(tmp_path_factory.mktemp("vendor") / "state.sqlite").start()
    yield made
    made.stop()


@pytest.fixture
def vendor(app, sandbox, monkeypatch):
    """The sandbox, connected for Microsoft."""
    sandbox.reset()
    connector = SandboxConnector(sandbox.url, TOKEN, timedelta(seconds=10))
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": connector}))
    shelf._kept.clear()
    yield connector
    shelf._kept.clear()
    connector.close()


def test_seats_over_the_budget_wait_arrive_and_cannot_go_back_after_their_deadline(
    app, vendor, sandbox, ann, otto, nimbus, browser_for, worker
):
    shop = Shopping(app)
    shop.policy(otto, nimbus, budget("2000"))
    changing = Changing(app, shop, vendor, worker)
    subscription = changing.bought(ann)  # ten seats, 1,200.00 of the budget
    path = "/subscriptions/" + changing.number(subscription)
    with shop.looking() as current:
        there = current.get_one(Subscription, subscription).vendor_subscription_id

    buyer = browser_for(ann)
    buyer.get(f"{path}/seats?quantity=18")
    buyer.submit("#change-form", "Change the quantity", note="Eight people start in May.")
    assert "waits for approval" in buyer.page.text
    worker("subscriptions.%")
    assert vendor.subscription(there).quantity == 10

    approver = browser_for(otto)
    approver.get("/admin/approvals")
    approver.get(approver.page.one("#queue a.row")["href"])
    assert "10 → 18 seats" in approver.page.text
    assert "Eight people start in May." in approver.page.text
    approver.submit("#decision", "Approve")
    worker("subscriptions.%")
    assert vendor.subscription(there).quantity == 18
    assert "18 × " in buyer.get(path).one(".facts").get_text(" ")

    buyer.get(f"{path}/seats?quantity=16")
    buyer.submit("#change-form", "Change the quantity")
    worker("subscriptions.%")
    assert vendor.subscription(there).quantity == 16

    sandbox.advance(timedelta(days=8))
    later = clock.now() + timedelta(days=8)
    with at_a_later_hour(buyer, later):
        page = buyer.get(f"{path}/seats")
        assert "None of them can be given back" in page.text
        page = buyer.submit("#change-form", "Change the quantity", quantity="15")
        assert page.status == 422
        assert "No seats can be given back before the renewal" in page.one("#errors").get_text(" ")
        assert f"{later - timedelta(days=1):%d %B %Y}" in page.one("#errors").get_text(" ")
    assert vendor.subscription(there).quantity == 16
