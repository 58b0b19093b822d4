"""Rates, resellers and vendors in the distributor's console."""

from decimal import Decimal

import pytest

from app.core.db import session
from app.domain.pricing.models import ExchangeRate
from tests.support.shopping import Shopping


def test_a_rate_is_set_by_hand_with_a_margin_and_ended(browser_for, in_scope, dora):
    browser = browser_for(dora)
    browser.get("/distributor/exchange-rates")
    assert "No rates yet" in browser.page.text
    browser.follow("Set a rate")
    page = browser.submit("Set the rate", base="EUR", quote="USD", rate="1.0842", margin_percent="2")
    assert "1 EUR is 1.0842 USD" in page.text
    assert "1.105884" in page.text
    with in_scope():
        rate = session().query(ExchangeRate).one()
        assert (rate.source, rate.rate, rate.margin_percent) == ("hand", Decimal("1.0842"), Decimal(2))
    page = browser.submit("End now : EUR USD")
    assert "Ended." in page.text
    assert "No rates yet" in page.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [("rate", "0"), ("rate", "-1"), ("rate", "1e9"), ("rate", "abc"), ("margin_percent", "100")],
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(browser_for, dora, field, typed):
    browser = browser_for(dora)
    browser.get("/distributor/exchange-rates/new")
    page = browser.submit("Set the rate", **{"base": "EUR", "quote": "USD", "rate": "1.1", field: typed})
    assert page.status == 422
    assert page.one(f"#{field}-error")
    assert page.one(f"#{field}")["value"] == typed


def test_a_currency_is_not_changed_into_itself(browser_for, dora):
    browser = browser_for(dora)
    browser.get("/distributor/exchange-rates/new")
    page = browser.submit("Set the rate", base="EUR", quote="EUR", rate="1")
    assert "two different currencies" in page.one("#quote-error").text


def test_the_central_banks_table_is_loaded_once(browser_for, dora):
    browser = browser_for(dora)
    browser.get("/distributor/exchange-rates")
    page = browser.submit("Load the rates", margin_percent="1")
    assert "rates are new" in page.text
    assert "Central Bank" in page.text
    assert "loaded already" in browser.submit("Load the rates").text
    assert "1 EUR → USD" in browser.get("/distributor/exchange-rates?q=usd").text
    assert "No rate matches" in browser.get("/distributor/exchange-rates?q=zzz").text


def test_resellers_are_listed_with_their_shops_and_opened_and_closed(browser_for, dora, acme, globex, ann):
    browser = browser_for(dora)
    page = browser.get("/distributor/resellers")
    assert "Acme Cloud" in page.text
    assert "Globex Digital" in page.text
    assert "Globex" not in browser.get("/distributor/resellers?q=acme").one("main").text
    page = browser.get("/distributor/resellers/acme")
    assert "acme.localhost" in page.text
    browser.follow("Close the shop")
    assert "under its own brand" in browser.page.text
    page = browser.submit("Close the shop")
    assert "is closed" in page.text
    assert "Closed" in browser.get("/distributor/resellers?shop=closed").text
    browser.get("/distributor/resellers/acme/opening")
    assert "is open" in browser.submit("Open the shop").text


def test_the_distributor_sees_what_the_reseller_pays_and_not_what_it_asks(
    browser_for, app, dora, olivia, ann
):
    shop = Shopping(app)
    shop.policy(olivia, None)
    shop.order(ann, [(shop.offer("33.33", cost="12.34"), 1)])
    page = browser_for(dora).get("/distributor/resellers/acme")
    assert "€12.34" in page.text
    assert "33.33" not in page.text


def test_vendors_are_listed_with_their_offers(browser_for, app, dora):
    shop = Shopping(app)
    shop.offer()
    shop.offer()
    page = browser_for(dora).get("/distributor/vendors")
    assert "Microsoft" in page.text
    assert "never" in page.text
    assert "No vendor matches" in browser_for(dora).get("/distributor/vendors?q=zebra").text


def test_an_unknown_reseller_is_not_there(browser_for, dora):
    assert browser_for(dora).get("/distributor/resellers/nobody").status == 404


LISTS = ["", "/price-sheets", "/exchange-rates", "/resellers", "/vendors"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_as_many_statements_with_more_in_it(path, browser_for, app, dora, seeds, statements):
    browser = browser_for(dora)
    counts = []
    for keys in (("acme",), ("globex", "nimbus", "quill", "harbour")):
        for key in keys:
            seeds.meet(key)
        browser.get(f"/distributor{path}")
        with statements() as seen:
            assert browser.get(f"/distributor{path}").status == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 10
