"""Subscriptions, their seats in batches, changes to them, what is booked for the renewal, and differences with the vendor."""

from app.domain.subscriptions.models.change import (
    CHANGE,
    KINDS,
    OPEN,
    ChangeStep,
    RenewalBooking,
    SubscriptionChange,
)
from app.domain.subscriptions.models.drift import ASPECTS, DRIFT, Drift
from app.domain.subscriptions.models.notice import PriceNotice
from app.domain.subscriptions.models.subscription import SUBSCRIPTION, SeatBatch, Subscription

__all__ = [
    "ASPECTS",
    "CHANGE",
    "DRIFT",
    "KINDS",
    "OPEN",
    "SUBSCRIPTION",
    "ChangeStep",
    "Drift",
    "PriceNotice",
    "RenewalBooking",
    "SeatBatch",
    "Subscription",
    "SubscriptionChange",
]
