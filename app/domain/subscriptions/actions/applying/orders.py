"""What is said to the vendor for each kind of change, and how a read-back tells whether it has happened. No database."""

from dataclasses import dataclass

from app.domain.subscriptions.models import ChangeStep, RenewalBooking, Subscription, SubscriptionChange
from app.domain.vendors import NextTerm, Renewal, SeatChange, TermChange, VendorPort, VendorSubscription


@dataclass(frozen=True, slots=True)
class Cancellation:
    """End it now."""

    key: str
    etag: str | None


Order = SeatChange | Renewal | TermChange | Cancellation


def order_of(
    change: SubscriptionChange,
    step: ChangeStep,
    subscription: Subscription,
    booking: RenewalBooking | None,
) -> Order:
    """What to say, under the step's key, to a vendor whose subscription we last saw under `subscription.etag`."""
    key, etag = str(step.key), subscription.etag or None
    if step.name == "rebook":
        assert booking is not None
        return Renewal(key, True, NextTerm(booking.quantity, booking.term, booking.billing_plan), etag)
    if change.kind == "seat_change":
        return SeatChange(key, change.from_quantity, change.to_quantity, etag)
    if change.kind == "term_change":
        return TermChange(
            key, change.from_quantity, change.from_term, change.to_term, change.to_billing_plan, etag
        )
    if change.kind == "cancellation" and change.timing == "now":
        return Cancellation(key, etag)
    if change.kind == "cancellation":
        return Renewal(key, False, None, etag)
    return Renewal(key, True, next_term(change), etag)


def next_term(change: SubscriptionChange) -> NextTerm | None:
    """What a renewal makes other; None when it is the same again."""
    same = (change.to_quantity, change.to_term, change.to_billing_plan) == (
        change.from_quantity,
        change.from_term,
        change.from_billing_plan,
    )
    return None if same else NextTerm(change.to_quantity, change.to_term, change.to_billing_plan)


def send(port: VendorPort, vendor_subscription_id: str, order: Order) -> VendorSubscription:
    """Makes the call."""
    match order:
        case SeatChange():
            return port.change(vendor_subscription_id, order)
        case Renewal():
            return port.renew(vendor_subscription_id, order)
        case TermChange():
            return port.change_term(vendor_subscription_id, order)
        case Cancellation():
            return port.cancel(vendor_subscription_id, key=order.key, etag=order.etag)


def has_happened(order: Order, truth: VendorSubscription) -> bool:
    """Whether the vendor's truth is what was wanted: settles a call whose outcome nobody knows, where keys do not."""
    match order:
        case SeatChange():
            return truth.quantity == order.to_quantity
        case Renewal():
            return truth.is_auto_renewed == order.is_auto_renewed and truth.next_term == order.next_term
        case TermChange():
            return truth.term == order.to_term
        case Cancellation():
            return truth.state == "cancelled"


def still_holds(order: Order, truth: VendorSubscription) -> bool:
    """Whether what the order starts from is still true, so that it may be sent again under a newer etag (promise P4)."""
    if truth.state not in ("active", "pending"):
        return False
    match order:
        case SeatChange():
            return truth.quantity == order.from_quantity
        case TermChange():
            return (truth.quantity, truth.term) == (order.quantity, order.from_term)
        case _:
            return True
