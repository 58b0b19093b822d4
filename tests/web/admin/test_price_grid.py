"""The grid of a price book: looked through, sorted, changed line by line and many at once."""

from decimal import Decimal

import pytest

from app.domain.pricing import actions
from app.domain.pricing.queries.books import rules_with_names
from app.domain.pricing.rules.checks import RuleInput


@pytest.fixture
def grid(browser_for, otto, shop, in_scope):
    """A browser on the grid of a draft of cost plus 18 %, with four offers: costs 80, 40, 8 and 90 (list 85)."""
    offers = [
        shop.offer("100.00", cost="80.00", term="P1Y", billing_plan="annual"),
        shop.offer("50.00", cost="40.00"),
        shop.offer("10.00", cost="8.00"),
        shop.offer("85.00", cost="90.00", term="P1Y", billing_plan="annual"),
    ]
    with in_scope(otto):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", Decimal(18))], by=otto.actor)
        actions.draft_of(book, by=otto.actor)
        book_id = book.id
    browser = browser_for(otto)
    browser.home = f"/admin/price-books/{book_id}"
    browser.offers = offers
    browser.get(f"{browser.home}/lines")
    return browser


def titles(page):
    return [cell.text.split("1 ")[0].strip() for cell in page.all("tr[data-row] th > a")]


def rules(in_scope, otto, browser):
    from app.domain.reports.queries import price_books

    with in_scope(otto):
        detail = price_books.book(browser.home.rsplit("/", 1)[1])
        return {
            (line.rule.selector, line.rule.kind, line.rule.value) for line in rules_with_names(detail.draft)
        }


def test_the_grid_shows_costs_prices_margins_and_where_they_come_from(grid, browser_for, sam):
    page = grid.page
    first = page.all("tr[data-row]")[0].text
    for shown in ("€80.00", "€100.00", "€94.40", "€14.40", "15.25 %", "cost plus 18 %", "Everything"):
        assert shown in first, shown
    page = grid.get(f"{grid.home}/lines?sort=-percent")
    assert len(page.all("tr[data-row]")) == 4
    assert len(grid.get(f"{grid.home}/lines?term=P1M").all("tr[data-row]")) == 2
    assert len(grid.get(f"{grid.home}/lines?q=product+2").all("tr[data-row]")) == 1
    assert "No line matches" in grid.get(f"{grid.home}/lines?flag=cost").text
    hidden = browser_for(sam).get(f"{grid.home}/lines?sort=cost&flag=cost")
    assert hidden.status == 200
    assert "80.00" not in hidden.html.replace("180.00", "")
    assert "Margin" not in hidden.text


def test_prices_and_margins_sort_the_whole_list(grid):
    by_price = grid.get(f"{grid.home}/lines?sort=price")
    shown = [row.text for row in by_price.all("tr[data-row]")]
    assert [next(p for p in ("€9.44", "€47.20", "€94.40", "€106.20") if p in row) for row in shown] == [
        "€9.44", "€47.20", "€94.40", "€106.20",
    ]  # fmt: skip


def test_one_line_is_changed_in_place_and_follows_the_wider_rule_again(grid, in_scope, otto):
    offer = grid.offers[1]
    page = grid.get(f"{grid.home}/lines?open={offer}&term=P1M")
    assert "Why this price?" in page.text
    assert "The vendor asks" in page.text
    page = grid.submit("Save in the draft", kind="fixed", value="x")
    assert page.status == 422
    assert page.one("#value-error")
    assert page.one("#value")["value"] == "x"
    page = grid.submit("Save in the draft", kind="fixed", value="49.90")
    assert page.path.startswith(f"{grid.home}/lines?term=P1M")
    assert "Own rule" in page.text
    assert "€49.90" in page.text
    assert ("offer", "fixed", Decimal("49.90")) in rules(in_scope, otto, grid)
    grid.get(f"{grid.home}/lines?open={offer}")
    page = grid.submit("Follow the wider rule")
    assert "Own rule" not in page.text
    assert "€47.20" in page.text


def test_all_that_match_become_one_rule_where_one_says_the_same_and_line_rules_where_none_does(
    grid, in_scope, otto
):
    vendor = grid.page.all("#f-vendor option")[1]["value"]
    page = grid.get(f"{grid.home}/lines/changes?scope=all&vendor={vendor}&kind=margin&value=20")
    assert "One rule" in page.text
    assert "rule for the vendor" in page.text
    grid.submit("Save in the draft")
    assert ("vendor", "margin", Decimal(20)) in rules(in_scope, otto, grid)
    page = grid.get(f"{grid.home}/lines/changes?scope=all&term=P1Y&kind=margin&value=18")
    assert "2 rules, one for each line" in page.text
    page = grid.submit("Save in the draft")
    assert "2 lines are changed" in page.text
    assert ("offer", "margin", Decimal(18)) in rules(in_scope, otto, grid)
    assert len(grid.get(f"{grid.home}/lines?rule=own").all("tr[data-row]")) == 2
    page = grid.get(f"{grid.home}/lines/changes?scope=all&vendor={vendor}&kind=percent&value=30")
    assert "2 narrower rules within it" in page.text
    grid.submit("Save in the draft", alone="y")
    assert rules(in_scope, otto, grid) == {
        ("vendor", "percent", Decimal(30)),
        ("default", "percent", Decimal(18)),
    }


def test_a_selection_is_changed_together_and_a_wrong_number_is_refused_before_anything_is(
    grid, in_scope, otto
):
    one, other = grid.offers[:2]
    page = grid.get(f"{grid.home}/lines/changes?scope=chosen&offer={one}&offer={other}&kind=margin&value=100")
    page = grid.submit("Save in the draft")
    assert page.status == 422
    assert page.one("#value-error")
    page = grid.submit("Save in the draft", value="12.5", floor="cost")
    assert "2 lines are changed" in page.text
    assert ("offer", "margin", Decimal("12.5")) in rules(in_scope, otto, grid)
    page = grid.get(f"{grid.home}/lines/changes?scope=chosen")
    assert "Choose some lines first" in page.text


def test_a_published_version_is_only_read(grid, browser_for, gwen):
    page = grid.get(f"{grid.home}/lines?version=1&open={grid.offers[0]}")
    assert "Save in the draft" not in page.text
    assert "Why this price?" in page.text
    assert not page.all("#bulk")
    assert browser_for(gwen).get(f"{grid.home}/lines").status == 404


def test_the_grid_takes_few_statements_however_it_is_sorted(grid, statements):
    for query in ("", "?sort=-margin", "?flag=floor", f"?open={grid.offers[0]}"):
        grid.get(f"{grid.home}/lines{query}")
        with statements() as seen:
            assert grid.get(f"{grid.home}/lines{query}").status == 200
        assert len(seen) <= 12, (query, seen)
