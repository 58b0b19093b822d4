"""How many statements a page of the console takes: at most ten, and not one more when there is more to show."""

import pytest

from app.domain.orders.models import Order
from tests.support.shopping import over

LISTS = [
    "/admin",
    "/admin/approvals?view=all",
    "/admin/orders",
    "/admin/orders?q=product",
    "/admin/subscriptions",
    "/admin/accounts",
    "/admin/catalogue",
    "/admin/price-books",
]


def fill(shop, who, orders):
    for number in range(orders):
        shop.order(who, [(shop.offer(), 2 + number), (shop.offer(), 1)])


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_as_many_statements_with_more_in_it(
    path, browser_for, otto, ann, nimbus, shop, statements
):
    shop.policy(otto, None)
    browser = browser_for(otto)
    counts = []
    for orders in (1, 6):
        fill(shop, ann, orders)
        browser.get(path)
        with statements() as seen:
            assert browser.get(path).status == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_single_pages_take_at_most_ten_too(browser_for, otto, ann, nimbus, shop, statements):
    shop.policy(otto, None)
    fill(shop, ann, 3)
    browser = browser_for(otto)
    for path in (
        f"/admin/accounts/{nimbus.id}",
        f"/admin/accounts/{nimbus.id}/shop",
        browser.get("/admin/orders").link("O-"),
    ):
        browser.get(path)
        with statements() as seen:
            assert browser.get(path).status == 200
        assert len(seen) <= 10, (path, len(seen))


def test_a_request_takes_at_most_ten_however_long_the_order_and_its_history(
    browser_for, otto, ann, nimbus, shop, statements
):
    shop.policy(otto, None, over("1"))
    browser = browser_for(otto)
    counts = []
    for lines in (1, 5):
        order = shop.order(ann, [(shop.offer(), 2) for _ in range(lines)])
        with shop.looking() as current:
            path = f"/admin/approvals/{current.get(Order, order).approval_request_id}"
        browser.get(path)
        with statements() as seen:
            assert browser.get(path).status == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 14
