"""Taking the vendor's truth over: it is copied, never added to. What we asked for stays beside it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete

from app.core import clock, events
from app.core.actor import SYSTEM
from app.core.db import session
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import Quote
from app.domain.subscriptions.actions.repricing import keeps_its_price
from app.domain.subscriptions.models import SUBSCRIPTION, RenewalBooking, SeatBatch, Subscription
from app.domain.subscriptions.queries.proposals import batches_of, booking_of
from app.domain.subscriptions.rules.batches import Held, reconciled
from app.domain.subscriptions.rules.proration import add_months
from app.domain.subscriptions.rules.terms import TERM_MONTHS
from app.domain.vendors import VendorSubscription

LIVING = ("pending", "active", "suspended")
A_DAY = timedelta(days=1)


def take_truth(subscription: Subscription, truth: VendorSubscription) -> None:
    """Copies what the vendor says: quantity, batches, state, deadlines, and a term that has been renewed. It is locked."""
    now = clock.now()
    subscription.synced_at, subscription.etag = now, truth.etag
    subscription.cancel_until = truth.cancel_until
    if subscription.state not in LIVING:
        return
    ends_on = truth.term_ends_at.date()
    if truth.state in ("active", "suspended") and ends_on > subscription.term_ends_on + A_DAY:
        _begin_next_term(subscription, truth)
    _take_seats(subscription, truth, now)
    _take_state(subscription, truth, now)


def _take_seats(subscription: Subscription, truth: VendorSubscription, now: datetime) -> None:
    held = batches_of(subscription.id)
    subscription.vendor_quantity = truth.quantity
    if truth.state == "suspended" and sum(batch.quantity for batch in held) == truth.quantity:
        return  # a vendor shows no windows while it is switched off; they come back with it
    there = [(batch.quantity, batch.reduce_until) for batch in truth.batches]
    wanted = reconciled(held, truth.quantity, there, now)
    if wanted != held:
        _replace_batches(subscription, wanted)


def _replace_batches(subscription: Subscription, wanted: Sequence[Held]) -> None:
    session().execute(delete(SeatBatch).where(SeatBatch.subscription_id == subscription.id))
    session().add_all(
        SeatBatch(
            tenant_id=subscription.tenant_id,
            account_id=subscription.account_id,
            subscription_id=subscription.id,
            quantity=batch.quantity,
            added_at=batch.added_at,
            reduce_until=batch.reduce_until,
        )
        for batch in wanted
    )
    session().flush()


def _take_state(subscription: Subscription, truth: VendorSubscription, now: datetime) -> None:
    state = "cancelled" if truth.state == "failed" else truth.state
    if state == subscription.state or state not in SUBSCRIPTION.moves[subscription.state]:
        return
    before = subscription.state
    SUBSCRIPTION.move(subscription, state)
    if state in ("cancelled", "expired"):
        subscription.ended_at, subscription.renews_on = now, None
        booking = booking_of(subscription.id)
        if booking is not None:
            session().delete(booking)
    name = "resumed" if (before, state) == ("suspended", "active") else state
    if (before, state) == ("pending", "active"):
        name = "activated"
    events.record(f"subscription.{name}", subscription, SYSTEM, told(subscription))


def _begin_next_term(subscription: Subscription, truth: VendorSubscription) -> None:
    """The vendor has renewed it: the next term, at the price that was in force on the day it began."""
    booking: RenewalBooking | None = booking_of(subscription.id)
    began = subscription.term_ends_on
    before = f"{subscription.unit_amount} {subscription.currency}"
    if booking is not None and (booking.term, booking.quantity) == (truth.term, truth.quantity):
        subscription.offer_id = booking.offer_id
        subscription.term, subscription.billing_plan = booking.term, booking.billing_plan
        subscription.requested_quantity = booking.quantity
    if booking is not None:
        session().delete(booking)
    ends_on = truth.term_ends_at.date()
    began = max(
        began, add_months(ends_on, -TERM_MONTHS.get(subscription.term, 12))
    )  # several may have passed
    subscription.term_starts_on, subscription.term_ends_on = began, ends_on
    subscription.renews_on = subscription.term_ends_on if subscription.is_auto_renewed else None
    quote = (
        None if booking is None and keeps_its_price(subscription) else _price_then(subscription, truth, began)
    )
    subscription.repriced_at = clock.now()
    if quote is not None:
        subscription.currency, subscription.unit_amount = quote.currency, quote.unit_price.amount
        subscription.cost_unit_amount, subscription.quote = quote.unit_cost.amount, quote.to_dict()
    data = told(subscription) | {
        "term_starts_on": began,
        "term_ends_on": subscription.term_ends_on,
        "before": before,
        "now": f"{subscription.unit_amount} {subscription.currency}",
        "quantity": truth.quantity,
    }
    events.record("subscription.renewed", subscription, SYSTEM, data)


def _price_then(subscription: Subscription, truth: VendorSubscription, began: date) -> Quote | None:
    """The price in force on the day its next term began, by its own book, its customer's, or the default."""
    return pricing.quotes(
        [(subscription.offer_id, max(truth.quantity, 1))],
        account_id=subscription.account_id,
        subscription_id=subscription.id,
        instant=datetime.combine(began, datetime.min.time(), clock.now().tzinfo),
    ).get(subscription.offer_id)


def told(subscription: Subscription) -> dict[str, object]:
    """What every event of a subscription says."""
    return {
        "number": subscription.number,
        "order_number": subscription.order_number,
        "title": subscription.title,
    }


def answer_dict(truth: VendorSubscription) -> dict[str, Any]:
    """The vendor's answer as plain JSON values; instants as ISO texts."""
    return {key: _plain(value) for key, value in asdict(truth).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
