"""What every connector promises, shown against a vendor that is made to fail over real sockets."""

from __future__ import annotations

import dataclasses
import time
from datetime import timedelta

import pytest

from app.domain.vendors import (
    Ability,
    Idempotency,
    NextTerm,
    Provisioned,
    Renewal,
    SeatChange,
    TermChange,
    VendorConflict,
    VendorPort,
    VendorRejected,
    VendorSubscription,
    VendorUnavailable,
)
from tests.connectors.contract import Rig


def bought(rig: Rig, quantity: int = 5) -> Provisioned:
    return rig.port.provision(rig.request(quantity))


def key(name: str, purchase: Provisioned) -> str:
    return f"{name}-{purchase.vendor_subscription_id}"


def test_a_connector_is_a_vendor_port_and_declares_how_it_may_be_retried(rig: Rig) -> None:
    assert isinstance(rig.port, VendorPort)
    assert Ability.PROVISION in rig.port.abilities
    assert isinstance(rig.port.idempotency, Idempotency)
    assert rig.port.key_retention > timedelta(hours=1)
    assert rig.port.max_in_flight > timedelta(seconds=20)


def test_a_purchase_becomes_an_active_subscription_with_the_vendors_deadlines(rig: Rig) -> None:
    request = rig.request(40)
    purchase = rig.port.provision(request)

    assert purchase.state == "active"
    assert purchase.quantity == 40
    assert purchase.term_ends_at > purchase.starts_at
    assert purchase.cancel_until is not None
    assert purchase.reduce_until == purchase.starts_at + rig.longest_reduction

    subscription = rig.port.subscription(purchase.vendor_subscription_id)
    assert subscription.state == "active"
    assert subscription.client_reference == request.client_reference
    assert subscription.vendor_order_id == purchase.vendor_order_id
    assert subscription.reducible(purchase.starts_at) == 40
    assert rig.purchases(request.client_reference) == 1


def test_a_purchase_may_stay_pending_until_the_vendor_delivers(rig: Rig) -> None:
    rig.deliver_after(3600)
    purchase = bought(rig)
    assert purchase.state == "pending"
    assert rig.port.subscription(purchase.vendor_subscription_id).state == "pending"

    rig.advance(timedelta(hours=2))
    assert rig.port.subscription(purchase.vendor_subscription_id).state == "active"


def test_a_purchase_that_cannot_be_delivered_says_so_when_it_is_read_back(rig: Rig) -> None:
    rig.deliver_after(3600)
    rig.fail("orders.create", "fail_delivery", description="The tenant is closed.")
    request = rig.request()
    purchase = rig.port.provision(request)
    rig.advance(timedelta(hours=2))

    subscription = rig.port.subscription(purchase.vendor_subscription_id)
    assert (subscription.state, subscription.failure) == ("failed", "The tenant is closed.")
    with pytest.raises(VendorRejected, match="The tenant is closed"):
        rig.port.lookup(key=request.key, client_reference=request.client_reference)


def test_the_same_key_twice_is_one_purchase(rig: Rig) -> None:
    request = rig.request()
    assert rig.port.provision(request) == rig.port.provision(request)
    assert rig.purchases(request.client_reference) == 1


def test_a_new_key_is_a_second_purchase_which_is_why_keys_are_kept(rig: Rig) -> None:
    """The mutant of the test above: the double counts honestly, so a lost key shows as two purchases."""
    request = rig.request()
    rig.port.provision(request)
    rig.port.provision(dataclasses.replace(request, key=request.key + "-again"))
    assert rig.purchases(request.client_reference) == 2
    with pytest.raises(VendorUnavailable, match="2 orders") as unknown:
        rig.port.lookup(key="forgotten", client_reference=request.client_reference)
    assert unknown.value.may_have_happened


def test_the_same_key_for_another_purchase_is_refused(rig: Rig) -> None:
    request = rig.request()
    rig.port.provision(request)
    with pytest.raises(VendorRejected):
        rig.port.provision(dataclasses.replace(request, quantity=6))


def test_a_request_that_arrives_twice_is_one_purchase(rig: Rig) -> None:
    rig.fail("orders.create", "duplicate")
    request = rig.request()
    rig.port.provision(request)
    assert rig.purchases(request.client_reference) == 1


def test_a_time_out_after_success_is_unknown_and_a_look_up_settles_it(rig: Rig) -> None:
    rig.fail("orders.create", "timeout")
    request = rig.request()
    with pytest.raises(VendorUnavailable) as failure:
        rig.hasty_port.provision(request)
    assert failure.value.may_have_happened

    rig.wait_until_bought(request.client_reference)
    found = rig.port.lookup(key=request.key, client_reference=request.client_reference)
    assert found is not None
    assert found == rig.port.provision(request)
    assert rig.purchases(request.client_reference) == 1


