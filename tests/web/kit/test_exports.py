"""Every list as a file: there for every list, with the rows of its page, without anything its reader may not see."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from app.core.db import session
from app.domain.orders.models import Order
from app.domain.people.models import Account
from app.domain.pricing import actions as pricing
from tests.support.shopping import Shopping, over

NOT_FILES = {
    "admin_policies.list_policies": "a policy read out in sentences, no rows",
    "notifications.list_notifications": "one's own bell",
    "admin_notifications.list_notifications": "one's own bell",
    "admin_email_templates.list_email_templates": "texts to edit, one of each kind",
    "admin_shop.list_shelf": "a shelf to pick from while ordering for a customer; the customer's shop exports it",
}


@pytest.fixture
def shop(app):
    from app.domain.catalog.queries import shelf

    shelf._kept.clear()
    yield Shopping(app)
    shelf._kept.clear()


def rows_of(browser, path, **query):
    page = browser.get(path)
    assert page.status == 200, (path, page.status)
    assert page.response.headers["Content-Type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(page.response.get_data().decode("utf-8-sig"), newline=""))
    return head, [dict(zip(head, row, strict=True)) for row in rows]


def first_words(page):
    """What every row of the page's table is called: its heading, else its first cell."""
    rows = page.soup.select("main table.table tbody tr")
    cells = (row.select_one("th[scope=row]") or row.select_one("th, td") for row in rows)
    return [" ".join(cell.get_text(" ").split()) for cell in cells]


