"""Claiming the call for one step of a change: one worker at a time, under a lease, and only for what was approved."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import SYSTEM
from app.core.db import session
from app.domain.subscriptions.actions.applying.ends import end, ends_as
from app.domain.subscriptions.actions.applying.orders import Order, order_of
from app.domain.subscriptions.actions.frozen import digest_now, lock_change
from app.domain.subscriptions.actions.requesting import defer
from app.domain.subscriptions.models import CHANGE, ChangeStep, Subscription, SubscriptionChange
from app.domain.subscriptions.queries.proposals import booking_of
from app.domain.vendors import VendorPort
from app.domain.vendors import actions as calls


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to act on one step until its lease ends. `what` is `call` or `look_up`; `was_uncertain`: an earlier call
    may have happened."""

    tenant_id: UUID
    change_id: UUID
    step: str
    attempt: int
    what: str
    was_uncertain: bool
    vendor_subscription_id: str
    order: Order


def locked(change_id: UUID, name: str) -> tuple[Subscription, SubscriptionChange, ChangeStep]:
    """The step with its change and subscription, locked in the order subscription, change; all read afresh."""
    subscription, change = lock_change(change_id)
    step = (
        session()
        .scalars(
            select(ChangeStep)
            .where(ChangeStep.subscription_change_id == change_id, ChangeStep.name == name)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    return subscription, change, step


def claim(change_id: UUID, name: str, port: VendorPort) -> Claim | None:
    """Takes the step, if something may be done now; otherwise sees to it that somebody comes back.

    None: done, failed, somebody else is at it, not yet time, or a person has been asked.
    """
    subscription, change, step = locked(change_id, name)
    now = clock.now()
    move = calls.what_next(step, port, now)
    if move.what == "nothing":
        return None
    if move.what == "wait":
        defer(change, name, move.at or now)
        return None
    if move.what == "ask_person":
        ask_person(
            change, step, "The vendor did not say whether this was done, and cannot be asked.", subscription
        )
        return None
    if name == "apply" and digest_now(change) != change.approved_digest:
        _stop_tampered(change, step, subscription)
        return None
    booking = booking_of(subscription.id)
    if name == "rebook" and booking is None:
        calls.fail(step)
        return None
    was_uncertain = step.state != "ready"
    calls.take_up(step, move.what, port, now)
    if change.state in ("confirmed", "unknown"):
        CHANGE.move(change, "in_progress")
    return Claim(
        change.tenant_id,
        change.id,
        name,
        step.attempt,
        move.what,
        was_uncertain,
        subscription.vendor_subscription_id,
        order_of(change, step, subscription, booking),
    )


def renew(claim: Claim, port: VendorPort) -> bool:
    """After a look-up that found nothing done: may the call be made now, by this claim? Extends its lease when so."""
    _, _, step = locked(claim.change_id, claim.step)
    if not calls.is_ours(step, claim.attempt):
        return False
    calls.extend(step, port, clock.now())
    return True


def ask_person(change: SubscriptionChange, step: ChangeStep, reason: str, subscription: Subscription) -> None:
    """Nothing may be done by machine any more: shown as being checked, and listed for people."""
    calls.leave_to_a_person(step, reason)
    if step.name == "apply" and change.state != "unknown":
        if change.state == "confirmed":
            CHANGE.move(change, "in_progress")
        CHANGE.move(change, "unknown")
    note_person(change, step, subscription)


def note_person(change: SubscriptionChange, step: ChangeStep, subscription: Subscription) -> None:
    """Lists the change for people, once."""
    if step.needs_person_since is None:
        step.needs_person_since = clock.now()
        data = {"number": change.number, "subscription": subscription.number, "error": step.error}
        events.record("subscription_change.needs_attention", change, SYSTEM, data)


def _stop_tampered(change: SubscriptionChange, step: ChangeStep, subscription: Subscription) -> None:
    """The change is not what was approved. Nothing was done yet: stop. Something may have been: a person looks."""
    data = {"number": change.number, "approved": change.approved_digest}
    events.record("subscription_change.mismatched", change, SYSTEM, data)
    if step.state == "ready":
        reason = "This change is no longer what was approved, so nothing was changed."
        step.error = reason
        calls.fail(step)
        ends_as(change, "failed", reason)
        end(change, subscription, "failed", {"reason": reason})
    else:
        ask_person(
            change, step, "This change is no longer what was approved. Look at it first.", subscription
        )
