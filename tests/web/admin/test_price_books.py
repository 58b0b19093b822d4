"""Price books: made, ruled, previewed, published, given to customers."""

from decimal import Decimal

import pytest

from app.domain.pricing.queries import quotes


@pytest.fixture
def book(browser_for, otto, shop):
    """A browser on the page of a fresh book of cost plus 18 %, still a draft."""
    browser = browser_for(otto)
    browser.get("/admin/price-books/new")
    browser.submit("Make the draft", name="Standard", currency="EUR", base="cost", kind="percent", value="18")
    return browser


def price_of(in_scope, whose, offer, account=None):
    with in_scope(whose):
        return quotes([(offer, 1)], account_id=account.id if account else None)[offer].unit_cycle_price


def test_a_draft_shows_what_it_would_make_of_offers_and_prices_nothing(book, in_scope, otto, shop):
    offer = shop.offer("100.00", cost="80.00", term="P1Y", billing_plan="annual")
    page = book.get(book.page.path)
    assert "This is a draft" in page.text
    assert "cost plus 18 %" in page.text
    assert "€94.40" in page.text
    assert price_of(in_scope, otto, offer) == Decimal("100.00")


def test_the_whole_way_from_rules_to_a_customers_price(book, in_scope, otto, nimbus, shop):
    fixed = shop.offer("100.00", cost="80.00", term="P1Y", billing_plan="annual")
    listed = shop.offer("50.00", cost="40.00", term="P1Y", billing_plan="annual")
    other = shop.offer("10.00", cost="8.00")
    home = book.page.path.split("?")[0]
    book.get(f"{home}/rules/new?selector=offer&q=product 1")
    book.submit("Save in the draft", target_id=str(fixed), kind="fixed", value="99.90")
    assert "fixed at €99.90" in book.page.text
    book.get(f"{home}/rules/new?selector=product&q=product 2")
    target = book.page.one("[name=target_id]")["value"]
    book.submit("Save in the draft", target_id=target, kind="list_minus", value="5")
    assert "list price less 5 %" in book.page.text
    book.follow("Publish")
    page = book.submit("Publish", when="now")
    assert "Version 1 is published" in page.text
    book.get(f"{home}/assignments")
    page = book.submit("Give it to them", account_id=str(nimbus.id))
    assert "Nimbus GmbH" in page.text
    assert price_of(in_scope, otto, fixed, nimbus) == Decimal("99.90")
    assert price_of(in_scope, otto, listed, nimbus) == Decimal("47.50")
    assert price_of(in_scope, otto, other, nimbus) == Decimal("9.44")
    assert price_of(in_scope, otto, other) == Decimal("10.00")


def test_a_published_version_cannot_be_changed_but_followed(book, otto):
    home = book.page.path.split("?")[0]
    book.follow("Publish")
    page = book.submit("Publish", when="now")
    assert "Add rule" not in page.text
    page = book.submit("Start the next version")
    assert "version 2" in page.text
    change = book.page.link("Change")
    page = book.get(change if "/rules/" in change else f"{home}/rules/new?selector=default")
    assert page.status == 200


def test_a_rule_that_cannot_be_is_refused_at_its_field(book):
    home = book.page.path.split("?")[0]
    for kind, typed in (
        ("percent", "abc"),
        ("percent", "-100"),
        ("margin", "100"),
        ("fixed", "-1"),
        ("fixed", ""),
    ):
        book.get(f"{home}/rules/new?selector=default")
        page = book.submit("Save in the draft", kind=kind, value=typed, min_quantity="10")
        assert page.status == 422, (kind, typed)
        assert page.one("#value-error"), (kind, typed)
        assert page.one("#value")["value"] == typed


def test_a_second_rule_for_the_same_is_refused_and_both_are_named(book):
    home = book.page.path.split("?")[0]
    book.get(f"{home}/rules/new?selector=default")
    page = book.submit("Save in the draft", kind="percent", value="20")
    assert page.status == 422
    assert "cost plus 20 %" in page.one("#errors").text
    assert "cost plus 18 %" in page.one("#errors").text


def test_publishing_for_later_waits_and_can_be_taken_back(book):
    book.follow("Publish")
    page = book.submit("Publish", when="at", at="")
    assert page.status == 422
    page = book.submit("Publish", when="at", at="2020-01-01T00:00")
    assert page.status == 422
    assert "in the past" in page.one("#at-error").text
    page = book.submit("Publish", when="at", at="2099-01-01T00:00")
    assert "Takes effect on 1 Jan 2099, 00:00" in page.text
    page = book.submit("Take it back")
    assert "will not take effect" in page.text


def test_a_customers_book_is_chosen_on_its_page(book, otto, nimbus):
    book.follow("Publish")
    book.submit("Publish", when="now")
    book.get(f"/admin/accounts/{nimbus.id}/prices")
    standard = next(o["value"] for o in book.page.all("#book_id option") if "Standard" in o.text)
    book.submit("Save", book_id=standard)
    assert "Chosen for this customer" in book.get(f"/admin/accounts/{nimbus.id}").text
    book.get(f"/admin/accounts/{nimbus.id}/prices")
    book.submit("End now : Standard")
    assert "list prices" in book.get(f"/admin/accounts/{nimbus.id}").text


def test_a_book_in_use_is_not_put_away(book, nimbus):
    home = book.page.path.split("?")[0]
    book.follow("Publish")
    book.submit("Publish", when="now")
    book.get(f"{home}/assignments")
    book.submit("Give it to them", account_id="")
    assert "Still in use" in book.get(f"{home}/archive").text
    forged = book.post(f"{home}/archive", book.csrf())
    assert forged.status == 409


def test_sales_reads_books_without_cost_and_changes_none(browser_for, sam, book, shop):
    shop.offer("100.00", cost="80.00", term="P1Y", billing_plan="annual")
    home = book.page.path.split("?")[0]
    browser = browser_for(sam)
    page = browser.get(home)
    assert page.status == 200
    assert "80.00" not in page.html
    assert "Margin" not in page.text
    assert "Add rule" not in page.text
    assert browser.get("/admin/price-books/new").status == 403


def test_another_resellers_book_is_not_there(browser_for, gwen, book):
    home = book.page.path.split("?")[0]
    browser = browser_for(gwen)
    for path in ("", "/publication", "/assignments", "/name", "/archive", "/draft/removal", "/rules/new"):
        assert browser.get(home + path).status == 404, path
    assert "Standard" not in browser.get("/admin/price-books").text
