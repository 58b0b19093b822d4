"""What is read about subscriptions, what may be changed about them, and what that costs."""

from app.domain.subscriptions.queries.listing import (
    Batch,
    SubscriptionDetail,
    SubscriptionRow,
    subscription_detail,
    subscriptions_list,
    subscriptions_of_order,
)
from app.domain.subscriptions.queries.proposals import Proposal, Wanted, propose

__all__ = [
    "Batch",
    "Proposal",
    "SubscriptionDetail",
    "SubscriptionRow",
    "Wanted",
    "propose",
    "subscription_detail",
    "subscriptions_list",
    "subscriptions_of_order",
]
