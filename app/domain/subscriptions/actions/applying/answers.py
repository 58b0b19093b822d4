"""Storing what a vendor said to a change: done, refused, no longer what it was, or no usable answer. Promises P1, P2, P4."""

from uuid import UUID

from sqlalchemy import delete

from app.core import clock, events
from app.core.actor import SYSTEM
from app.core.db import session
from app.core.ids import new_id
from app.domain.subscriptions.actions.applying.claims import Claim, locked, note_person
from app.domain.subscriptions.actions.applying.ends import end, ends_as
from app.domain.subscriptions.actions.applying.orders import next_term, still_holds
from app.domain.subscriptions.actions.requesting import defer, told
from app.domain.subscriptions.actions.truth import answer_dict, take_truth
from app.domain.subscriptions.models import (
    CHANGE,
    ChangeStep,
    RenewalBooking,
    Subscription,
    SubscriptionChange,
)
from app.domain.subscriptions.queries.proposals import booking_of, cycle_now
from app.domain.subscriptions.rules import proration
from app.domain.vendors import (
    Idempotency,
    VendorConflict,
    VendorRejected,
    VendorSubscription,
    VendorUnavailable,
)
from app.domain.vendors import actions as calls

MOST_ETAGS = 8
"""How often a change is sent again because only the vendor's version was newer; then a person looks."""


def store_done(claim: Claim, truth: VendorSubscription) -> None:
    """The vendor did it. True even when the lease ran out meanwhile: the same key is the same change."""
    subscription, change, step = locked(claim.change_id, claim.step)
    if step.state in ("done", "failed"):
        return
    calls.finish(step, answer_dict(truth))
    if claim.step == "rebook":
        take_truth(subscription, truth)
        booking = booking_of(subscription.id)
        if booking is not None:
            booking.booked_at = clock.now()
        return
    if change.state == "unknown":
        CHANGE.move(change, "in_progress")
    _apply(subscription, change, truth)
    ends_as(change, "completed", "")
    end(change, subscription, "completed", {})


def store_rejection(claim: Claim, refusal: VendorRejected) -> None:
    """The vendor said no, for good: nothing has changed there, and the change has failed with the vendor's sentence."""
    subscription, change, step = locked(claim.change_id, claim.step)
    if step.state in ("done", "failed") or not calls.is_ours(step, claim.attempt):
        return
    step.error = f"{refusal.code}: {refusal.reason}"
    calls.fail(step)
    if claim.step == "rebook":
        note_person(change, step, subscription)
        return
    ends_as(change, "failed", refusal.reason)
    end(change, subscription, "failed", {"reason": change.reason})


def store_conflict(claim: Claim, conflict: VendorConflict) -> None:
    """The vendor has something else than we believed: nothing was changed. Only a newer version of the same: send again."""
    subscription, change, step = locked(claim.change_id, claim.step)
    if step.state in ("done", "failed") or not calls.is_ours(step, claim.attempt):
        return
    truth = conflict.current
    if truth is not None:
        take_truth(subscription, truth)
        if still_holds(claim.order, truth) and step.attempt < MOST_ETAGS:
            failure = VendorUnavailable(conflict.reason, may_have_happened=False)
            calls.put_off(
                step,
                failure,
                what="call",
                was_uncertain=False,
                idempotency=Idempotency.IDEMPOTENT_KEY,
            )
            defer(change, claim.step, step.next_at)
            return
    step.error = f"{conflict.code}: {conflict.reason}"
    calls.fail(step)
    if claim.step == "rebook":
        note_person(change, step, subscription)
        return
    change.conflict_quantity = None if truth is None else truth.quantity
    ends_as(change, "conflict", _conflict_words(change, truth))
    end(
        change,
        subscription,
        "conflicted",
        {"reason": change.reason, "expected": change.from_quantity, "found": change.conflict_quantity},
    )


