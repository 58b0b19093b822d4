"""What happens to subscriptions: they begin with a provisioned order line, in the same transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import SYSTEM
from app.core.db import session
from app.core.events import Event
from app.core.numbers import next_number
from app.domain.orders.models import Order, OrderLine
from app.domain.subscriptions.models import SUBSCRIPTION, SeatBatch, Subscription


def begin(event: Event) -> None:
    """Answers `order_line.provisioned`: the subscription that the vendor made, with its first batch of seats. Once per
    order line; told again, it changes nothing."""
    line, order = (
        session()
        .execute(
            select(OrderLine, Order)
            .join(Order, (Order.tenant_id == OrderLine.tenant_id) & (Order.id == OrderLine.order_id))
            .where(OrderLine.id == event.subject_id)
        )
        .one()
    )
    if _of_line(line.id) is not None:
        return
    answer = event.data["answer"]
    starts_at = datetime.fromisoformat(answer["starts_at"])
    ends_at = datetime.fromisoformat(answer["term_ends_at"])
    subscription = Subscription(
        account_id=line.account_id,
        number=next_number(line.tenant_id, "S"),
        state=answer["state"],
        order_line_id=line.id,
        order_number=order.number,
        offer_id=line.offer_id,
        vendor_id=line.vendor_id,
        title=line.title,
        unit=line.unit,
        term=line.term,
        billing_plan=line.billing_plan,
        requested_quantity=line.quantity,
        vendor_quantity=answer["quantity"],
        term_starts_on=starts_at.date(),
        term_ends_on=ends_at.date(),
        renews_on=ends_at.date(),
        is_auto_renewed=True,
        currency=line.currency,
        unit_amount=line.unit_amount,
        cost_unit_amount=line.cost_unit_amount,
        quote=line.quote,
        vendor_order_id=answer["vendor_order_id"],
        vendor_subscription_id=answer["vendor_subscription_id"],
        etag=answer["etag"],
        cancel_until=_instant(answer["cancel_until"]),
        synced_at=clock.now(),
        started_at=starts_at,
    )
    session().add(subscription)
    session().flush()
    session().add(
        SeatBatch(
            account_id=line.account_id,
            subscription_id=subscription.id,
            quantity=answer["quantity"],
            added_at=starts_at,
            reduce_until=_instant(answer["reduce_until"]),
        )
    )
    told = {"number": subscription.number, "order_number": order.number, "title": line.title}
    events.record("subscription.created", subscription, SYSTEM, told | {"quantity": answer["quantity"]})
    if subscription.state == "active":
        events.record("subscription.activated", subscription, SYSTEM, told)


def activate(event: Event) -> None:
    """Answers `order_line.activated`: what was pending at the vendor can be used."""
    subscription = _of_line(event.subject_id)
    if subscription is None or subscription.state != "pending":
        return
    SUBSCRIPTION.move(subscription, "active")
    subscription.synced_at = clock.now()
    events.record(
        "subscription.activated",
        subscription,
        SYSTEM,
        {
            "number": subscription.number,
            "order_number": subscription.order_number,
            "title": subscription.title,
        },
    )


def give_up(event: Event) -> None:
    """Answers `order_line.failed`: a purchase that the vendor accepted and then could not deliver ends here."""
    subscription = _of_line(event.subject_id)
    if subscription is None or subscription.state != "pending":
        return
    SUBSCRIPTION.move(subscription, "cancelled")
    subscription.ended_at = clock.now()
    events.record("subscription.cancelled", subscription, SYSTEM, {"number": subscription.number})


def _of_line(line_id: UUID) -> Subscription | None:
    return session().scalars(select(Subscription).where(Subscription.order_line_id == line_id)).one_or_none()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
