"""A vendor raises a price: the guard finds what now sells at a loss, holds new orders, and somebody decides."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.core import clock
from app.core.errors import Invalid
from app.core.jobs import registry
from app.domain.catalog.queries import shelf
from app.domain.pricing import actions
from app.domain.pricing.rules.checks import RuleInput
from tests.support.shopping import Shopping, over


@pytest.fixture
def shop(app):
    shelf._kept.clear()
    yield Shopping(app)
    shelf._kept.clear()


def look(app, worker):
    with app.app_context():
        registry["pricing.sweep_all_margins"].handler()
    worker("pricing.%")


def test_a_rise_is_found_held_accepted_and_closed(
    app, browser_for, in_scope, olivia, sam, ann, nimbus, shop, worker
):
    offer = shop.offer("20.00", cost="10.00")
    shop.policy(olivia, None, over("10000"))
    with in_scope(olivia):
        book = actions.make_book("Nimbus", "EUR", [RuleInput("fixed", Decimal(11))], by=olivia.actor)
        actions.assign(book, account_id=nimbus.id, by=olivia.actor)
    desk = browser_for(olivia)
    desk.get("/admin/pricing-settings")
    page = desk.submit("Save", guard="approval", least_margin_percent="101")
    assert (page.status, "under 100" in page.text) == (422, True)
    assert "Saved" in desk.submit("Save", guard="approval", least_margin_percent="5", notice_days="0").text
    assert "Everything earns what it must" in desk.get("/admin/margin-guard").text
    assert shop.state(shop.order(ann, [(offer, 3)])) == "confirmed"

    with in_scope():
        shop.price(offer, "22.00", cost="12.00", since=clock.now())
    held = shop.order(ann, [(offer, 4)])
    assert shop.state(held) == "on_hold"
    buyer = browser_for(ann)
    assert "A price in it is looked at first." in buyer.get(buyer.get("/orders").link("O-")).text

    look(app, worker)
    page = desk.get("/admin/margin-guard")
    assert "Under cost" in page.text
    assert "€77.00" in page.text  # sold in 90 days: seven at 11.00
    page = desk.follow("Product 1")
    assert "At stake in a year" in page.text
    page = desk.submit("Save the decision", decision="accepted")
    assert (page.status, "Say why" in page.text) == (422, True)
    until = (clock.now() + timedelta(days=30)).date().isoformat()
    page = desk.submit("Save the decision", decision="accepted", until=until, comment="Agreed with Nimbus.")
    assert "Decided." in page.text
    assert (
        "Agreed with Nimbus."
        in desk.get(desk.get("/admin/margin-guard?state=accepted").link("Product 1")).text
    )
    assert shop.state(shop.order(ann, [(offer, 1)])) == "confirmed"

    with in_scope():
        shop.price(offer, "24.00", cost="13.00", since=clock.now())
    desk.get("/admin/pricing-settings")
    desk.submit("Save", guard="closed")
    view = shop.fill(ann, [(offer, 1)])
    with pytest.raises(Invalid, match="cannot be ordered at the moment"):
        shop.checkout(ann, view)
    look(app, worker)
    desk.get("/admin/margin-guard")
    desk.follow("Product 1")
    desk.submit("Save the decision", decision="closed")
    assert browser_for(sam).get("/admin/margin-guard").status == 403


def test_a_resellers_own_rate_goes_before_the_distributors(browser_for, in_scope, olivia, dora, shop):
    with in_scope():
        actions.set_rate("EUR", "USD", Decimal("1.1"), by=dora.actor)
    desk = browser_for(olivia)
    page = desk.get("/admin/exchange-rates")
    assert "No rates of your own" in page.text
    assert "1 EUR → USD" in page.text
    desk.follow("Set a rate")
    page = desk.submit("Set the rate", base="EUR", quote="USD", rate="1.25", margin_percent="2")
    assert "1.275" in page.text
    assert "Olivia Brandt" in desk.follow("1 EUR → USD").text
    desk.get("/admin/exchange-rates")
    assert "The distributor's rate counts" in desk.submit("End now : EUR USD").text
    assert browser_for(olivia).get("/distributor/exchange-rates").status == 403
