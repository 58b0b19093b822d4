"""Who pays by which book, chosen on a customer's page, a subscription's, the distributor's; and promotions on either side."""

import io
import json
from decimal import Decimal

import pytest

from app.domain.pricing import actions
from app.domain.pricing.queries import quotes
from app.domain.pricing.rules.checks import RuleInput
from app.domain.vendors import Vendors
from tests.support.fake_vendor import FakeVendor
from tests.support.shopping import over

D = Decimal


@pytest.fixture
def fake_vendor_sells(app, monkeypatch, shop, otto, worker):
    """Ann buys an offer and has it: no question asked, and a vendor inside the test."""
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": FakeVendor()}))
    shop.policy(otto, None, over("100000"))

    def buy(who, offer):
        shop.order(who, [(offer, 3)])
        worker("orders.%")

    return buy


def book(in_scope, who, name, percent):
    with in_scope(who):
        return str(actions.make_book(name, "EUR", [RuleInput("percent", D(percent))], by=who.actor).id)


def price(in_scope, whose, offer, account=None):
    with in_scope(whose):
        quote = quotes([(offer, 1)], account_id=account and account.id)[offer]
        return quote.unit_cycle_price, quote.unit_cycle_cost


def test_a_customers_books_in_the_order_in_which_they_count(browser_for, in_scope, otto, nimbus, shop):
    offer = shop.offer("20.00", cost="10.00")
    wide, narrow = book(in_scope, otto, "Wide", 20), book(in_scope, otto, "Narrow", 30)
    desk = browser_for(otto)
    path = f"/admin/accounts/{nimbus.id}/prices"
    assert "It pays list price" in desk.get(path).text
    desk.submit("Save", book_id=wide)
    assert price(in_scope, otto, offer, nimbus)[0] == D("12.00")
    page = desk.submit("Save", book_id=narrow, vendor_id=str(shop.vendor))
    assert "for Microsoft" in page.text
    assert page.text.index("Narrow for Microsoft") < page.text.index("Wide for everything")
    assert price(in_scope, otto, offer, nimbus)[0] == D("13.00")
    page = desk.submit("Save", book_id=wide, at="2020-01-01T00:00")
    assert (page.status, "in the past" in page.text) == (422, True)
    desk.get(path)
    desk.submit("End now : Narrow")
    assert price(in_scope, otto, offer, nimbus)[0] == D("12.00")
    desk.get(f"/admin/price-books/{narrow}/assignments")
    desk.submit("Give it to them", account_id="", vendor_id=str(shop.vendor))
    assert price(in_scope, otto, offer)[0] == D("13.00")
    assert "the default" in desk.get(path).text


def test_a_subscription_has_a_book_of_its_own(
    browser_for, in_scope, otto, ann, nimbus, shop, worker, fake_vendor_sells
):
    from app.domain.subscriptions.models import Subscription

    offer = shop.offer("20.00", cost="10.00")
    own = book(in_scope, otto, "Special", 5)
    fake_vendor_sells(ann, offer)
    with in_scope(otto) as session:
        row = session.query(Subscription).one()
        number, key = row.number, row.id
    desk = browser_for(otto)
    desk.get(f"/admin/subscriptions/{number}")
    desk.follow("Choose one of its own")
    assert "It pays list price" in desk.page.text
    desk.submit("Save", book_id=own)
    with in_scope(otto):
        quote = quotes([(offer, 1)], account_id=nimbus.id, subscription_id=key)[offer]
        assert quote.unit_cycle_price == D("10.50")
        assert quotes([(offer, 1)], account_id=nimbus.id)[offer].unit_cycle_price == D("20.00")
    desk.get(f"/admin/subscriptions/{number}/price-book")
    assert "follows its customer's" in desk.submit("End now : Special").text