@pytest.mark.parametrize("failure", ["cut", "error_after", "garbage", "truncated"])
def test_an_answer_that_is_lost_after_the_work_is_unknown_and_the_same_key_settles_it(
    rig: Rig, failure: str
) -> None:
    rig.fail("orders.create", failure)
    request = rig.request()
    with pytest.raises(VendorUnavailable) as unknown:
        rig.port.provision(request)
    assert unknown.value.may_have_happened
    assert rig.purchases(request.client_reference) == 1

    rig.port.provision(request)
    assert rig.purchases(request.client_reference) == 1


@pytest.mark.parametrize("failure", ["cut_before", "error"])
def test_an_error_before_the_work_is_unknown_too_and_trying_again_buys_once(rig: Rig, failure: str) -> None:
    rig.fail("orders.create", failure)
    request = rig.request()
    with pytest.raises(VendorUnavailable) as unknown:
        rig.port.provision(request)
    assert unknown.value.may_have_happened
    assert rig.purchases(request.client_reference) == 0
    assert rig.port.lookup(key=request.key, client_reference=request.client_reference) is None

    rig.port.provision(request)
    assert rig.purchases(request.client_reference) == 1


def test_a_vendor_that_is_slower_than_our_patience_buys_once(rig: Rig) -> None:
    rig.fail("orders.create", "delay", seconds=1.5)
    request = rig.request()
    with pytest.raises(VendorUnavailable) as unknown:
        rig.hasty_port.provision(request)
    assert unknown.value.may_have_happened

    rig.port.provision(request)
    rig.wait_until_bought(request.client_reference)
    time.sleep(1.6)
    assert rig.purchases(request.client_reference) == 1


def test_slow_down_means_nothing_happened_and_says_for_how_long(rig: Rig) -> None:
    rig.fail("orders.create", "throttle", seconds=57)
    request = rig.request()
    with pytest.raises(VendorUnavailable) as busy:
        rig.port.provision(request)
    assert not busy.value.may_have_happened
    assert busy.value.retry_after == timedelta(seconds=57)
    assert rig.purchases(request.client_reference) == 0


def test_a_refusal_is_final_and_carries_the_vendors_code_and_reason(rig: Rig) -> None:
    rig.fail("orders.create", "reject", code="800069", description="The customer failed the risk check.")
    request = rig.request()
    with pytest.raises(VendorRejected) as refusal:
        rig.port.provision(request)
    assert refusal.value.code == "800069"
    assert refusal.value.reason == "The customer failed the risk check."
    assert rig.purchases(request.client_reference) == 0


def test_a_quantity_outside_the_limits_is_refused_with_the_limits(rig: Rig) -> None:
    with pytest.raises(VendorRejected, match="maximum of 10000") as refusal:
        rig.port.provision(rig.request(10_001))
    assert refusal.value.code == "2002"


def test_an_unknown_subscription_is_a_refusal(rig: Rig) -> None:
    with pytest.raises(VendorRejected):
        rig.port.subscription("00000000-0000-0000-0000-000000000000")


def test_a_bad_token_is_not_the_orders_fault(rig: Rig) -> None:
    with pytest.raises(VendorUnavailable) as failure:
        rig.port_with_bad_token.provision(rig.request())
    assert not failure.value.may_have_happened
    assert not rig.port_with_bad_token.check().is_ok


def test_a_check_says_whether_the_vendor_knows_us(rig: Rig) -> None:
    check = rig.port.check()
    assert check.is_ok
    assert check.took > timedelta(0)


def test_more_seats_are_a_batch_with_a_deadline_of_their_own(rig: Rig) -> None:
    purchase = bought(rig, 5)
    rig.advance(timedelta(days=5))
    changed = rig.port.change(
        purchase.vendor_subscription_id, SeatChange(key("up", purchase), 5, 8, purchase.etag)
    )

    assert changed.quantity == 8
    assert changed.etag != purchase.etag
    deadlines = [(batch.quantity, batch.reduce_until) for batch in changed.batches]
    assert [quantity for quantity, _ in deadlines] == [5, 3]
    assert deadlines[1][1] - deadlines[0][1] >= timedelta(days=5)  # type: ignore[operator]

    rig.advance(timedelta(days=3))
    with pytest.raises(VendorRejected) as refusal:
        rig.port.change(purchase.vendor_subscription_id, SeatChange(key("too far", purchase), 8, 4))
    assert refusal.value.code == "900214"
    assert (
        rig.port.change(purchase.vendor_subscription_id, SeatChange(key("down", purchase), 8, 5)).quantity
        == 5
    )


