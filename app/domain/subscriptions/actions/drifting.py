"""Comparing with the vendor: its truth is taken over, and each difference goes to a desk where a person decides it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import SYSTEM, Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.subscriptions.actions.frozen import lock_subscription
from app.domain.subscriptions.actions.requesting import intent_for, request_change
from app.domain.subscriptions.actions.truth import take_truth
from app.domain.subscriptions.models import DRIFT, OPEN, Drift, Subscription, SubscriptionChange
from app.domain.subscriptions.queries.proposals import Wanted, booking_of
from app.domain.vendors import NextTerm, VendorSubscription

MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect in which the vendor says otherwise. `effect` is what it makes each charge, theirs less ours."""

    aspect: str
    ours: str
    theirs: str
    effect: Decimal


def compare(subscription_id: UUID, truth: VendorSubscription) -> list[Drift]:
    """Takes the vendor's truth over and writes down how it differs from what we asked for; answers what is open now.

    While a change is on its way there is nothing to compare with: its own answer settles it.
    """
    subscription = lock_subscription(subscription_id)
    if subscription.state == "pending" or _is_changing(subscription.id):
        return []
    found = {one.aspect: one for one in _differences(subscription, truth)}
    take_truth(subscription, truth)
    return _write_down(subscription, found)


def missing_at_vendor(subscription_id: UUID) -> list[Drift]:
    """The vendor does not know the subscription (any more)."""
    subscription = lock_subscription(subscription_id)
    if subscription.state not in ("active", "suspended") or _is_changing(subscription.id):
        return []
    subscription.synced_at = clock.now()
    effect = -subscription.unit_amount * subscription.requested_quantity
    return _write_down(
        subscription, {"missing": Difference("missing", subscription.state, "unknown there", effect)}
    )


def _is_changing(subscription_id: UUID) -> bool:
    on_its_way = [state for state in OPEN if state != "on_hold"]
    statement = select(SubscriptionChange.id).where(
        SubscriptionChange.subscription_id == subscription_id, SubscriptionChange.state.in_(on_its_way)
    )
    return session().execute(statement.limit(1)).first() is not None


def _differences(subscription: Subscription, truth: VendorSubscription) -> Iterator[Difference]:
    unit = subscription.unit_amount
    if truth.state in ("cancelled", "expired", "failed") and subscription.state in ("active", "suspended"):
        if truth.state != "expired" or subscription.is_auto_renewed:
            effect = -unit * subscription.requested_quantity
            yield Difference("state", subscription.state, truth.state, effect)
        return
    if truth.state == "suspended" and subscription.state == "active":
        yield Difference("state", "active", "suspended", Decimal(0))
    renewed = truth.term_ends_at.date() > subscription.term_ends_on
    booking = booking_of(subscription.id)
    expected = booking.quantity if renewed and booking else subscription.requested_quantity
    if truth.quantity != expected:
        effect = unit * (truth.quantity - expected)
        yield Difference("quantity", str(expected), str(truth.quantity), effect)
    if truth.is_auto_renewed != subscription.is_auto_renewed:
        yield Difference(
            "auto_renewal",
            _on(subscription.is_auto_renewed),
            _on(truth.is_auto_renewed),
            Decimal(0),
        )
    ours = None
    if booking is not None and not renewed and booking.booked_at is not None:
        ours = NextTerm(booking.quantity, booking.term, booking.billing_plan.lower())
    theirs = truth.next_term
    if ours != theirs and (booking is None or booking.booked_at is not None):
        effect = Decimal(0)
        if theirs is not None or ours is not None:
            effect = unit * (
                (theirs.quantity if theirs else truth.quantity) - (ours.quantity if ours else truth.quantity)
            )
        yield Difference("next_term", _then(ours), _then(theirs), effect)


def _on(is_on: bool) -> str:
    return "on" if is_on else "off"


def _then(then: NextTerm | None) -> str:
    return "the same again" if then is None else f"{then.quantity} × {then.term} {then.billing_plan}"


