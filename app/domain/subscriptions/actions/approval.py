"""Changes as subjects of approvals: what they cost now, and what granting, refusing or expiring does to them."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.core.money import Money
from app.domain.approvals import ports
from app.domain.approvals.ports import Moved, PriceNow
from app.domain.pricing.rules.quote import Quote
from app.domain.subscriptions.actions.frozen import content_of, digest_now, lock_change
from app.domain.subscriptions.actions.requesting import confirm, summary, take
from app.domain.subscriptions.models import CHANGE, KINDS, Subscription, SubscriptionChange
from app.domain.subscriptions.queries.proposals import Proposal, Wanted, propose

REASONS = {"refused": "Refused", "withdrawn": "Withdrawn", "expired": "Nobody decided in time"}


class ChangeSubject:
    """What `approvals.ports.Subject` asks of a change."""

    def price_now(self, subject_id: UUID) -> PriceNow:
        change = session().get_one(SubscriptionChange, subject_id)
        subscription = session().get_one(Subscription, change.subscription_id)
        asked = Money(change.commitment_amount, change.currency)
        binding = _binding_until(change, subscription)
        if _is_locked(change, subscription):
            return PriceNow(asked, (), binding)
        now = _proposal_now(change, subscription)
        if now is not None and now.unit_price == Money(change.unit_amount, change.currency):
            return PriceNow(asked, (), binding)
        return PriceNow(
            now.commitment if now is not None and now.due.currency == change.currency else None,
            (Moved(summary(change, subscription), asked, None if now is None else now.commitment),),
            binding,
        )

    def take_price_now(self, subject_id: UUID, by: Actor) -> tuple[Mapping[str, Any], Money]:
        subscription, change = lock_change(subject_id)
        now = _proposal_now(change, subscription)
        if now is None:
            raise Conflict("This change cannot be made any more.")
        before = f"{change.commitment_amount} {change.currency}"
        take(change, now)
        session().flush()
        data = {
            "number": change.number,
            "before": before,
            "now": f"{change.commitment_amount} {change.currency}",
        }
        events.record("subscription_change.repriced", change, by, data)
        return content_of(change), Money(change.commitment_amount, change.currency)

    def current_digest(self, subject_id: UUID) -> str:
        change = session().get_one(SubscriptionChange, subject_id, populate_existing=True)
        return digest_now(change)

    def granted(self, subject_id: UUID, digest: str, by: Actor) -> None:
        subscription, change = lock_change(subject_id)
        data = {"number": change.number, "subscription": subscription.number, "digest": digest}
        events.record("subscription_change.approved", change, by, data)
        confirm(change, digest, by)

    def closed(self, subject_id: UUID, state: str, reason: str, by: Actor) -> None:
        subscription, change = lock_change(subject_id)
        CHANGE.move(change, "canceled")
        change.closed_at = clock.now()
        change.reason = f"{REASONS[state]}: {reason}" if state == "refused" else reason
        data = {"number": change.number, "subscription": subscription.number, "reason": reason}
        events.record(f"subscription_change.{state}", change, by, data)


def _proposal_now(change: SubscriptionChange, subscription: Subscription) -> Proposal | None:
    """The same change worked out now; None when it cannot be made any more."""
    quantity = change.to_quantity if change.kind in ("seat_change", "renewal") else None
    try:
        return propose(subscription, Wanted(change.kind, change.timing, quantity, change.offer_id))
    except (Invalid, Conflict):
        return None


def _is_locked(change: SubscriptionChange, subscription: Subscription) -> bool:
    """Within the term the price is locked, and waiting only makes the rest of it shorter: what was asked is the most that it
    can come to. Whether it can still be made at all is for the vendor to say.
    """
    return change.kind in ("seat_change", "cancellation") and (change.unit_amount, change.currency) == (
        subscription.unit_amount,
        subscription.currency,
    )


def _binding_until(change: SubscriptionChange, subscription: Subscription) -> datetime:
    """Within the term the price is locked; what begins anew is priced by its quote."""
    if change.kind in ("seat_change", "cancellation"):
        return datetime.combine(subscription.term_ends_on, time(), UTC)
    return Quote.from_dict(change.quote).expires_at


for _kind in KINDS:
    ports.plug(_kind, ChangeSubject())