def test_every_list_can_be_taken_away_as_a_file(app):
    """A page whose function is called `list_…` has an export under the same permission, or a reason here."""
    gates = app.extensions["gates"]
    rules = {rule.rule: rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    lists = {
        rule: endpoint for rule, endpoint in rules.items() if endpoint.rpartition(".")[2].startswith("list_")
    }
    assert len(lists) >= 14
    without = {
        endpoint
        for rule, endpoint in lists.items()
        if f"{rule.rstrip('/')}/export.<kind>" not in rules and endpoint not in NOT_FILES
    }
    assert not without, "declare these lists' columns with export_list, see app/web/kit/exports.py"
    assert set(NOT_FILES) <= set(lists.values())
    for rule, endpoint in lists.items():
        export = rules.get(f"{rule.rstrip('/')}/export.<kind>")
        if export and gates[endpoint].can != "public":
            assert gates[export].can == gates[endpoint].can, rule


@pytest.fixture
def busy(shop, otto, ann, paul, dora, nimbus, harbour, app):
    """Orders that wait and that went on, subscriptions, books and rates."""
    from tests.support.seeding import in_scope

    shop.policy(otto, nimbus, over("500"))
    offer = shop.offer("10.00", cost="7.13")
    for seats in (3, 60, 5):
        shop.order(ann, [(offer, seats)])
    with in_scope(app, otto):
        session().query(Order).filter_by(number="O-2026-000001").one().purchase_order_number = "=1+1"
        session().get(Account, harbour.id).name = "@Harbour"
        for name in ("Partners", "Schools"):
            pricing.create_book(name, "EUR", base="cost", by=otto.actor)
    return shop


PAGES = {
    "olivia": [
        "/admin/orders",
        "/admin/orders?state=on_hold",
        "/admin/orders?sort=number&q=product",
        "/admin/accounts?sort=-name",
        "/admin/approvals?view=all",
        "/admin/price-books",
        "/admin/catalogue",
        "/admin/people",
        "/admin/accounts/{nimbus}/people",
    ],
    "ann": ["/orders?sort=total", "/orders?state=on_hold"],
    "paul": ["/approvals"],
    "dora": ["/distributor/vendors", "/distributor/resellers?sort=-name", "/distributor/price-sheets"],
}


@pytest.mark.parametrize("who", PAGES)
def test_a_file_has_the_rows_of_its_page_in_the_same_order(busy, seeds, browser_for, nimbus, who):
    browser = browser_for(seeds.meet(who))
    for path in PAGES[who]:
        page = browser.get(path.format(nimbus=nimbus.id))
        shown = first_words(page)
        assert shown, path
        href = page.link("CSV")
        _, rows = rows_of(browser, href)
        assert len(rows) == len(shown), path
        for words, row in zip(shown, rows, strict=True):
            named = [value.removeprefix("'") for value in list(row.values())[:2]]
            assert any(value and value in words for value in named), (path, words, row)


def test_a_file_is_handed_over_as_a_file(busy, seeds, browser_for):
    browser = browser_for(seeds.meet("ann"))
    for kind, media in (("csv", "text/csv"), ("xlsx", "application/vnd.openxml")):
        headers = browser.get(f"/orders/export.{kind}").response.headers
        assert headers["Content-Type"].startswith(media)
        assert re.fullmatch(
            rf"attachment; filename=orders-\d{{4}}-\d\d-\d\d\.{kind}", headers["Content-Disposition"]
        )
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert browser.get("/orders/export.pdf").status == 404


def test_what_people_typed_is_no_formula_and_amounts_are_numbers(busy, seeds, browser_for):
    browser = browser_for(seeds.meet("olivia"))
    _, rows = rows_of(browser, "/admin/orders/export.csv?sort=number")
    assert rows[0]["Purchase order"] == "'=1+1"
    assert (rows[0]["First charge"], rows[0]["Currency"], rows[0]["Cost"]) == ("30.00", "EUR", "21.39")
    page = browser.get("/admin/orders/export.xlsx?sort=number")
    sheet = load_workbook(io.BytesIO(page.response.get_data())).active
    found = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (found["Purchase order"].value, found["Purchase order"].data_type) == ("=1+1", "s")
    assert found["First charge"].value == 30
    assert "@Harbour" not in [row["Company"] for row in rows_of(browser, "/admin/accounts/export.csv")[1]]


def test_cost_is_in_no_file_of_a_customer_nor_of_whom_may_not_see_it(busy, app, seeds, browser_for):
    """10.00 is asked, 7.13 is the cost: 21.39, 427.80 and 35.65 are what the reseller pays."""
    figures = ("7.13", "21.39", "427.80", "427.8", "35.65")
    for who, side in (("ann", "shop"), ("paul", "shop"), ("bea", "shop"), ("sam", "platform")):
        browser, gates = browser_for(seeds.meet(who)), app.extensions["gates"]
        secrets = (*figures, "Cost", "cost", "argin") if side == "shop" else (*figures, "argin")
        paths = [
            rule.rule.replace("<kind>", "csv")
            for rule in app.url_map.iter_rules()
            if rule.rule.endswith("/export.<kind>")
            and rule.arguments == {"kind"}
            and gates[rule.endpoint].side == side
        ]
        assert len(paths) >= 4
        reached = 0
        for path in paths:
            page = browser.get(path)
            assert page.status in (200, 403), path
            reached += page.status == 200
            assert page.status == 403 or not [word for word in secrets if word in page.html], (who, path)
            assert "Cost" not in page.html.partition("\n")[0].split(","), (who, path)
        assert reached >= 3


def test_a_long_list_is_read_in_few_statements_and_held_in_pieces(busy, seeds, browser_for, statements):
    browser = browser_for(seeds.meet("olivia"))
    rows_of(browser, "/admin/orders/export.csv")
    with statements() as seen:
        rows_of(browser, "/admin/orders/export.csv")
    assert len(seen) <= 5, seen


@pytest.mark.full
def test_ten_thousand_rows_keep_memory_flat(busy, app, seeds, browser_for, in_scope, nimbus):
    """Ten times the rows, the same memory: what grows is the file on disk."""
    import tracemalloc

    from sqlalchemy import text

    browser = browser_for(seeds.meet("olivia"))
    copy = text("""
        INSERT INTO "order" SELECT (o).* FROM (SELECT jsonb_populate_record(x, jsonb_build_object(
            'id', gen_random_uuid(), 'number', 'O-' || :begin + n, 'intent_id', gen_random_uuid(),
            'approval_request_id', NULL)) AS o
        FROM "order" x, generate_series(1, :many) n WHERE x.number = 'O-2026-000001') w""")
    peaks = []
    for begin, many in ((0, 1_000), (1_000, 9_000)):
        with in_scope() as current:
            current.execute(copy, {"begin": begin, "many": many})
        for kind in ("csv", "xlsx"):
            browser.get(f"/admin/orders/export.{kind}")
            tracemalloc.start()
            response = browser.get(f"/admin/orders/export.{kind}").response
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert len(response.get_data()) > 30 * many
            response.close()
    assert peaks[2] < peaks[0] + 4_000_000, peaks
    assert peaks[3] < peaks[1] + 4_000_000, peaks


def test_lists_without_rows_are_files_with_headings_alone(app, seeds, browser_for):
    """Also what nobody opens every day: every export of the console answers, whatever there is in it."""
    gates = app.extensions["gates"]
    for who, side in (("olivia", "/admin"), ("dora", "/distributor")):
        browser = browser_for(seeds.meet(who))
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith(side) and rule.endpoint in gates and rule.arguments == {"kind"}:
                head, _ = rows_of(browser, rule.rule.replace("<kind>", "csv"))
                assert len(head) >= 5, rule.rule
