"""A promotion from midnight to midnight in Berlin, on the days of 25 and of 23 hours: the reseller's day counts."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.domain.catalog.queries import shelf
from app.domain.pricing.queries import quotes
from tests.support.shopping import Shopping

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def shop(app):
    shelf._kept.clear()
    yield Shopping(app)
    shelf._kept.clear()


@pytest.mark.parametrize(
    ("first", "after", "begins", "ends"),
    [
        (
            "2037-10-25",
            "2037-10-26",
            datetime(2037, 10, 24, 22, tzinfo=UTC),
            datetime(2037, 10, 25, 23, tzinfo=UTC),
        ),
        (
            "2037-03-29",
            "2037-03-30",
            datetime(2037, 3, 28, 23, tzinfo=UTC),
            datetime(2037, 3, 29, 22, tzinfo=UTC),
        ),
    ],
)
def test_midnight_is_the_resellers(
    first, after, begins, ends, browser_for, in_scope, otto, ann, nimbus, shop
):
    offer = shop.offer("20.00", cost="10.00")
    with clock.at(begins - timedelta(days=5)):
        desk = browser_for(otto)
        desk.get("/admin/price-books/new")
        desk.submit(
            "Make the draft", name="Standard", currency="EUR", base="cost", kind="percent", value="50"
        )
        home = desk.page.path.split("?")[0]
        desk.get(f"{home}/rules/new?selector=default")
        desk.submit(
            "Save in the draft",
            kind="percent",
            value="20",
            starts_at=f"{first}T00:00",
            ends_at=f"{after}T00:00",
        )
        desk.get(f"{home}/publication")
        desk.submit("Publish", when="now")
        desk.get(f"{home}/assignments")
        desk.submit("Give it to them", account_id=str(nimbus.id))

    def at(instant):
        with in_scope(otto):
            return str(quotes([(offer, 1)], account_id=nimbus.id, instant=instant)[offer].unit_cycle_price)

    asked = [at(instant) for instant in (begins - MICROSECOND, begins, ends - MICROSECOND, ends)]
    assert asked == ["15.00", "12.00", "12.00", "15.00"]
    assert at(begins + timedelta(hours=12)) == "12.00"
    with clock.at(ends - timedelta(minutes=1)):
        buyer = browser_for(ann)
        page = buyer.get(buyer.get("/catalogue").link("Product 1"))
        assert "€12.00" in page.text
    with clock.at(ends):
        assert "€15.00" in buyer.get(page.path).text
