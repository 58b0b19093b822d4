"""Placing orders: once, at the prices that were seen, through the gate (promises P3, P6, P9)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.core import clock, events
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.approvals.models import ApprovalRequest, Commitment
from app.domain.catalog.models import CatalogChoice
from app.domain.orders.errors import PriceMoved
from app.domain.orders.models import Order, OrderLine, OrderVersion
from app.domain.orders.queries import order_detail, orders_list
from app.domain.people.models import Account
from tests.support.seeding import in_scope
from tests.support.shopping import over


def count(shop, model):
    with shop.looking() as current:
        return current.execute(select(func.count()).select_from(model)).scalar_one()


def test_an_order_under_the_threshold_goes_straight_through(shop, ann, otto, nimbus, worker):
    shop.policy(otto, nimbus, over("500"))
    order_id = shop.order(ann, [(shop.offer("10.00"), 3)])
    with shop.looking(ann):
        shown = order_detail(order_id)
        assert shown.row.state == "confirmed"
        assert str(shown.row.commitment) == "30.00 EUR"
        assert shown.waiting is None
    assert [name for name, _ in worker.waiting() if name.startswith("orders.")] == ["orders.provision"]


def test_an_order_at_the_threshold_waits_until_it_is_approved(shop, ann, otto, nimbus, worker):
    shop.policy(otto, nimbus, over("500"))
    order_id = shop.order(ann, [(shop.offer("10.00"), 50)])
    with shop.looking(ann):
        shown = order_detail(order_id)
        assert shown.row.state == "on_hold"
        assert [reason.sentence for reason in shown.waiting.reasons] == ["500.00 ≥ 500.00 EUR"]
    assert "orders.provision" not in [name for name, _ in worker.waiting()]
    shop.decide(otto, order_id)
    assert shop.state(order_id) == "confirmed"
    assert "orders.provision" in [name for name, _ in worker.waiting()]


def test_the_threshold_counts_the_commitment_and_not_the_first_month(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus, over("500"))
    offer = shop.offer("120.00", term="P1Y", billing_plan="monthly")
    order_id = shop.order(ann, [(offer, 5)])
    with shop.looking(ann):
        shown = order_detail(order_id)
        assert (str(shown.row.total), str(shown.row.commitment)) == ("50.00 EUR", "600.00 EUR")
        assert shown.row.state == "on_hold"


def test_a_shop_without_a_policy_lets_nothing_through_unasked(shop, ann):
    order_id = shop.order(ann, [(shop.offer("1.00"), 1)])
    with shop.looking(ann):
        shown = order_detail(order_id)
        assert shown.row.state == "on_hold"
        assert shown.waiting.reasons[0].trigger == "no_policy"


def test_an_order_on_behalf_goes_through_the_same_gate(shop, sam, otto, nimbus):
    shop.policy(otto, nimbus, over("500"))
    order_id = shop.order(sam, [(shop.offer("10.00"), 50)], account=nimbus)
    with shop.looking(otto):
        shown = order_detail(order_id, with_costs=True)
        assert (shown.row.state, shown.row.is_on_behalf, shown.row.placed_by_name) == (
            "on_hold",
            True,
            sam.name,
        )
        assert str(shown.costs.cost) == "250.00 EUR"
        assert shown.costs.margin_percent == Decimal("50.00")


def test_the_same_intent_and_body_is_the_same_order(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    view = shop.fill(ann, [(shop.offer(), 2)])
    first = shop.checkout(ann, view)
    assert [shop.checkout(ann, view) for _ in range(3)] == [first] * 3
    assert (count(shop, Order), count(shop, Commitment)) == (1, 1)


def test_the_same_intent_with_another_body_is_a_conflict(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    view = shop.fill(ann, [(shop.offer(), 2)])
    shop.checkout(ann, view)
    with pytest.raises(Conflict, match="already ordered as O-"):
        shop.checkout(ann, view, purchase_order_number="PO 2")
    assert count(shop, Order) == 1


def test_a_page_of_before_the_cart_changed_orders_nothing(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    offer = shop.offer()
    with clock.at(clock.now()):  # even when the clock stands still
        old = shop.fill(ann, [(offer, 2)])
        new = shop.fill(ann, [(offer, 1)])
        with pytest.raises(Conflict, match="has changed"):
            shop.checkout(ann, old)
        shop.checkout(ann, new)


def test_an_intent_cannot_be_made_up(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    view = shop.fill(ann, [(shop.offer(), 2)])
    with pytest.raises(Conflict):
        shop.checkout(ann, view, intent_id=view.id)


def test_somebody_elses_cart_cannot_be_ordered(shop, ann, liam, otto, nimbus):
    shop.policy(otto, None)
    view = shop.fill(ann, [(shop.offer(), 2)])
    with pytest.raises(NotFound):
        shop.checkout(liam, view)
    with pytest.raises(NotFound):
        shop.checkout(otto, view)


def test_the_terms_must_be_the_ones_in_force(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    view = shop.fill(ann, [(shop.offer(), 2)])
    for said in ("", "older"):
        with pytest.raises(Invalid) as refused:
            shop.checkout(ann, view, accepted_terms=said)
        assert list(refused.value.errors) == ["accepted_terms"]
    order_id = shop.checkout(ann, view)
    with shop.looking() as current:
        order = current.get(Order, order_id)
        assert (order.terms_version, order.terms_accepted_from, order.placed_by_id) == (
            "standard-2026-01",
            "192.0.2.1",
            ann.id,
        )


@pytest.mark.parametrize("typed", ["x" * 61, "a\x07b", "a\u202eb"])
def test_a_purchase_order_number_is_plain_and_short(shop, ann, otto, nimbus, typed):
    shop.policy(otto, nimbus)
    view = shop.fill(ann, [(shop.offer(), 2)])
    with pytest.raises(Invalid) as refused:
        shop.checkout(ann, view, purchase_order_number=typed)
    assert list(refused.value.errors) == ["purchase_order_number"]


def test_the_price_that_was_seen_holds_for_a_day(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    offer = shop.offer("10.00")
    view = shop.fill(ann, [(offer, 2)])
    shop.reprice(offer, "12.00")
    order_id = shop.checkout(ann, view)
    with shop.looking(ann):
        assert str(order_detail(order_id).row.total) == "20.00 EUR"


def test_a_price_that_ran_out_and_moved_is_asked_again(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    offer = shop.offer("10.00")
    view = shop.fill(ann, [(offer, 2)])
    shop.reprice(offer, "12.00")
    with clock.at(clock.now() + timedelta(hours=25)):
        with pytest.raises(PriceMoved) as moved:
            shop.checkout(ann, view)
        (line,) = moved.value.lines
        assert (str(line.before), str(line.now), line.quantity) == ("10.00 EUR", "12.00 EUR", 2)
        assert count(shop, Order) == 0
        shown = shop.cart(ann)
        assert (shown.intent_id, shown.seen) == (view.intent_id, moved.value.seen)
        assert shown.lines[0].moved == line
        assert str(shown.total) == "24.00 EUR"
        order_id = shop.checkout(ann, shown)
    with shop.looking(ann):
        assert str(order_detail(order_id).row.total) == "24.00 EUR"


def test_a_price_that_ran_out_and_stayed_the_same_needs_no_second_look(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    view = shop.fill(ann, [(shop.offer("10.00"), 2)])
    with clock.at(clock.now() + timedelta(hours=25)):
        shop.checkout(ann, view)


def test_a_placed_order_never_changes_its_price(shop, ann, otto, nimbus, vendor, worker):
    shop.policy(otto, nimbus)
    offer = shop.offer("10.00")
    order_id = shop.order(ann, [(offer, 2)])
    shop.reprice(offer, "99.00")
    worker("orders.%")
    with shop.looking() as current:
        line = current.scalars(select(OrderLine)).one()
        assert (line.unit_amount, line.total_amount, line.state) == (10, 20, "active")
        versions = current.scalars(select(OrderVersion)).all()
        assert [version.digest for version in versions] == [current.get(Order, order_id).approved_digest]


def test_the_total_is_the_sum_of_stored_lines(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    lines = [(shop.offer(price), quantity) for price, quantity in (("0.335", 3), ("10.01", 7), ("0.01", 1))]
    order_id = shop.order(ann, lines)
    with shop.looking() as current:
        order = current.get(Order, order_id)
        rows = current.scalars(select(OrderLine)).all()
        assert order.total_amount == sum(row.total_amount for row in rows)
        assert order.commitment_amount == sum(row.commitment_amount for row in rows)


def test_an_account_that_may_not_shop_orders_nothing(app, shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    view = shop.fill(ann, [(shop.offer(), 2)])
    with in_scope(app, otto) as current:
        current.get(Account, nimbus.id).can_shop = False
    with pytest.raises(Forbidden):
        shop.checkout(ann, view)


def test_what_left_the_shop_cannot_be_ordered(app, shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    view = shop.fill(ann, [(shop.offer(), 2)])
    with in_scope(app, otto) as current:
        current.add(CatalogChoice(vendor_id=shop.vendor, is_shown=False))
    with pytest.raises(Invalid) as refused:
        shop.checkout(ann, view)
    assert list(refused.value.errors) == [f"quantity-{view.lines[0].id}"]


def test_everything_of_an_order_happens_or_nothing(shop, ann, otto, nimbus, monkeypatch, worker):
    shop.policy(otto, nimbus, over("10"))
    view = shop.fill(ann, [(shop.offer("10.00"), 2)])
    real = events.record

    def fail(name, *rest, **more):
        if name == "order.held":
            raise RuntimeError("the machine broke")
        return real(name, *rest, **more)

    monkeypatch.setattr(events, "record", fail)
    with pytest.raises(RuntimeError):
        shop.checkout(ann, view)
    assert [count(shop, model) for model in (Order, ApprovalRequest, Commitment)] == [0, 0, 0]
    monkeypatch.undo()
    assert shop.state(shop.checkout(ann, view)) == "on_hold"


def test_lists_find_sort_and_count_in_a_constant_number_of_statements(shop, ann, otto, nimbus, statements):
    shop.policy(otto, nimbus, over("100"))
    offer = shop.offer("10.00")
    ids = [shop.order(ann, [(offer, quantity)]) for quantity in (1, 12, 3)]
    with shop.looking(ann):
        with statements() as seen:
            page = orders_list(sort="-amount")
        assert [row.commitment.amount for row in page.rows] == [120, 30, 10]
        assert len(seen) == 2
        assert orders_list(state="on_hold").total == 1
        assert orders_list(q="product 1").total == 3
        assert orders_list(q="PO 1", size=2, page=2).total == 3
        assert len(orders_list(q="PO 1", size=2, page=2).rows) == 1
        assert orders_list(q="100%_").total == 0
        assert {row.id for row in orders_list(state="open").rows} == set(ids)
        with statements() as seen:
            order_detail(ids[0])
        assert len(seen) <= 4


def test_a_buyers_view_of_an_order_has_no_place_for_costs(shop, ann, otto, nimbus):
    shop.policy(otto, nimbus)
    order_id = shop.order(ann, [(shop.offer("10.00", cost="4.44"), 1)])
    with shop.looking(ann):
        shown = order_detail(order_id)
        assert shown.costs is None
        assert all(line.costs is None and line.quote is None for line in shown.lines)
        told = repr([event.data for event in shown.timeline]) + repr(shown)
    assert "4.44" not in told
    with shop.looking(otto):
        assert "4.44" in repr(order_detail(order_id, with_costs=True))


def test_other_customers_orders_are_not_there(shop, ann, liam, otto, nimbus):
    shop.policy(otto, None)
    order_id = shop.order(ann, [(shop.offer(), 1)])
    with shop.looking(liam):
        assert orders_list().total == 0
        with pytest.raises(NotFound):
            order_detail(order_id)
