"""What publishing a version would do, what differs between versions, the way back, and the log of it all."""

from decimal import Decimal

import pytest

from app.domain.pricing import actions
from app.domain.pricing.actions import many
from app.domain.pricing.queries import quotes
from app.domain.pricing.rules.checks import RuleInput


@pytest.fixture
def desk(browser_for, otto, nimbus, shop, in_scope):
    """A browser; Nimbus pays cost plus 18 % for two offers (costs 80 and 8), and a draft says plus 25 % and one fixed price."""
    offers = [
        shop.offer("100.00", cost="80.00", term="P1Y", billing_plan="annual"),
        shop.offer("10.00", cost="8.00"),
    ]
    with in_scope(otto):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", Decimal(18))], by=otto.actor)
        actions.assign(book, account_id=nimbus.id, by=otto.actor)
        draft = actions.draft_of(book, by=otto.actor)
        many.rule_selector(draft, RuleInput("percent", Decimal(25)), by=otto.actor)
        many.rule_offers(draft, offers[1:], RuleInput("fixed", Decimal("7.50")), by=otto.actor)
        book_id = book.id
    browser = browser_for(otto)
    browser.home, browser.offers = f"/admin/price-books/{book_id}", offers
    return browser


def test_publishing_shows_first_what_it_will_do(desk):
    page = desk.get(f"{desk.home}/publication")
    for shown in (
        "2 rules differ", "cost plus 18 %", "cost plus 25 %", "fixed at €7.50", "2 of 2", "€94.40", "€100.00", "€9.44", "€7.50",
        "1 customer", "Nimbus GmbH",
    ):  # fmt: skip
        assert shown in page.text, shown
    assert [row.text for row in page.all("dd.bad-ink")] == ["1"]  # one line under cost
    assert len(page.all("#moves-EUR")) == 1


def test_versions_are_compared_and_one_returns_as_a_new_one(desk, in_scope, otto, nimbus):
    desk.get(f"{desk.home}/publication")
    desk.submit("Publish", when="now", note="dearer")
    page = desk.get(f"{desk.home}/versions")
    assert "dearer" in page.text
    page = desk.get(f"{desk.home}/comparison?from=1&to=2&prices=yes")
    for shown in ("From version 1 to version 2", "New", "fixed at €7.50", "Dearer", "€100.00"):
        assert shown in page.text, shown
    assert desk.get(f"{desk.home}/comparison?from=1&to=9").status == 404
    desk.get(f"{desk.home}/versions")
    assert "Return to it" in desk.get(f"{desk.home}/versions").text
    page = desk.post(f"{desk.home}/versions/1/return", desk.csrf(), follow=True)
    assert page.path.endswith("/publication")
    assert "Taken out" in page.text
    desk.submit("Publish", when="now")
    with in_scope(otto):
        found = quotes([(offer, 1) for offer in desk.offers], account_id=nimbus.id)
        assert [found[offer].unit_cycle_price for offer in desk.offers] == [Decimal("94.40"), Decimal("9.44")]
    assert "version 3" in desk.get(desk.home).text


def test_an_earlier_version_waits_for_the_draft_to_be_done(desk):
    forged = desk.post(f"{desk.home}/versions/1/return", desk.csrf() if desk.get(desk.home) else {})
    assert forged.status == 409


def test_the_log_tells_who_changed_what_and_from_where_and_is_exported(desk, browser_for, gwen):
    desk.get(f"{desk.home}/lines?open={desk.offers[0]}")
    desk.submit("Save in the draft", kind="fixed", value="1")
    page = desk.get("/admin/price-books/log")
    for shown in (
        "Set the rules of 1 lines",
        "Otto",
        "Standard",
        "127.0.0.1",
        "Chose who pays by a price book",
    ):
        assert shown in page.text, shown
    assert "Chose who pays" not in desk.get("/admin/price-books/log?kind=rules").text
    assert "No change matches" in desk.get("/admin/price-books/log?until=2020-01-01").text
    file = desk.get("/admin/price-books/log.csv?kind=rules")
    assert file.response.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = file.html.splitlines()
    assert lines[0].endswith("at,who,book,version,event,what,address,device,details")
    assert any("price_rule.set_for_many" in line and "127.0.0.1" in line for line in lines)
    assert "Standard" not in browser_for(gwen).get("/admin/price-books/log").text


def test_the_distributor_prices_to_resellers_at_the_same_desk(
    browser_for, dora, otto, acme, shop, in_scope, desk
):
    browser = browser_for(dora)
    browser.get("/distributor/price-books/new")
    page = browser.submit(
        "Make the draft", name="Resellers", currency="EUR", base="cost", kind="percent", value="4"
    )
    home = page.path.split("?")[0]
    assert home.startswith("/distributor/price-books/")
    page = browser.get(f"{home}/lines?sort=-percent&open={desk.offers[0]}")
    assert "€83.20" in page.text
    assert "Why this price?" in page.text
    page = browser.submit("Save in the draft", kind="percent", value="5")
    assert "€84.00" in page.text
    browser.get(f"{home}/publication")
    assert "Version 1 is published" in browser.submit("Publish", when="now").text
    # each keeps to its own books
    assert "Standard" not in browser.get("/distributor/price-books").text
    assert browser.get(desk.home.replace("/admin", "/distributor")).status == 404
    assert browser.get("/admin/price-books").status == 403
    assert desk.get("/distributor/price-books").status == 403
    assert desk.get(home.replace("/distributor", "/admin")).status == 404


def test_a_book_is_made_with_the_rules_of_another(desk):
    desk.get("/admin/price-books/new")
    source = next(o["value"] for o in desk.page.all("#source option") if "Standard" in o.text)
    page = desk.submit("Make the draft", name="Standard", source=source)
    assert page.status == 422
    assert page.one("#name-error")
    page = desk.submit("Make the draft", name="Premium", source=source)
    assert "cost plus 18 %" in page.text
    assert "fixed at" not in page.text  # of the version in force, not of the draft
    change = desk.page.link("Change : everything else")
    assert "Which rule decides" in desk.get(change).text