def _write_down(subscription: Subscription, found: dict[str, Difference]) -> list[Drift]:
    now = clock.now()
    known = {
        drift.aspect: drift
        for drift in session().scalars(
            select(Drift)
            .where(Drift.subscription_id == subscription.id, Drift.state.in_(("open", "left")))
            .order_by(Drift.found_at)
        )
    }
    still: list[Drift] = []
    for aspect, drift in known.items():
        one = found.pop(aspect, None)
        if one is None:
            if drift.state == "open":
                _close(drift, "gone", SYSTEM, "")
            continue
        drift.seen_at = now
        if drift.state == "open":
            drift.ours, drift.theirs, drift.effect_amount = one.ours, one.theirs, one.effect
            still.append(drift)
        elif (drift.ours, drift.theirs) != (one.ours, one.theirs):
            found[aspect] = one
    for one in found.values():
        drift = Drift(
            tenant_id=subscription.tenant_id,
            account_id=subscription.account_id,
            subscription_id=subscription.id,
            aspect=one.aspect,
            ours=one.ours,
            theirs=one.theirs,
            currency=subscription.currency,
            effect_amount=one.effect,
            found_at=now,
            seen_at=now,
        )
        session().add(drift)
        session().flush()
        still.append(drift)
        data = {
            "number": subscription.number,
            "aspect": one.aspect,
            "ours": one.ours,
            "theirs": one.theirs,
            "effect": f"{one.effect} {subscription.currency}",
        }
        events.record("subscription.drifted", subscription, SYSTEM, data)
    return still


def _close(drift: Drift, state: str, by: Actor, note: str) -> None:
    DRIFT.move(drift, state)
    drift.closed_at, drift.closed_by_name, drift.note = clock.now(), by.name, note


def decide_drift(drift_id: UUID, answer: str, *, note: str = "", by: Actor) -> SubscriptionChange | None:
    """Settles an open difference: `accepted` (we believe the vendor from now on), `pushed` (the vendor gets our number, as a
    change through the gate, which is answered), `left` (until it changes again; then with a note).

    Raises NotFound, Conflict (settled already, or the vendor's number is another by now), Invalid (`answer`, `note`).
    """
    if answer not in ("accepted", "pushed", "left"):
        raise Invalid({"answer": "Accept it, push ours, or leave it."})
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise Invalid({"note": f"Use at most {MAX_NOTE} characters."})
    if answer == "left" and not note:
        raise Invalid({"note": "Say why it is left as it is."})
    drift = session().get(Drift, drift_id)
    if drift is None:
        raise NotFound
    change = None
    if answer == "pushed":
        change = _push(drift, note, by)
        session().refresh(drift)
    subscription = lock_subscription(drift.subscription_id)
    session().refresh(drift, with_for_update=True)
    if drift.state != "open":
        raise Conflict(f"This difference was settled already: {drift.state}.")
    if answer == "accepted":
        _accept(subscription, drift)
    _close(drift, answer, by, note)
    data = {
        "number": subscription.number,
        "aspect": drift.aspect,
        "ours": drift.ours,
        "theirs": drift.theirs,
        "note": note,
    }
    events.record(f"subscription.drift_{answer}", subscription, by, data)
    return change


def _accept(subscription: Subscription, drift: Drift) -> None:
    if drift.aspect == "quantity":
        if str(subscription.vendor_quantity) != drift.theirs:
            raise Conflict("The vendor's number is another one by now. Look at it again.")
        subscription.requested_quantity = subscription.vendor_quantity
    elif drift.aspect == "auto_renewal":
        subscription.is_auto_renewed = drift.theirs == "on"
        subscription.renews_on = subscription.term_ends_on if subscription.is_auto_renewed else None
    elif drift.aspect == "next_term":
        booking = booking_of(subscription.id)
        if booking is not None:
            session().delete(booking)


def _push(drift: Drift, note: str, by: Actor) -> SubscriptionChange:
    """Our number goes to the vendor as any other change does: compared with theirs, through the gate, once."""
    subscription = session().get_one(Subscription, drift.subscription_id)
    if drift.aspect == "quantity":
        wanted = Wanted("seat_change", quantity=int(drift.ours))
    elif drift.aspect == "auto_renewal" and drift.ours == "off":
        subscription.is_auto_renewed = True  # as the vendor has it; the change makes it ours again
        session().flush()
        wanted = Wanted("cancellation", timing="renewal")
    elif drift.aspect == "auto_renewal":
        subscription.is_auto_renewed = False
        session().flush()
        wanted = Wanted("renewal", timing="renewal")
    else:
        raise Invalid({"answer": "This cannot be pushed. Accept it, or leave it and ask the vendor."})
    return request_change(subscription.id, wanted, intent_id=intent_for(subscription, by), note=note, by=by)