def _conflict_words(change: SubscriptionChange, truth: VendorSubscription | None) -> str:
    if truth is None:
        return "The vendor has something else than we believed, so nothing was changed."
    if truth.quantity != change.from_quantity:
        return (
            f"The vendor has {truth.quantity:,} seats, not {change.from_quantity:,}, so nothing was changed."
        )
    return f"At the vendor this subscription is {truth.state} for {truth.term}, so nothing was changed."


def store_failure(claim: Claim, failure: VendorUnavailable, *, idempotency: Idempotency) -> None:
    """No usable answer. Certainly nothing happened: try again soon. Perhaps it did: unknown, shown as being checked."""
    subscription, change, step = locked(claim.change_id, claim.step)
    if not calls.is_ours(step, claim.attempt):
        return
    calls.put_off(step, failure, what=claim.what, was_uncertain=claim.was_uncertain, idempotency=idempotency)
    if step.state == "unknown":
        if claim.step == "apply" and change.state != "unknown":
            CHANGE.move(change, "unknown")
            data = told(change, subscription) | {"error": step.error}
            events.record("subscription_change.unknown", change, SYSTEM, data)
        if calls.has_climbed_the_ladder(step):
            note_person(change, step, subscription)
    defer(change, claim.step, step.next_at)


def _apply(subscription: Subscription, change: SubscriptionChange, truth: VendorSubscription) -> None:
    """Makes our subscription what the change wanted, by what the vendor answered."""
    now = clock.now()
    if change.kind == "seat_change":
        cycle = cycle_now(subscription, now.date())
        change.applied_amount = proration.seat_change(
            subscription.unit_amount, change.from_quantity, change.to_quantity, cycle, subscription.currency
        ).due
        subscription.requested_quantity = change.to_quantity
    elif change.kind == "cancellation" and change.timing == "now":
        change.applied_amount = change.due_amount
        subscription.is_auto_renewed, subscription.renews_on = False, None
    elif change.kind == "cancellation":
        subscription.is_auto_renewed, subscription.renews_on = False, None
    elif change.kind == "renewal":
        subscription.is_auto_renewed, subscription.renews_on = True, subscription.term_ends_on
    else:
        change.applied_amount = change.due_amount
        subscription.term, subscription.billing_plan = change.to_term, change.to_billing_plan
        subscription.offer_id = change.offer_id
        subscription.currency, subscription.unit_amount = change.currency, change.unit_amount
        subscription.cost_unit_amount, subscription.quote = change.cost_unit_amount, change.quote
        subscription.term_starts_on, subscription.term_ends_on = now.date(), truth.term_ends_at.date()
        subscription.repriced_at = now
        subscription.is_auto_renewed = truth.is_auto_renewed
        subscription.renews_on = subscription.term_ends_on if truth.is_auto_renewed else None
    had = booking_of(subscription.id)
    take_truth(subscription, truth)
    _keep_booking(subscription, change, had)


def _keep_booking(subscription: Subscription, change: SubscriptionChange, had: RenewalBooking | None) -> None:
    """What is booked for the renewal after this change: a new booking, none, or the old one to be booked again."""
    if change.kind == "seat_change":
        if had is not None:
            had.booked_at = None
            _book_again(change)
        return
    if had is not None:
        session().execute(delete(RenewalBooking).where(RenewalBooking.id == had.id))
        session().expunge(had)
    then = next_term(change) if change.kind == "renewal" else None
    if then is not None:
        session().add(
            RenewalBooking(
                tenant_id=subscription.tenant_id,
                account_id=subscription.account_id,
                subscription_id=subscription.id,
                subscription_change_id=change.id,
                quantity=then.quantity,
                term=then.term,
                billing_plan=then.billing_plan,
                offer_id=change.offer_id,
                booked_at=clock.now(),
            )
        )


def _book_again(change: SubscriptionChange) -> None:
    session().add(
        ChangeStep(
            tenant_id=change.tenant_id,
            account_id=change.account_id,
            subscription_change_id=change.id,
            name="rebook",
            state="ready",
            key=new_id(),
            client_reference=f"{change.number}/{_tail(change.id)}",
        )
    )
    defer(change, "rebook")


def _tail(change_id: UUID) -> str:
    return change_id.hex[-12:]
