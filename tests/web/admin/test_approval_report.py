"""The report on decisions: times by kind and by person, what went out of the ordinary, and every answer as a file."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from tests.support.shopping import Shopping, over

THEN = datetime(2031, 11, 25, 9, 0, tzinfo=UTC)  # far ahead: a session made then is good now as well


@pytest.fixture
def shop(app):
    return Shopping(app)


def test_the_report_counts_answers_and_their_times_within_its_period(
    browser_for, shop, otto, ines, sam, ann, nimbus, gwen, statements
):
    shop.policy(otto, nimbus, over("100"))
    offer = shop.offer("10.00")
    with clock.at(THEN):
        orders = [shop.order(ann, [(offer, quantity)]) for quantity in (40, 50, 60)]
    for hours, who, order, answer in (
        (1, otto, orders[0], "approved"),
        (3, otto, orders[1], "refused"),
        (2, ines, orders[2], "approved"),
    ):
        with clock.at(THEN + timedelta(hours=hours)):
            shop.decide(who, order, answer)
    with clock.at(THEN + timedelta(days=1)):
        browser = browser_for(sam)
        assert browser.get("/admin/approvals").one("a[href='/admin/approvals/report']")
        with statements() as seen:
            page = browser.get("/admin/approvals/report")
        assert page.status == 200
        assert len(seen) <= 10, len(seen)
        told = [" ".join(row.get_text(" ", strip=True).split()) for row in page.all("tbody tr")]
        assert told[0] == "Orders 2 1 2 hours 3 hours"
        assert told[1].startswith("Otto Richter")
        assert told[1].endswith("1 1 2 hours 3 hours")
        assert told[2].endswith("1 0 2 hours 2 hours")
        lines = browser.get("/admin/approvals/report/export.csv").html.strip().splitlines()
        assert len(lines) == 4
        assert "10800" in lines[1], "the newest first: refused after three hours"
        assert "Nothing was decided" in browser_for(gwen).get("/admin/approvals/report").text
    with clock.at(THEN + timedelta(days=40)):
        browser = browser_for(sam)
        assert "Nothing was decided" in browser.get("/admin/approvals/report").text
        assert "Otto Richter" in browser.get("/admin/approvals/report?period=90").text
        assert browser.get("/admin/approvals/report?period=x").status == 200
