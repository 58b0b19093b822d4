"""The console changes subscriptions on behalf through the same gate, decides changes, and keeps renewals and drift in sight."""

import pytest
from sqlalchemy import select

from app.domain.approvals.models import ApprovalRequest
from app.domain.subscriptions.models import Drift, Subscription
from app.domain.vendors import Vendors
from tests.support.changing import Changing
from tests.support.fake_vendor import FakeVendor
from tests.support.shopping import over


@pytest.fixture
def vendor(app, monkeypatch):
    made = FakeVendor()
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": made}))
    return made


@pytest.fixture
def changing(app, shop, vendor, worker, otto, nimbus):
    shop.policy(otto, nimbus, over("5000"))
    return Changing(app, shop, vendor, worker)


@pytest.fixture
def subscription(changing, ann):
    return changing.bought(ann)


def test_seats_raised_over_the_threshold_wait_are_approved_and_arrive(
    subscription, changing, ann, otto, browser_for, shop, worker
):
    changing.seats(ann, subscription, 90)
    browser = browser_for(otto)
    with shop.looking() as current:
        request = current.scalars(select(ApprovalRequest.id)).one()
    assert "10 → 90 seats" in browser.get("/admin/approvals").text
    page = browser.get(f"/admin/approvals/{request}")
    assert "10 → 90 seats" in page.text
    assert "€10.00" in page.text
    browser.submit("#decision", "Approve")
    worker("subscriptions.%")
    page = browser.get(f"/admin/subscriptions/{changing.number(subscription)}")
    assert page.all(".stats .figure")[0].get_text() == "90"
    assert "is done" in page.text


def test_on_behalf_goes_through_the_same_gate(subscription, changing, sam, ines, browser_for, shop):
    path = f"/admin/subscriptions/{changing.number(subscription)}"
    browser = browser_for(sam)
    browser.get(f"{path}/seats?quantity=90")
    page = browser.submit("#change-form", "Change the quantity")
    assert "waits for approval" in page.text
    with shop.looking() as current:
        assert current.scalars(select(ApprovalRequest.subject_type)).one() == "seat_change"
    for noun in ("cancellation", "renewal", "term"):
        assert browser.get(f"{path}/{noun}").status == 200


def test_a_conflict_shows_both_numbers(subscription, changing, ann, otto, browser_for, worker, shop):
    changing.seats(ann, subscription, 12)
    with shop.looking() as current:
        there = current.get(Subscription, subscription).vendor_subscription_id
    changing.vendor.resize(there, 15)
    worker("subscriptions.%")
    page = browser_for(otto).get(f"/admin/subscriptions/{changing.number(subscription)}")
    note = page.one(".note.bad").get_text(" ")
    assert "15 seats, not 10" in note


@pytest.fixture
def drifted(subscription, changing, otto, browser_for, worker, shop):
    """Somebody has taken three seats more in the vendor's own portal, and it was read again."""
    with shop.looking() as current:
        there = current.get(Subscription, subscription).vendor_subscription_id
    changing.vendor.resize(there, 13)
    browser = browser_for(otto)
    browser.get(f"/admin/subscriptions/{changing.number(subscription)}")
    browser.submit("Read it now")
    worker("subscriptions.%")
    return browser


def test_a_difference_is_shown_with_its_effect_and_accepted(drifted, subscription, changing, shop):
    page = drifted.get("/admin/drift")
    row = page.one("tbody tr").get_text(" ")
    assert "13" in row
    assert "€30.00" in row
    drifted.get(page.one("a.row")["href"])
    page = drifted.submit("Accept the vendor's")
    assert "Nothing differs" in page.text
    with shop.looking() as current:
        row = current.get(Subscription, subscription)
        assert (row.requested_quantity, row.vendor_quantity) == (13, 13)


def test_our_number_is_pushed_as_a_change_like_any_other(drifted, subscription, changing, shop, worker):
    drifted.get(drifted.get("/admin/drift").one("a.row")["href"])
    drifted.submit("Push ours to the vendor")
    worker("subscriptions.%")
    assert changing.there(subscription).quantity == 10
    with shop.looking() as current:
        assert current.scalars(select(Drift.state)).all() == ["pushed"]
        row = current.get(Subscription, subscription)
        assert (row.requested_quantity, row.vendor_quantity) == (10, 10)


def test_leaving_it_needs_a_reason_and_it_comes_back_when_the_number_changes(
    drifted, subscription, changing, shop, worker
):
    address = drifted.get("/admin/drift").one("a.row")["href"]
    drifted.get(address)
    page = drifted.submit("Leave it as it is")
    assert page.status == 422
    assert "Say why" in page.one("#errors").get_text()
    drifted.submit("Leave it as it is", note="They are asking the vendor.")
    for seats, states in ((13, ["left"]), (14, ["left", "open"])):
        with shop.looking() as current:
            there = current.get(Subscription, subscription).vendor_subscription_id
        if changing.there(subscription).quantity != seats:
            changing.vendor.resize(there, seats)
        drifted.get(f"/admin/subscriptions/{changing.number(subscription)}")
        drifted.submit("Read it now")
        worker("subscriptions.%")
        with shop.looking() as current:
            assert sorted(current.scalars(select(Drift.state)).all()) == states


def test_renewals_ahead_are_listed_with_what_happens_then(
    changing, ann, otto, browser_for, worker, statements
):
    monthly = changing.bought(ann, price="10.00", term="P1M")
    browser = browser_for(otto)
    page = browser.get("/admin/renewals")
    assert "Renews" in page.one("tbody tr").get_text(" ")
    with statements() as seen:
        assert browser.get("/admin/renewals?within=90&then=ends").status == 200
    assert len(seen) <= 10
    path = f"/admin/subscriptions/{changing.number(monthly)}"
    browser.get(f"{path}/cancellation?timing=renewal")
    browser.submit("#change-form", "Cancel the subscription", timing="renewal")
    worker("subscriptions.%")
    assert "Ends" in browser.get("/admin/renewals?then=ends").one("tbody tr").get_text(" ")
    assert "No renewal matches" in browser.get("/admin/renewals?then=changes").text
    with statements() as seen:
        assert browser.get(path).status == 200
    assert len(seen) <= 10


def test_finance_reads_and_others_resellers_see_nothing(subscription, changing, gwen, browser_for):
    number = changing.number(subscription)
    browser = browser_for(gwen)
    assert browser.get(f"/admin/subscriptions/{number}/seats").status == 404
    assert "Nimbus" not in browser.get("/admin/renewals?within=90").html
    assert "Nimbus" not in browser.get("/admin/drift?view=settled").html
