"""Changes as pages show them: what was asked of one subscription, what waits for a decision, what is on its way."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.core.errors import NotFound
from app.core.events import Event
from app.core.money import Money
from app.domain.pricing.rules.cycles import Cycle, charge_cycle
from app.domain.subscriptions.models import OPEN, RenewalBooking, Subscription, SubscriptionChange

ON_ITS_WAY = ("new", "confirmed", "in_progress", "unknown")


@dataclass(frozen=True, slots=True)
class ChangeDetail:
    """A change with its subscription, for the page where it is decided."""

    change: SubscriptionChange
    subscription: Subscription

    @property
    def commitment(self) -> Money:
        """What the buyer is bound to more."""
        return Money(self.change.commitment_amount, self.change.currency)

    @property
    def due(self) -> Money:
        """What is charged (negative: given back) in the running cycle."""
        return Money(self.change.due_amount, self.change.currency)

    @property
    def unit_price(self) -> Money:
        """Per unit and charge after the change."""
        return Money(self.change.unit_amount, self.change.currency)

    @property
    def cycle(self) -> Cycle:
        """How it is charged after the change."""
        return charge_cycle(self.change.to_term, self.change.to_billing_plan)


def change_detail(change_id: UUID) -> ChangeDetail | None:
    """The change with this id, or None: what waits for a decision need not be a change. One statement."""
    found = (
        session()
        .execute(
            select(SubscriptionChange, Subscription)
            .join(
                Subscription,
                (Subscription.tenant_id == SubscriptionChange.tenant_id)
                & (Subscription.id == SubscriptionChange.subscription_id),
            )
            .where(SubscriptionChange.id == change_id)
        )
        .first()
    )
    return None if found is None else ChangeDetail(*found)


def change_by_number(subscription_id: UUID, number: str) -> SubscriptionChange:
    """The change of this subscription with this number. NotFound."""
    found = (
        session()
        .scalars(
            select(SubscriptionChange).where(
                SubscriptionChange.subscription_id == subscription_id, SubscriptionChange.number == number
            )
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that was ever asked of one subscription, newest first, and what is booked for its renewal."""

    all: tuple[SubscriptionChange, ...]
    booking: RenewalBooking | None

    @property
    def open(self) -> tuple[SubscriptionChange, ...]:
        """What waits for a decision or is on its way."""
        return tuple(change for change in self.all if change.state in OPEN)

    @property
    def is_moving(self) -> bool:
        """Whether a page should look again by itself."""
        return any(change.state in OPEN for change in self.all)

    def allows(self, kind: str) -> bool:
        """Whether another change of this kind can be asked for now."""
        return not any((change.kind == "renewal") == (kind == "renewal") for change in self.open)


def changes_of(subscription_id: UUID, *, limit: int = 50) -> Changes:
    """One statement."""
    rows = (
        session()
        .execute(
            select(Subscription.id, SubscriptionChange, RenewalBooking)
            .outerjoin(
                SubscriptionChange,
                (SubscriptionChange.tenant_id == Subscription.tenant_id)
                & (SubscriptionChange.subscription_id == Subscription.id),
            )
            .outerjoin(
                RenewalBooking,
                (RenewalBooking.tenant_id == Subscription.tenant_id)
                & (RenewalBooking.subscription_id == Subscription.id),
            )
            .where(Subscription.id == subscription_id)
            .order_by(SubscriptionChange.requested_at.desc(), SubscriptionChange.id.desc())
            .limit(limit)
        )
        .all()
    )
    return Changes(tuple(change for _, change, _ in rows if change is not None), rows[0][2] if rows else None)


def story_of(subscription_id: UUID, changes: Changes, *, limit: int = 100) -> list[Event]:
    """What happened to a subscription and by its changes, oldest first. One statement."""
    ids = [subscription_id, *(change.id for change in changes.all)]
    rows = session().scalars(
        select(Event)
        .where(Event.subject_id.in_(ids))
        .order_by(Event.created_at.desc(), Event.id.desc())
        .limit(limit)
    )
    return list(rows)[::-1]
