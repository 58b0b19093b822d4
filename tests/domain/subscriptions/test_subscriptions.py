"""Subscriptions begin with a provisioned line, once, and are shown without costs to customers."""

import pytest
from sqlalchemy import select

from app.core import events
from app.core.errors import NotFound
from app.domain.subscriptions import actions
from app.domain.subscriptions.models import SeatBatch, Subscription
from app.domain.subscriptions.queries import (
    subscription_detail,
    subscriptions_list,
    subscriptions_of_order,
)
from tests.support.seeding import in_scope


@pytest.fixture
def delivered(shop, ann, otto, nimbus, vendor, worker):
    """The id of an order of two lines that was delivered."""
    shop.policy(otto, nimbus)
    offers = [
        (shop.offer("10.00", cost="4.44"), 3),
        (shop.offer("240.00", cost="99.96", term="P1Y"), 2),
    ]
    order_id = shop.order(ann, offers)
    worker("orders.%")
    return order_id


def test_a_list_shows_searches_and_sorts_in_two_statements(shop, delivered, ann, statements):
    with shop.looking(ann):
        with statements() as seen:
            page = subscriptions_list(sort="title")
        assert len(seen) == 2
        assert [(row.title, row.vendor_quantity, str(row.charge)) for row in page.rows] == [
            ("Product 1", 3, "30.00 EUR"),
            ("Product 2", 2, "40.00 EUR"),
        ]
        assert subscriptions_list(q="product 2").total == 1
        assert subscriptions_list(state="suspended").total == 0
        assert {number for _, number, _ in subscriptions_of_order(delivered).values()} == {
            row.number for row in page.rows
        }


def test_a_page_shows_seats_and_until_when_they_can_be_given_back(shop, delivered, ann, otto):
    with shop.looking(ann):
        row = subscriptions_list(sort="title").rows[0]
        shown = subscription_detail(row.id)
        assert [(batch.quantity, batch.can_be_reduced) for batch in shown.batches] == [(3, True)]
        assert [event.name for event in shown.timeline] == ["subscription.created", "subscription.activated"]
        assert "4.44" not in repr(shown)
        assert "4.44" not in repr([event.data for event in shown.timeline])
        assert shown.vendor_subscription_id is None
    with shop.looking(otto):
        assert str(subscription_detail(row.id, with_costs=True).unit_cost) == "4.44 EUR"


def test_other_customers_subscriptions_are_not_there(shop, delivered, ann, liam, gwen):
    with shop.looking(ann):
        subscription_id = subscriptions_list().rows[0].id
    for other in (liam, gwen):
        with shop.looking(other):
            assert subscriptions_list().total == 0
            with pytest.raises(NotFound):
                subscription_detail(subscription_id)


def test_being_told_twice_begins_nothing_twice(app, shop, delivered, ann):
    with in_scope(app, ann) as current:
        told = current.scalars(
            select(events.Event).where(events.Event.name == "order_line.provisioned")
        ).all()
        for event in told:
            actions.begin(event)
            actions.activate(event)
        assert len(current.scalars(select(Subscription)).all()) == 2
        assert len(current.scalars(select(SeatBatch)).all()) == 2


def test_line_and_subscription_appear_together_or_not_at_all(
    shop, ann, otto, nimbus, vendor, worker, monkeypatch
):
    from app import reactions

    def fail(_event):
        raise RuntimeError("the machine broke")

    shop.policy(otto, nimbus)
    order_id = shop.order(ann, [(shop.offer(), 1)])
    monkeypatch.setitem(reactions.NOW, "order_line.provisioned", [fail])
    worker("orders.%", tolerate=True)
    with shop.looking() as current:
        assert current.scalars(select(Subscription)).all() == []
    assert shop.state(order_id) == "in_progress"
