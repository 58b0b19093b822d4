"""What jobs read about subscriptions: where they are at the vendor, what is due to be read, what nobody works on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, text

from app.core.db import session
from app.core.errors import NotFound
from app.core.events import Event
from app.domain.catalog.models import Vendor
from app.domain.subscriptions.models import Subscription, SubscriptionChange

BATCH = 500


@dataclass(frozen=True, slots=True)
class AtVendor:
    """What a job needs to know of a subscription before it opens the vendor's port."""

    vendor_key: str
    vendor_subscription_id: str
    state: str


def at_vendor(subscription_id: UUID) -> AtVendor:
    """Where the subscription is. NotFound when it is not in scope."""
    found = (
        session()
        .execute(
            select(Vendor.key, Subscription.vendor_subscription_id, Subscription.state)
            .join(Vendor, Vendor.id == Subscription.vendor_id)
            .where(Subscription.id == subscription_id)
        )
        .first()
    )
    if found is None:
        raise NotFound
    return AtVendor(*found)


def subscription_of_change(change_id: UUID) -> UUID:
    """The subscription that a change is about. NotFound when it is not in scope."""
    found = (
        session()
        .execute(select(SubscriptionChange.subscription_id).where(SubscriptionChange.id == change_id))
        .scalar_one_or_none()
    )
    if found is None:
        raise NotFound
    return found


def to_read(now: datetime, every: timedelta) -> list[tuple[UUID, UUID]]:
    """(tenant, subscription) of what was not read for so long, or whose term is over. In the scope of everyone."""
    rows = session().execute(
        select(Subscription.tenant_id, Subscription.id)
        .where(
            Subscription.state.in_(("active", "suspended")),
            or_(
                Subscription.synced_at < now - every,
                (Subscription.term_ends_on <= now.date())
                & (Subscription.synced_at < now - timedelta(hours=1)),
            ),
        )
        .order_by(Subscription.synced_at)
        .limit(BATCH)
    )
    return [(row[0], row[1]) for row in rows]


def lost_steps(now: datetime) -> list[tuple[UUID, UUID, str]]:
    """(tenant, change, step) of steps that are not settled, have been still for a while, and have no job waiting or
    running. In the scope of everyone."""
    rows = session().execute(
        text("""
            SELECT s.tenant_id, c.id, s.name FROM change_step s
            JOIN subscription_change c ON c.tenant_id = s.tenant_id AND c.id = s.subscription_change_id
            WHERE s.state IN ('ready', 'calling', 'unknown') AND s.needs_person_since IS NULL
              AND coalesce(s.last_called_at, s.created_at) < :quiet AND coalesce(s.next_at, s.created_at) < :quiet
              AND NOT EXISTS (
                SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')
                  AND j.task_name = 'subscriptions.change' AND j.lock = 'subscription:' || c.subscription_id)
            ORDER BY s.created_at LIMIT 500
        """),
        {"quiet": now - timedelta(minutes=5)},
    )
    return [(row.tenant_id, row.id, row.name) for row in rows]


def waiting_changes(event_id: UUID) -> list[UUID]:
    """What waits for approval about the subscription of an event and was asked for before it."""
    event = session().scalars(select(Event).where(Event.id == event_id)).one_or_none()
    if event is None:
        return []
    return list(
        session().scalars(
            select(SubscriptionChange.id).where(
                SubscriptionChange.subscription_id == event.subject_id,
                SubscriptionChange.state == "on_hold",
                SubscriptionChange.requested_at <= event.created_at,
            )
        )
    )


def to_reprice() -> list[tuple[UUID, UUID]]:
    """(tenant, subscription) of longer terms that may change with a charge, as their book or the settings say."""
    rows = session().execute(
        text(
            """
SELECT u.tenant_id, u.id FROM subscription u
LEFT JOIN pricing_setting s ON s.tenant_id = u.tenant_id
LEFT JOIN price_book b ON b.tenant_id = u.tenant_id AND b.id = CAST(u.quote ->> 'book_id' AS uuid)
WHERE u.state IN ('active', 'suspended') AND u.term <> 'P1M'
  AND coalesce(b.running_terms, s.running_terms, 'renewal') = 'period'
ORDER BY u.tenant_id, u.id
"""
        )
    )
    return [(row[0], row[1]) for row in rows]
