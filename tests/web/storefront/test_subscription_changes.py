"""Changing a subscription in the shop: what it comes to is shown before, it waits when it must, and nothing typed is lost."""

import pytest
from sqlalchemy import select

from app.domain.approvals.models import ApprovalRequest
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
def path(changing, ann):
    """The page of Ann's subscription: 10 seats that cost the reseller 7.13 and are asked at 10.00 a month."""
    return "/subscriptions/" + changing.number(changing.bought(ann, cost="85.56"))


def test_more_seats_from_the_page_to_the_vendor(path, changing, ann, browser_for, worker):
    browser = browser_for(ann)
    browser.get(path)
    page = browser.follow("Change the quantity")
    assert "At the vendor now: 10." in page.text
    page = browser.submit("#change-form", "Work out the price", quantity="14")
    assert page.status == 200
    sums = page.one("#change-sums").get_text(" ")
    assert "10 → 14" in sums
    assert "€140.00" in sums
    assert "7.13" not in page.html
    page = browser.submit("#change-form", "Change the quantity", note="Four new people.")
    assert page.path == path
    assert "is on its way" in page.text
    assert page.one("#subscription")["hx-get"] == f"/parts{path}"
    worker("subscriptions.%")
    page = browser.get(path)
    assert "14 × " in page.one(".facts").get_text(" ")
    assert "Four new people." in page.text
    assert not page.one("#subscription").has_attr("hx-get")
    assert "€140.00" in page.one(".summary .total").get_text()


def test_over_the_threshold_it_waits_and_can_be_taken_back(path, changing, ann, browser_for, worker):
    browser = browser_for(ann)
    browser.get(f"{path}/seats?quantity=90")
    page = browser.submit("#change-form", "Change the quantity")
    assert "waits for approval" in page.text
    page = browser.get(f"{path}/seats")
    page = browser.submit("#change-form", "Change the quantity", quantity="12")
    assert page.status == 409
    assert "Only one can be made at a time" in page.text
    assert page.one("[name=quantity]")["value"] == "12"
    browser.get(path)
    page = browser.submit("Take it back")
    assert "is taken back" in page.text
    worker("subscriptions.%")
    assert changing.vendor.changes == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [("ten", "Enter a whole number"), ("10", "There are 10 already"), ("0", "at least 1"), ("-3", "whole")],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_typed_is_lost(
    path, ann, browser_for, typed, said
):
    browser = browser_for(ann)
    browser.get(f"{path}/seats")
    page = browser.submit("#change-form", "Change the quantity", quantity=typed, note="Because.")
    assert page.status == 422
    assert said in page.one("#errors").get_text()
    assert page.one("[name=quantity]")["value"] == typed
    assert "Because." in page.one("[name=note]").get_text()
    assert browser.get(f"{path}/seats?quantity={typed}").status == 200


def test_the_page_says_how_it_ends_and_until_when_that_can_be_chosen(
    path, changing, ann, browser_for, worker
):
    browser = browser_for(ann)
    browser.get(path)
    page = browser.follow("Cancel")
    assert "It runs until" in page.text
    assert "cannot be undone" in page.text
    page = browser.submit("#change-form", "Work out the price", timing="now")
    assert "You get back" in page.one("#change-sums").get_text(" ")
    browser.submit("#change-form", "Cancel the subscription", timing="renewal")
    worker("subscriptions.%")
    page = browser.get(path)
    assert "Ends" in page.one(".facts").get_text(" ")
    assert "Renew after all" in page.text


def test_the_renewal_is_booked_with_another_number(path, changing, ann, browser_for, worker):
    browser = browser_for(ann)
    browser.get(f"{path}/renewal?quantity=8")
    assert "Less over the next term" in browser.page.one("#change-sums").get_text(" ")
    browser.submit("#change-form", "Book it for the renewal")
    worker("subscriptions.%")
    page = browser.get(path)
    assert "Booked for the renewal" in page.text
    assert "8 × " in page.text
    assert browser.get(f"{path}/term").status == 200


def test_who_may_not_buy_changes_nothing_and_others_see_nothing(path, ann, bea, liam, gwen, browser_for):
    browser = browser_for(bea)
    page = browser.get(path)
    assert page.status == 200
    assert not page.all("#change-actions")
    for noun in ("seats", "cancellation", "renewal", "term"):
        assert browser.get(f"{path}/{noun}").status == 403
        assert browser_for(liam).get(f"{path}/{noun}").status == 404


def test_the_subscriptions_page_takes_at_most_six_statements(path, changing, ann, browser_for, statements):
    browser = browser_for(ann)
    for wanted in (11, 12, 13):
        browser.get(f"{path}/seats?quantity={wanted}")
        browser.submit("#change-form", "Change the quantity")
        changing.worker("subscriptions.%")
    for address in (path, f"/parts{path}"):
        browser.get(address)
        with statements() as seen:
            assert browser.get(address).status == 200
        assert len(seen) <= 6, seen


def test_the_customers_approver_decides_a_change_in_the_shop(
    path, changing, ann, paul, liam, otto, nimbus, shop, browser_for, worker
):
    shop.policy(otto, nimbus, over("1000", asks="customer"))
    browser = browser_for(ann)
    browser.get(f"{path}/seats?quantity=30")
    browser.submit("#change-form", "Change the quantity")
    with shop.looking() as current:
        request = current.scalars(select(ApprovalRequest.id)).one()
    assert browser_for(liam).get(f"/approvals/{request}").status == 404
    browser = browser_for(paul)
    page = browser.get(f"/approvals/{request}")
    assert "10 → 30 seats" in page.text
    browser.submit("form[data-decide]", "Approve")
    worker("subscriptions.%")
    assert "30 × " in browser.get(path).one(".facts").get_text(" ")
