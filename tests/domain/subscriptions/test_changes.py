"""Changes to subscriptions: through the gate, to the vendor exactly once, and never over a change made somewhere else (P4)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.money import Money
from app.domain.approvals.errors import PriceMoved, SelfDecision, StaleAsk
from app.domain.approvals.models import ApprovalRequest, Commitment
from app.domain.subscriptions.actions import intent_for, request_change, withdraw_change
from app.domain.subscriptions.checks import check
from app.domain.subscriptions.models import (
    ChangeStep,
    RenewalBooking,
    SeatBatch,
    Subscription,
)
from app.domain.subscriptions.queries import Wanted, propose
from app.domain.vendors import Idempotency, NextTerm
from tests.support.changing import MARCH, Changing, at
from tests.support.fake_vendor import once, refused_connection, timed_out
from tests.support.seeding import in_scope
from tests.support.shopping import budget, over


@pytest.fixture
def changing(app, shop, vendor, worker, otto, nimbus):
    """Nimbus may spend up to 5,000 at once."""
    with clock.at(MARCH - timedelta(days=1)):
        shop.policy(otto, nimbus, over("5000"))
    return Changing(app, shop, vendor, worker)


def test_more_seats_are_bought_once_at_the_subscriptions_own_price_with_a_window_of_their_own(
    changing, ann, shop
):
    with at():
        subscription = changing.bought(ann)
    with at(days=9):
        shop.reprice(changing.offer, "360.00")
        change = changing.seats(ann, subscription, 14)
        assert changing.state(change) == "confirmed"
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, there, vendors):
            assert (row.state, there.requested_quantity, there.vendor_quantity, vendors.quantity) == (
                "completed", 14, 14, 14,
            )  # fmt: skip
            # 10.00 a month; 22 of 31 days of March are left, then eleven whole months
            assert row.due_amount == Decimal("99.35") - Decimal("70.96")
            assert row.commitment_amount == row.due_amount + 4 * 10 * 11
            assert row.applied_amount == row.due_amount
            assert there.unit_amount == 10
        with shop.looking() as current:
            batches = current.scalars(select(SeatBatch).order_by(SeatBatch.added_at)).all()
            assert [(batch.quantity, batch.reduce_until) for batch in batches] == [
                (10, MARCH + timedelta(hours=168)),
                (4, MARCH + timedelta(days=16)),
            ]
            assert check() == []
        # told once more, nothing happens
        assert changing.worker("subscriptions.%") == []
        assert len(changing.vendor.changes) == 1


def test_pressing_twice_is_one_change_and_another_number_is_a_conflict(changing, app, ann):
    with at():
        subscription = changing.bought(ann)
        with in_scope(app, ann) as current:
            intent = intent_for(current.get(Subscription, subscription), ann.actor)
        first = changing.seats(ann, subscription, 12, intent_id=intent)
        assert changing.seats(ann, subscription, 12, intent_id=intent) == first
        with pytest.raises(Conflict, match="Another change was asked for from this page"):
            changing.seats(ann, subscription, 13, intent_id=intent)
        with pytest.raises(Conflict, match="Only one can be made at a time"):
            changing.seats(ann, subscription, 13)
        changing.worker("subscriptions.%")
        with pytest.raises(Conflict, match="has changed since the page was opened"):
            changing.seats(ann, subscription, 13, intent_id=first)
        assert len(changing.vendor.changes) == 1


def test_seats_go_back_within_their_window_and_after_it_the_date_is_said(changing, ann):
    with at():
        subscription = changing.bought(ann)
    with at(days=5):
        changing.seats(ann, subscription, 13)
        changing.worker("subscriptions.%")
    with at(days=6, hours=20):
        change = changing.seats(ann, subscription, 8)
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, there, _):
            assert (row.state, there.vendor_quantity) == ("completed", 8)
            assert row.due_amount < 0
            assert row.commitment_amount == 0
    with (
        at(days=11),
        pytest.raises(Invalid, match="At most 3 can be given back now, until 14 March 2026, 10:00 UTC"),
    ):
        changing.seats(ann, subscription, 4)
    with at(days=30), pytest.raises(Invalid, match="No seats can be given back before the renewal"):
        changing.seats(ann, subscription, 7)


def test_a_change_over_the_threshold_waits_and_only_the_approval_lets_it_out(changing, ann, otto):
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 60)  # 50 x 120.00
        assert changing.state(change) == "on_hold"
        changing.worker("subscriptions.%")
        assert changing.there(subscription).quantity == 10
        with pytest.raises(StaleAsk):
            changing.decide(otto, change, digest="0" * 64)
    with at(days=2):
        changing.decide(otto, change)
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, there, vendors):
            assert (row.state, there.vendor_quantity, vendors.quantity) == ("completed", 60, 60)
            # decided later, so that less of the month is left than was asked for
            assert row.applied_amount < row.due_amount


def test_a_refused_change_leaves_everything_as_it_was_and_says_why(changing, ann, otto, shop):
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 60)
        changing.decide(otto, change, "refused", comment="Not this year.")
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, there, vendors):
            assert (row.state, row.reason) == ("canceled", "Refused: Not this year.")
            assert (there.requested_quantity, vendors.quantity) == (10, 10)
        with shop.looking() as current:
            spent = current.scalars(select(Commitment).where(Commitment.subject_id == change)).one()
            assert spent.released_at is not None
        # and may be asked for again
        assert changing.state(changing.seats(ann, subscription, 60)) == "on_hold"


def test_small_orders_and_then_more_seats_add_up_to_the_budget(changing, ann, otto, nimbus, shop):
    """Attack E-03: order small, then raise the seats."""
    with at():
        shop.policy(otto, nimbus, budget("2000"))
        subscription = changing.bought(ann)  # 1,200.00
        assert changing.state(changing.seats(ann, subscription, 14)) == "confirmed"  # 480.00
        changing.worker("subscriptions.%")
        assert changing.state(changing.seats(ann, subscription, 18)) == "on_hold"
        changing.worker("subscriptions.%")
        with shop.looking() as current:
            request = current.scalars(select(ApprovalRequest)).one()
            assert (request.subject_type, request.total_amount) == ("seat_change", Decimal("480.00"))


def test_nobody_approves_their_own_seats(changing, otto, nimbus, app, shop):
    with at():
        changing.offer = shop.offer("120.00", term="P1Y")
        shop.order(otto, [(changing.offer, 10)], nimbus)
        changing.worker("orders.%")
        with shop.looking() as current:
            subscription = current.scalars(select(Subscription.id)).one()
        change = changing.seats(otto, subscription, 60)
        assert changing.state(change) == "on_hold"
        with pytest.raises(SelfDecision):
            changing.decide(otto, change)


def test_a_change_made_at_the_vendor_meanwhile_is_never_overwritten(changing, ann):
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 12)
        with changing.shop.looking() as current:
            there = current.get(Subscription, subscription).vendor_subscription_id
        changing.vendor.resize(there, 15)
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, known, vendors):
            assert (row.state, row.from_quantity, row.conflict_quantity) == ("conflict", 10, 15)
            assert "15 seats, not 10" in row.reason
            assert (known.requested_quantity, known.vendor_quantity, vendors.quantity) == (10, 15, 15)


def test_only_a_newer_version_of_the_same_number_is_no_conflict(changing, ann):
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 12)
        changing.there(subscription).version += 5
        changing.worker("subscriptions.%")
    with at(hours=1):
        changing.worker("subscriptions.%")
        assert changing.state(change) == "completed"
        assert changing.there(subscription).quantity == 12


@pytest.mark.parametrize("idempotency", [Idempotency.IDEMPOTENT_KEY, Idempotency.CLIENT_REFERENCE_LOOKUP])
def test_a_change_whose_answer_was_lost_is_being_checked_and_happens_once(changing, ann, idempotency):
    changing.vendor.idempotency = idempotency
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 12)
        changing.vendor.after_change = once(timed_out())
        changing.worker("subscriptions.%")
        assert changing.state(change) == "unknown"
        with pytest.raises(Conflict, match="is on its way to the vendor"):
            changing.seats(ann, subscription, 13)
    with at(hours=2):
        changing.worker("subscriptions.%")
        assert changing.state(change) == "completed"
        assert len(changing.vendor.changes) == 1


def test_what_certainly_did_not_happen_is_tried_again_under_the_same_key(changing, ann, shop):
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 12)
        with shop.looking() as current:
            key = current.scalars(select(ChangeStep.key)).one()
        changing.vendor.before_change = once(refused_connection())
        changing.worker("subscriptions.%")
        assert changing.state(change) == "in_progress"
    with at(hours=1):
        changing.worker("subscriptions.%")
        assert [made.key for made in changing.vendor.changes] == [str(key)]


def test_a_vendors_refusal_is_final_and_gives_the_commitment_back(changing, ann, shop):
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 8)
    with at(days=10):
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, there, _):
            assert row.state == "failed"
            assert "168-hour window" in row.reason
            assert there.vendor_quantity == 10
        with shop.looking() as current:
            assert current.scalars(
                select(Commitment.released_at).where(Commitment.subject_id == change)
            ).one()


def test_a_change_that_was_tampered_with_after_its_approval_is_not_made(changing, app, ann, otto):
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 60)
        changing.decide(otto, change)
        with in_scope(app, otto):
            changing.change(change).to_quantity = 600
        changing.worker("subscriptions.%")
        assert changing.state(change) == "failed"
        assert changing.vendor.changes == []


def test_a_cancellation_within_the_window_ends_it_now_and_gives_back_what_was_not_used(changing, ann):
    with at():
        subscription = changing.bought(ann)
    with at(days=3):
        change = changing.ask(ann, subscription, Wanted("cancellation"))
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, there, vendors):
            assert (row.state, there.state, vendors.state) == ("completed", "cancelled", "cancelled")
            assert there.ended_at is not None
            # 28 of 31 days at 10.00, cut off per seat
            assert row.due_amount == Decimal("-90.30")
        with changing.shop.looking():
            assert check() == []
        with pytest.raises(Conflict, match="is cancelled and cannot be changed"):
            changing.seats(ann, subscription, 12)


def test_after_the_window_it_only_ends_with_its_term(changing, ann):
    with at():
        subscription = changing.bought(ann)
    with at(days=30):
        with pytest.raises(Invalid, match="The time to cancel at once ended on 09 March 2026, 10:00 UTC"):
            changing.ask(ann, subscription, Wanted("cancellation"))
        change = changing.ask(ann, subscription, Wanted("cancellation", timing="renewal"))
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, there, vendors):
            assert (row.state, there.state, there.renews_on) == ("completed", "active", None)
            assert not vendors.is_auto_renewed
        with pytest.raises(Invalid, match="ends with its term already"):
            changing.ask(ann, subscription, Wanted("cancellation", timing="renewal"))
        # switched on again, it is a whole new commitment
        change = changing.ask(ann, subscription, Wanted("renewal", timing="renewal"))
        with changing.look(change) as (row, _, _):
            assert row.commitment_amount == 1200
        changing.worker("subscriptions.%")
        assert changing.there(subscription).is_auto_renewed


def test_what_is_booked_for_the_renewal_survives_a_change_before_it_and_happens_then(changing, ann, shop):
    with at():
        subscription = changing.bought(ann)
    with at(days=60):
        change = changing.ask(ann, subscription, Wanted("renewal", timing="renewal", quantity=12))
        with changing.look(change) as (row, _, _):
            assert row.commitment_amount == 240  # two more than would have renewed anyway
        changing.worker("subscriptions.%")
        assert changing.there(subscription).next_term == NextTerm(12, "P1Y", "monthly")
        changing.seats(ann, subscription, 11)
        changing.worker("subscriptions.%")
        assert changing.there(subscription).quantity == 11
        assert changing.there(subscription).next_term == NextTerm(12, "P1Y", "monthly")
        shop.reprice(changing.offer, "144.00")
    with at(days=370):
        there = changing.there(subscription)
        there.quantity, there.next_term = 12, None
        there.term_ends_at += timedelta(days=365)
        changing.worker("subscriptions.%")
        from app.domain.subscriptions.jobs import read_due

        with changing.app.app_context():
            read_due()
        changing.worker("subscriptions.%")
        with shop.looking() as current:
            row = current.get(Subscription, subscription)
            assert (row.vendor_quantity, row.requested_quantity, row.unit_amount) == (12, 12, 12)
            assert row.term_starts_on.isoformat() == "2027-03-02"
            assert current.scalars(select(func.count()).select_from(RenewalBooking)).one() == 0
            assert check() == []


def test_a_longer_term_begins_now_at_todays_price_less_what_is_paid_for(changing, ann, otto, shop, app):
    with at():
        subscription = changing.bought(ann, price="12.00", term="P1M")
        with in_scope(app) as current:
            from app.domain.catalog.models import Offer

            old = current.get(Offer, changing.offer)
            new = Offer(
                product_id=old.product_id, sku_id=old.sku_id, term="P1Y", billing_plan="monthly",
                segment="commercial", market="DE",
            )  # fmt: skip
            current.add(new)
            current.flush()
            yearly = new.id
            shop.price(yearly, "120.00")
        change = changing.ask(ann, subscription, Wanted("term_change", offer_id=yearly))
        with changing.look(change) as (row, _, _):
            # 30 of March's 31 days are left of 12.00: 11.61 a seat is taken back
            assert row.due_amount == Decimal("100.00") - Decimal("116.10")
            assert row.commitment_amount == Decimal("1200.00") - Decimal("116.10")
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, there, vendors):
            assert (row.state, there.term, vendors.term) == ("completed", "P1Y", "P1Y")
            assert (there.unit_amount, there.offer_id) == (10, yearly)
        with shop.looking():
            assert check() == []
        with pytest.raises(Invalid, match="Only a longer term can begin now"):
            changing.ask(ann, subscription, Wanted("term_change", offer_id=changing.offer))


@pytest.mark.parametrize(
    ("guard", "state"), [("list", "confirmed"), ("approval", "on_hold"), ("closed", None)]
)
def test_a_longer_term_under_its_cost_meets_the_margin_guard(guard, state, changing, ann, otto, shop, app):
    from dataclasses import replace

    from app.domain.catalog.models import Offer
    from app.domain.pricing import actions as pricing
    from app.domain.pricing.queries import settings

    with at():
        subscription = changing.bought(ann, price="12.00", term="P1M")
        with in_scope(app) as current:
            old = current.get(Offer, changing.offer)
            new = Offer(
                product_id=old.product_id, sku_id=old.sku_id, term="P1Y", billing_plan="monthly",
                segment="commercial", market="DE",
            )  # fmt: skip
            current.add(new)
            current.flush()
            yearly = new.id
            shop.price(yearly, "120.00", cost="132.00")
        with in_scope(app, otto):
            pricing.choose_settings(replace(settings(), guard=guard), by=otto.actor)
        if state is None:
            with pytest.raises(Invalid, match="cannot be ordered at the moment"):
                changing.ask(ann, subscription, Wanted("term_change", offer_id=yearly))
            return
        change = changing.ask(ann, subscription, Wanted("term_change", offer_id=yearly))
        with changing.look(change) as (row, _, _):
            assert row.state == state


def test_a_renewal_whose_price_has_moved_is_a_choice_for_whoever_decides(changing, ann, otto, nimbus, shop):
    with at():
        subscription = changing.bought(ann)
        shop.policy(otto, nimbus, over("100"))
        change = changing.ask(ann, subscription, Wanted("renewal", timing="renewal", quantity=12))
        shop.reprice(changing.offer, "60.00")
        with pytest.raises(PriceMoved) as moved:
            changing.decide(otto, change)
        assert moved.value.choices == (Money(Decimal(240), "EUR"), Money(Decimal(120), "EUR"))
        changing.decide(otto, change, at_amount=Decimal(120))
        changing.worker("subscriptions.%")
        with changing.look(change) as (row, _, _):
            assert (row.state, row.commitment_amount) == ("completed", 120)


def test_what_waits_about_a_subscription_that_has_ended_is_taken_back(changing, ann):
    with at():
        subscription = changing.bought(ann)
        waiting = changing.ask(ann, subscription, Wanted("renewal", timing="renewal", quantity=90))
        assert changing.state(waiting) == "on_hold"
        changing.ask(ann, subscription, Wanted("cancellation"))
        changing.worker("subscriptions.%")
        assert changing.state(waiting) == "canceled"


def test_whoever_asked_takes_it_back_and_others_do_not(changing, ann, bea, otto):
    with at():
        subscription = changing.bought(ann)
        change = changing.seats(ann, subscription, 60)
        with in_scope(changing.app, bea), pytest.raises(Forbidden):
            withdraw_change(change, by=bea.actor)
        with in_scope(changing.app, ann):
            withdraw_change(change, reason="Too many.", by=ann.actor)
        assert changing.state(change) == "canceled"
        with in_scope(changing.app, ann), pytest.raises(Conflict, match="can no longer be taken back"):
            withdraw_change(change, by=ann.actor)


def test_other_customers_can_neither_change_it_nor_see_what_it_would_cost(changing, ann, liam, gwen, app):
    with at():
        subscription = changing.bought(ann)
        for other in (liam, gwen):
            with pytest.raises(NotFound):
                changing.seats(other, subscription, 12)
        with in_scope(app, ann) as current:
            row = current.get(Subscription, subscription)
            intent = intent_for(row, ann.actor)
            assert propose(row, Wanted("seat_change", quantity=11)).due.amount > 0
        with in_scope(app, liam), pytest.raises(NotFound):
            request_change(subscription, Wanted("seat_change", quantity=12), intent_id=intent, by=liam.actor)