def test_the_distributor_prices_by_program_and_by_reseller(browser_for, in_scope, dora, acme, shop):
    offer = shop.offer("20.00", cost="10.00")
    gold, special = book(in_scope, dora, "Gold", -5), book(in_scope, dora, "Special", -8)
    desk = browser_for(dora)
    desk.get("/distributor/programs")
    desk.follow("New program")
    desk.submit("Make the program", vendor_id=str(shop.vendor), name="CSP Gold")
    desk.submit("Let it join", tenant_id=str(acme.id))
    assert "Acme Cloud" in desk.page.one("#members-title").parent.parent.get_text()
    desk.submit("Choose it", book_id=gold)
    assert price(in_scope, acme, offer)[1] == D("9.50")
    desk.get("/distributor/resellers/acme")
    desk.follow("What it pays")
    assert "program “CSP Gold”" in desk.page.text
    desk.submit("Save", book_id=special)
    assert price(in_scope, acme, offer)[1] == D("9.20")
    desk.submit("End now : Special")
    desk.get("/distributor/programs")
    desk.follow("CSP Gold")
    desk.submit("Take out : Acme Cloud")
    assert price(in_scope, acme, offer)[1] == D("10.00")


def test_a_promotion_from_the_vendors_file_to_the_shop(browser_for, in_scope, dora, otto, ann, nimbus, shop):
    from datetime import timedelta

    from app.core import clock

    offer = shop.offer("20.00", cost="10.00")
    mine = book(in_scope, otto, "Nimbus", 20)
    desk, reseller, buyer = browser_for(dora), browser_for(otto), browser_for(ann)
    reseller.get(f"/admin/accounts/{nimbus.id}/prices")
    reseller.submit("Save", book_id=mine)
    told = {
        "items": [
            {
                "id": "39NFJQT1PJQB:0001:39NFJQT1Q5KN",
                "name": "Autumn",
                "startDate": (clock.now() - timedelta(days=1)).isoformat(),
                "endDate": (clock.now() + timedelta(days=9)).isoformat(),
                "requiredProducts": [
                    {
                        "productId": "CFQ00001",
                        "skuId": "0001",
                        "term": {"duration": "P1M", "billingCycle": "Monthly"},
                        "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.25"}],
                    }
                ],
            }
        ]
    }
    desk.get("/distributor/promotions")
    desk.follow("Read a file")
    page = desk.submit("Read the file", file=(io.BytesIO(b"{"), "x.json"), market="DE", segment="commercial")
    assert (page.status, "begins like JSON" in page.text) == (422, True)
    file = (io.BytesIO(json.dumps(told).encode()), "promotions.json")
    page = desk.submit("Read the file", file=file, market="DE", segment="commercial")
    assert "1 new" in page.text
    assert "25 %" in page.text
    assert price(in_scope, otto, offer, nimbus) == (D("9.00"), D("7.50"))
    page = buyer.get(buyer.get("/catalogue").link("Product 1"))
    assert "€9.00" in page.text
    assert "€12.00" in page.one(".was").get_text()
    assert "7.50" not in page.html
    page = reseller.get("/admin/promotions")
    assert "Autumn" in page.text
    reseller.follow("Change : Nimbus")
    reseller.submit("Save", passes="no", running_terms="period")
    with in_scope(otto):
        from uuid import UUID

        from app.domain.pricing.queries import book as find

        found = find(UUID(mine))
        assert found.running_terms == "period"
        actions.publish(actions.draft_of(found, by=otto.actor), by=otto.actor)
    assert price(in_scope, otto, offer, nimbus) == (D("12.00"), D("7.50"))
    desk.get("/distributor/promotions")
    desk.submit("End now : Autumn")
    assert price(in_scope, otto, offer, nimbus) == (D("12.00"), D("10.00"))
    desk.follow("New promotion")
    typed = {"code": "X", "name": "Typed", "percent": "10", "ends_at": "2099-01-01T00:00"}
    page = desk.submit("Enter the promotion", products="CFQ9", **typed)
    assert "Nothing of CFQ9 is sold" in page.one("#products-error").get_text()
    assert (
        "The promotion is entered"
        in desk.submit("Enter the promotion", products="CFQ00001:0001", **typed).text
    )
