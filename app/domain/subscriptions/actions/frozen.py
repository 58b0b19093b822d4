"""What a change says at this moment, worked out from its own row and its customer's: hashing it must give what was approved."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.core.errors import NotFound
from app.domain.approvals.rules.frozen import canonical, digest_of
from app.domain.catalog.models import Vendor
from app.domain.people.models import Account
from app.domain.subscriptions.models import Subscription, SubscriptionChange
from app.domain.subscriptions.rules.freeze import Frozen, change_content


def lock_subscription(subscription_id: UUID) -> Subscription:
    """The subscription, locked to the end of the unit and read afresh; NotFound when it is not in scope."""
    found = (
        session()
        .scalars(
            select(Subscription)
            .where(Subscription.id == subscription_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound
    return found


def lock_change(change_id: UUID) -> tuple[Subscription, SubscriptionChange]:
    """The change and its subscription, the subscription locked first; both read afresh."""
    subscription_id = (
        session()
        .execute(select(SubscriptionChange.subscription_id).where(SubscriptionChange.id == change_id))
        .scalar_one_or_none()
    )
    if subscription_id is None:
        raise NotFound
    subscription = lock_subscription(subscription_id)
    change = (
        session()
        .scalars(
            select(SubscriptionChange)
            .where(SubscriptionChange.id == change_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )
    return subscription, change


def content_of(change: SubscriptionChange) -> dict[str, Any]:
    """The change in full, as plain texts and whole numbers."""
    subscription, account, vendor_key = (
        session()
        .execute(
            select(Subscription, Account, Vendor.key)
            .join(
                Account,
                (Account.tenant_id == Subscription.tenant_id) & (Account.id == Subscription.account_id),
            )
            .join(Vendor, Vendor.id == Subscription.vendor_id)
            .where(Subscription.id == change.subscription_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    frozen = Frozen(
        number=change.number,
        kind=change.kind,
        timing=change.timing,
        customer=str(change.account_id),
        vendor_customer=account.domain,
        country=account.country,
        subscription=subscription.number,
        vendor=vendor_key,
        vendor_subscription=subscription.vendor_subscription_id,
        title=subscription.title,
        from_quantity=change.from_quantity,
        to_quantity=change.to_quantity,
        from_term=change.from_term,
        to_term=change.to_term,
        from_billing_plan=change.from_billing_plan,
        to_billing_plan=change.to_billing_plan,
        from_renews=change.from_renews,
        to_renews=change.to_renews,
        currency=change.currency,
        unit_amount=change.unit_amount,
        due_amount=change.due_amount,
        commitment_amount=change.commitment_amount,
    )
    return change_content(frozen, change.quote)


def digest_now(change: SubscriptionChange) -> str:
    """The digest of the change as its row is now."""
    session().flush()
    return digest_of(canonical(content_of(change)))
