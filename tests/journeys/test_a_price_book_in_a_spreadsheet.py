"""A price book goes out as a file, is changed in a spreadsheet, comes back, is looked at and published."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from app.domain.catalog.queries import shelf
from app.domain.pricing import actions
from app.domain.pricing.queries import quotes
from app.domain.pricing.rules.checks import RuleInput
from app.domain.reports.queries import price_books, price_changes
from tests.support.shopping import Shopping


@pytest.fixture
def shop(app):
    shelf._kept.clear()
    yield Shopping(app)
    shelf._kept.clear()


def upload(browser, home, name, body):
    browser.get(f"{home}/import")
    data = browser.csrf() | {"file": (io.BytesIO(body), name)}
    return browser.post(f"{home}/import", data, follow=True)


def test_round_trip(browser_for, otto, nimbus, shop, in_scope):
    one = shop.offer("100.00", cost="80.00", term="P1Y", billing_plan="annual")
    other = shop.offer("10.00", cost="8.00")
    january = datetime(2030, 1, 1, tzinfo=UTC)
    with in_scope(otto):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", Decimal(18))], by=otto.actor)
        actions.assign(book, account_id=nimbus.id, by=otto.actor)
        draft = actions.draft_of(book, by=otto.actor)
        for rule in (
            RuleInput("fixed", Decimal("9.95"), "offer", other, floor="margin", floor_value=Decimal("7.5"), rounding=".95"),
            RuleInput("percent", Decimal("12.345"), "offer", other, min_quantity=10, is_capped=True, roundings={"CHF": "0.05"}),
            RuleInput("list_minus", Decimal(5), starts_at=january, ends_at=january.replace(month=2)),
        ):  # fmt: skip
            actions.add_rule(draft, rule, by=otto.actor)
        book_id = book.id
    home = f"/admin/price-books/{book_id}"
    browser = browser_for(otto)

    # out and back without a loss, in both formats
    for kind in ("csv", "xlsx"):
        body = browser.get(f"{home}/rules.{kind}").response.get_data()
        assert "Nothing changes" in upload(browser, home, f"rules.{kind}", body).text, kind
        lines = browser.get(f"{home}/lines.{kind}").response.get_data()
        assert "Nothing changes" in upload(browser, home, f"lines.{kind}", lines).text, kind

    # changed in a spreadsheet: one line gets a price, one goes back to the wider rule
    sheet = load_workbook(io.BytesIO(lines))
    rows = list(sheet.active.iter_rows())
    column = {cell.value: number for number, cell in enumerate(rows[0])}
    for row in rows[1:]:
        if row[column["name"]].value == "Product 1":
            assert row[column["price"]].value == 94.4
            row[column["new_price"]].value = 89.9
        else:
            for name in ("kind", "value", "floor", "floor_value", "rounding"):
                row[column[name]].value = None
    file = io.BytesIO()
    sheet.save(file)
    page = upload(browser, home, "changed.xlsx", file.getvalue())
    assert "0 new" not in page.text
    assert "1 new, 0 changed, 1 taken out" in page.text
    page = browser.submit("Take it over")
    assert "Taken over: 1 new rules, 0 changed, 1 taken out." in page.text
    with in_scope(otto):
        versions = price_books.book(book_id).versions
        changes = price_changes.rule_changes(versions[1].version.id, versions[0].version.id)
        assert {(row.selector, row.min_quantity) for row in changes} == {
            ("offer", 1),
            ("offer", 10),
            ("default", 1),
        }
    browser.get(f"{home}/publication")
    browser.submit("Publish", when="now")
    with in_scope(otto):
        found = quotes([(one, 1), (other, 1)], account_id=nimbus.id)
        assert (found[one].unit_cycle_price, found[other].unit_cycle_price) == (
            Decimal("89.90"),
            Decimal("9.44"),
        )
    assert "Took over the file changed.xlsx" in browser.get("/admin/price-books/log").text


def test_a_file_with_mistakes_changes_nothing_and_names_line_and_column(browser_for, otto, shop, in_scope):
    shop.offer("100.00", cost="80.00")
    with in_scope(otto):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", Decimal(18))], by=otto.actor)
        actions.draft_of(book, by=otto.actor)
        book_id = book.id
    home, browser = f"/admin/price-books/{book_id}", browser_for(otto)
    body = (
        b"for,vendor,kind,value,min_quantity\n"
        b"default,,percent,18,1\n"
        b"vendor,nobody,percent,5,1\n"
        b"default,,margin,100,1\n"
        b"default,,percent,19,1\n"
        b"planet,,percent,1e999999,1\n"
        b"default,,percent,1e999999,2\n"
    )
    page = upload(browser, home, "rules.csv", body)
    assert page.status == 422
    rows = [row.text for row in page.all("main tbody tr")]
    assert len(rows) == 5
    told = {
        "3": "no such vendor",
        "4": "margin is from 0",
        "5": "line 2 could both",
        "6": "Write one of",
        "7": "plain number",
    }
    for line, what in told.items():
        assert any(row.startswith(line) and what in row for row in rows), (line, rows)
    assert "missing" in upload(browser, home, "rules.csv", b"for,value\ndefault,18\n").text
    assert "rule for everything is missing" in upload(browser, home, "r.csv", b"for,kind,value,vendor\n").text
    assert "cost plus 18 %" in browser.get(home).text
    assert browser.get(f"{home}/import/{book_id}").status == 404


def test_a_customers_price_list_is_what_it_pays(browser_for, otto, sam, gwen, nimbus, shop, in_scope):
    offer = shop.offer("100.00", cost="80.00", term="P1Y", billing_plan="annual")
    browser = browser_for(otto)
    path = f"/admin/accounts/{nimbus.id}/price-list.csv"
    listed = browser.get(path).html
    assert "100.00,100.00,80.00,20.00" in listed
    with in_scope(otto):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", Decimal(18))], by=otto.actor)
        actions.assign(book, account_id=nimbus.id, by=otto.actor)
        expected = quotes([(offer, 1)], account_id=nimbus.id)[offer].unit_cycle_price
    assert f"100.00,{expected},80.00" in browser.get(path).html
    seen = browser_for(sam).get(path)
    assert f"100.00,{expected}\r" in seen.response.get_data(as_text=True)
    assert "80.00" not in seen.html
    assert browser_for(gwen).get(path).status == 404