def test_a_change_whose_start_is_no_longer_true_changes_nothing_and_shows_the_truth(rig: Rig) -> None:
    purchase = bought(rig, 10)
    rig.port.change(purchase.vendor_subscription_id, SeatChange(key("elsewhere", purchase), 10, 25))

    with pytest.raises(VendorConflict) as conflict:
        rig.port.change(purchase.vendor_subscription_id, SeatChange(key("ours", purchase), 10, 12))
    assert isinstance(conflict.value.current, VendorSubscription)
    assert conflict.value.current.quantity == 25
    assert rig.port.subscription(purchase.vendor_subscription_id).quantity == 25


def test_a_change_under_an_old_etag_changes_nothing_even_when_the_number_is_right(rig: Rig) -> None:
    purchase = bought(rig, 10)
    rig.port.change(purchase.vendor_subscription_id, SeatChange(key("there", purchase), 10, 20))
    rig.port.change(purchase.vendor_subscription_id, SeatChange(key("back", purchase), 20, 10))

    with pytest.raises(VendorConflict) as conflict:
        rig.port.change(
            purchase.vendor_subscription_id, SeatChange(key("ours", purchase), 10, 12, purchase.etag)
        )
    assert conflict.value.current is not None
    assert conflict.value.current.quantity == 10


@pytest.mark.parametrize("failure", ["cut", "truncated", "error_after"])
def test_a_change_whose_answer_was_lost_is_settled_by_its_key_and_is_no_conflict_with_itself(
    rig: Rig, failure: str
) -> None:
    purchase = bought(rig, 10)
    change = SeatChange(key("up", purchase), 10, 12, purchase.etag)
    rig.fail("subscriptions.change", failure)
    with pytest.raises(VendorUnavailable) as unknown:
        rig.port.change(purchase.vendor_subscription_id, change)
    assert unknown.value.may_have_happened

    assert rig.port.change(purchase.vendor_subscription_id, change).quantity == 12


def test_a_subscription_can_be_cancelled_inside_its_window_only(rig: Rig) -> None:
    early, late = bought(rig), bought(rig)
    cancelled = rig.port.cancel(early.vendor_subscription_id, key=key("cancel", early), etag=early.etag)
    assert cancelled.state == "cancelled"

    rig.advance(rig.longest_reduction + timedelta(minutes=1))
    with pytest.raises(VendorRejected) as refusal:
        rig.port.cancel(late.vendor_subscription_id, key=key("cancel", late))
    assert refusal.value.code == "900213"
    assert rig.port.subscription(late.vendor_subscription_id).state == "active"


def test_what_is_booked_for_the_renewal_happens_then_and_is_forgotten_by_a_change_before(rig: Rig) -> None:
    purchase = rig.port.provision(rig.request(10))
    id, then = purchase.vendor_subscription_id, NextTerm(7, "P1Y", "annual")
    booked = rig.port.renew(id, Renewal(key("book", purchase), True, then))
    assert (booked.is_auto_renewed, booked.next_term, booked.quantity) == (True, then, 10)
    changed = rig.port.change(id, SeatChange(key("more", purchase), 10, 11, booked.etag))
    assert changed.next_term is None
    with pytest.raises(VendorConflict):
        rig.port.renew(id, Renewal(key("late", purchase), True, then, booked.etag))
    again = rig.port.renew(id, Renewal(key("again", purchase), True, then, changed.etag))
    rig.advance(timedelta(days=366))
    renewed = rig.port.subscription(id)
    assert (renewed.quantity, renewed.billing_plan, renewed.next_term) == (7, "annual", None)
    assert renewed.term_ends_at > again.term_ends_at
    assert sum(batch.quantity for batch in renewed.batches) == 7


def test_a_renewal_that_is_switched_off_ends_the_subscription_with_its_term(rig: Rig) -> None:
    purchase = rig.port.provision(rig.request(10, term="P1M"))
    id = purchase.vendor_subscription_id
    with pytest.raises(VendorRejected):
        rig.port.renew(id, Renewal(key("nonsense", purchase), False, NextTerm(7, "P1M", "monthly")))
    assert not rig.port.renew(id, Renewal(key("off", purchase), False)).is_auto_renewed
    rig.advance(timedelta(days=32))
    assert rig.port.subscription(id).state == "expired"


