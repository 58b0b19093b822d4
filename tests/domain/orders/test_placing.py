"""Placing orders: once, at the prices that were seen, through the gate."""

import pytest

from app.core.db import session
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.orders.models import Order, OrderLine, OrderVersion
from app.domain.orders.queries import order_detail
from tests.support.seeding import in_scope
from tests.support.shopping import Shopping, over


@pytest.fixture
def shop(app):
    return Shopping(app)


def test_an_order_under_the_threshold_goes_straight_through(shop, ann, otto, nimbus, worker):
    offer = shop.offer("10.00")
    shop.policy(otto, nimbus, over("500"))
    order_id = shop.order(ann, [(offer, 3)])
    with shop.looking(ann):
        shown = order_detail(order_id)
        assert shown.row.state == "confirmed"
        assert str(shown.row.commitment) == "30.00 EUR"
        assert shown.waiting is None
    assert [name for name, _ in worker.waiting() if name.startswith("orders.")] == ["orders.provision"]


def test_an_order_at_the_threshold_waits(shop, ann, otto, nimbus, worker):
    offer = shop.offer("10.00")
    shop.policy(otto, nimbus, over("500"))
    order_id = shop.order(ann, [(offer, 50)])
    with shop.looking(ann):
        shown = order_detail(order_id)
        assert shown.row.state == "on_hold"
        assert [reason.sentence for reason in shown.waiting.reasons] == ["500.00 ≥ 500.00 EUR"]
    assert "orders.provision" not in [name for name, _ in worker.waiting()]
    shop.decide(otto, order_id)
    assert shop.state(order_id) == "confirmed"
    assert "orders.provision" in [name for name, _ in worker.waiting()]
