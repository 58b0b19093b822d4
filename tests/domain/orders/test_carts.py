"""Carts: what may be put in, in what quantity, at what price; and buying the same again."""

import time
from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.catalog.models import CatalogChoice
from app.domain.orders.actions import carts, put_back_into_cart, reorder, withdraw
from app.domain.orders.queries import cart_count, cart_of, offer_facts
from app.domain.orders.rules.quantities import MAX_QUANTITY, parse_quantity
from tests.support.seeding import in_scope
from tests.support.shopping import over


@pytest.mark.parametrize("typed", ["1", "40", " 7 ", "100000", 3, "007"])
def test_whole_numbers_are_read(typed):
    assert parse_quantity(typed) == int(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "", "-1", "+1", "1.5", "1,5", "1e3", "1_000", "٣", "0x10", "NaN", "inf", "9" * 5000, "1e999999",
        None, True, 1.0, ["1"], "1 2", "１",
    ],
)  # fmt: skip
def test_everything_else_is_refused_at_once(typed):
    started = time.perf_counter()
    with pytest.raises(Invalid) as refused:
        parse_quantity(typed)
    assert time.perf_counter() - started < 0.01
    assert list(refused.value.errors) == ["quantity"]


def test_the_same_offer_twice_is_one_line(shop, ann):
    offer = shop.offer("10.00")
    view = shop.fill(ann, [(offer, 2), (offer, 3)])
    assert [(line.quantity, str(line.price.line_amount)) for line in view.lines] == [(5, "50.00 EUR")]


def test_quantities_stay_within_what_the_vendor_sells(app, shop, ann):
    offer = shop.offer(minimum=5, maximum=300)
    for quantity in (0, -3, 4, 301, MAX_QUANTITY + 1, 2**31, 2**63):
        with pytest.raises(Invalid) as refused:
            shop.fill(ann, [(offer, quantity)])
        assert list(refused.value.errors) == ["quantity"]
    view = shop.fill(ann, [(offer, 5)])
    with in_scope(app, ann):
        carts.set_quantity(view.lines[0].id, 300, by=ann.actor)
    assert shop.cart(ann).lines[0].quantity == 300


def test_no_line_is_larger_than_the_limit(shop, ann):
    offer = shop.offer()
    shop.fill(ann, [(offer, MAX_QUANTITY)])
    with pytest.raises(Invalid):
        shop.fill(ann, [(offer, 1)])


def test_lines_can_be_taken_out_and_the_cart_emptied(app, shop, ann):
    view = shop.fill(ann, [(shop.offer(), 1), (shop.offer(), 1), (shop.offer(), 1)])
    with in_scope(app, ann):
        assert cart_count(ann.account_id, ann.actor) == 3
        carts.remove(view.lines[0].id, by=ann.actor)
    assert len(shop.cart(ann).lines) == 2
    with in_scope(app, ann):
        carts.empty(view.id, by=ann.actor)
    assert shop.cart(ann).is_empty


def test_what_the_shop_does_not_sell_to_this_customer_is_not_there(shop, ann):
    for offer in (
        shop.offer(market="FR"),
        shop.offer(segment="education"),
    ):
        with pytest.raises(NotFound):
            shop.fill(ann, [(offer, 1)])


def test_an_offer_without_a_price_cannot_be_bought(shop, ann):
    with pytest.raises(Invalid, match="no price"):
        shop.fill(ann, [(shop.offer(currency="USD"), 1)])


def test_somebody_elses_line_is_not_there(app, shop, ann, liam, otto):
    view = shop.fill(ann, [(shop.offer(), 1)])
    for other in (liam, otto):
        with in_scope(app, other), pytest.raises(NotFound):
            carts.set_quantity(view.lines[0].id, 9, by=other.actor)


def test_a_visitor_of_another_customer_cannot_fill_this_ones_cart(app, shop, liam, nimbus):
    offer = shop.offer()
    with in_scope(app, liam), pytest.raises(NotFound):
        carts.add(nimbus.id, offer, 1, by=liam.actor)


def test_the_resellers_people_have_a_cart_per_customer(app, shop, sam, nimbus, harbour):
    offer = shop.offer()
    shop.fill(sam, [(offer, 1)], account=nimbus)
    shop.fill(sam, [(offer, 2)], account=harbour)
    with in_scope(app, sam):
        assert cart_of(nimbus.id, sam.actor).lines[0].quantity == 1
        assert cart_of(harbour.id, sam.actor).lines[0].quantity == 2


def test_asking_again_keeps_what_moved_and_takes_out_what_is_gone(app, shop, ann):
    dearer, gone, same = shop.offer("10.00"), shop.offer("20.00"), shop.offer("30.00")
    view = shop.fill(ann, [(dearer, 1), (gone, 1), (same, 1)])
    shop.reprice(dearer, "11.00")
    with in_scope(app):
        shop.price(gone, "20.00", since=clock.now(), until=clock.now() + timedelta(hours=1))
    with clock.at(clock.now() + timedelta(hours=25)), in_scope(app, ann):
        moved = carts.requote(view.id, by=ann.actor)
        assert [(str(line.before), str(line.now)) for line in moved] == [
            ("10.00 EUR", "11.00 EUR"),
            ("20.00 EUR", "None"),
        ]
    with clock.at(clock.now() + timedelta(hours=25)):
        after = shop.cart(ann)
        assert [line.moved for line in after.lines] == [None, None]
        assert after.intent_id != view.intent_id


def test_a_cart_page_costs_a_constant_number_of_statements(app, shop, ann, statements):
    shop.fill(ann, [(shop.offer(), 1) for _ in range(8)])
    for hours in (0, 25):
        with clock.at(clock.now() + timedelta(hours=hours)), in_scope(app, ann):
            with statements() as seen:
                cart_of(ann.account_id, ann.actor)
            assert len(seen) <= 2


def test_a_withdrawn_order_can_be_put_back_once(app, shop, ann, otto, nimbus):
    shop.policy(otto, nimbus, over("10"))
    first, second = shop.offer("10.00"), shop.offer("20.00")
    order_id = shop.order(ann, [(first, 2), (second, 1)])
    with in_scope(app, ann), pytest.raises(Conflict):
        put_back_into_cart(order_id, by=ann.actor)
    with in_scope(app, ann):
        withdraw(order_id, by=ann.actor)
    for _ in range(2):
        with in_scope(app, ann):
            assert put_back_into_cart(order_id, by=ann.actor).left_out == []
    assert [(line.offer.id, line.quantity) for line in shop.cart(ann).lines] == [(first, 2), (second, 1)]


def test_a_repetition_leaves_out_what_is_no_longer_sold_and_asks_the_price_of_today(
    app, shop, ann, otto, nimbus
):
    shop.policy(otto, nimbus)
    kept, hidden = shop.offer("10.00"), shop.offer("20.00")
    order_id = shop.order(ann, [(kept, 2), (hidden, 1)])
    shop.reprice(kept, "11.00")
    with in_scope(app, otto) as current:
        current.add(CatalogChoice(product_id=offer_facts([hidden])[hidden].product_id, is_shown=False))
    with in_scope(app, ann):
        assert reorder(order_id, by=ann.actor).left_out == ["Product 2"]
    assert [str(line.price.unit_price) for line in shop.cart(ann).lines] == ["11.00 EUR"]