def test_a_longer_term_begins_now_with_a_new_window_and_a_shorter_one_never(rig: Rig) -> None:
    purchase = rig.port.provision(rig.request(10, term="P1M"))
    id = purchase.vendor_subscription_id
    rig.advance(timedelta(days=10))
    with pytest.raises(VendorConflict):
        rig.port.change_term(id, TermChange(key("stale", purchase), 9, "P1M", "P1Y", "monthly"))
    changed = rig.port.change_term(id, TermChange(key("longer", purchase), 10, "P1M", "P1Y", "monthly"))
    assert (changed.term, changed.billing_plan, changed.quantity) == ("P1Y", "monthly", 10)
    assert changed.term_ends_at > purchase.term_ends_at + timedelta(days=300)
    assert sum(batch.quantity for batch in changed.batches) == 10
    with pytest.raises(VendorRejected):
        rig.port.change_term(id, TermChange(key("back", purchase), 10, "P1Y", "P1M", "monthly"))


def test_a_suspended_subscription_can_be_resumed_and_its_seats_wait(rig: Rig) -> None:
    purchase = bought(rig)
    id = purchase.vendor_subscription_id
    suspended = rig.port.suspend(id, key=key("suspend", purchase))
    assert suspended.state == "suspended"
    assert suspended.batches == ()
    with pytest.raises(VendorRejected) as refusal:
        rig.port.change(id, SeatChange(key("up", purchase), 5, 6))
    assert refusal.value.code == "2001"

    resumed = rig.port.resume(id, key=key("resume", purchase), etag=suspended.etag)
    assert resumed.state == "active"
    assert not resumed.is_auto_renewed


def test_a_change_while_the_vendor_still_delivers_is_asked_for_again_later(rig: Rig) -> None:
    rig.deliver_after(3600)
    purchase = bought(rig)
    with pytest.raises(VendorUnavailable) as busy:
        rig.port.change(purchase.vendor_subscription_id, SeatChange(key("up", purchase), 5, 6))
    assert not busy.value.may_have_happened
    assert busy.value.retry_after is not None


def test_a_lagging_read_back_is_no_proof_of_absence(rig: Rig) -> None:
    request = rig.request()
    rig.port.provision(request)
    rig.fail("orders.find", "stale", times=2, seconds=60)
    assert rig.port.lookup(key=request.key, client_reference=request.client_reference) is None
    assert rig.port.lookup(key=request.key, client_reference=request.client_reference) is not None


def test_what_was_answered_survives_a_crash_of_the_vendor(rig: Rig) -> None:
    requests = [rig.request() for _ in range(5)]
    purchases = [rig.port.provision(request) for request in requests]
    rig.crash()
    for request, purchase in zip(requests, purchases, strict=True):
        assert rig.port.provision(request) == purchase
        assert rig.purchases(request.client_reference) == 1


def test_a_vendor_that_is_down_did_nothing(rig: Rig) -> None:
    with rig.down():
        with pytest.raises(VendorUnavailable) as failure:
            rig.port.provision(rig.request())
        assert not failure.value.may_have_happened
        assert not rig.port.check().is_ok


def test_offers_and_prices_come_page_by_page(rig: Rig) -> None:
    offers = list(rig.port.offers(market="DE", segment="Commercial"))
    prices = list(rig.port.prices(market="DE", segment="Commercial"))
    assert len(offers) == len(prices) > 10
    assert len({(o.product_id, o.sku_id, o.term, o.billing_plan) for o in offers}) == len(offers)
    assert all(price.currency == "EUR" and 0 < price.cost_amount < price.list_amount for price in prices)


def test_an_answer_without_end_is_cut_off(rig: Rig) -> None:
    rig.fail("subscriptions.read", "huge")
    purchase = bought(rig)
    with pytest.raises(VendorUnavailable, match="too long") as failure:
        rig.port.subscription(purchase.vendor_subscription_id)
    assert not failure.value.may_have_happened


def test_an_answer_that_drips_ends_at_the_deadline(rig: Rig) -> None:
    purchase = bought(rig)
    rig.fail("subscriptions.read", "drip")
    started = time.monotonic()
    with pytest.raises(VendorUnavailable, match="did not answer within"):
        rig.hasty_port.subscription(purchase.vendor_subscription_id)
    assert time.monotonic() - started < 5


def test_an_ability_that_is_not_declared_is_refused(rig: Rig) -> None:
    if Ability.USAGE not in rig.port.abilities:
        purchase = bought(rig)
        with pytest.raises(VendorRejected) as refusal:
            list(rig.port.usage(starts_at=purchase.starts_at, ends_at=purchase.term_ends_at))
        assert refusal.value.code == "not_supported"
