"""A running subscription, and the acts of those who change it; for tests of changes in every room."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.domain.approvals.actions import decide
from app.domain.approvals.queries import request_detail
from app.domain.subscriptions.actions import intent_for, request_change
from app.domain.subscriptions.models import Subscription, SubscriptionChange
from app.domain.subscriptions.queries import Wanted
from tests.support.fake_vendor import FakeVendor, Held
from tests.support.seeding import Met, in_scope
from tests.support.shopping import Shopping
from tests.support.working import Worker

MARCH = datetime(2026, 3, 2, 10, tzinfo=UTC)


def at(days: float = 0, hours: float = 0) -> Any:
    """So long after the morning of a Monday in March."""
    return clock.at(MARCH + timedelta(days=days, hours=hours))


class Changing:
    """Buys a subscription and changes it, as the pages do."""

    def __init__(self, app: Flask, shop: Shopping, vendor: FakeVendor, worker: Worker):
        self.app, self.shop, self.vendor, self.worker = app, shop, vendor, worker

    def bought(self, who: Met, quantity: int = 10, price: str = "120.00", **offer: Any) -> UUID:
        """Delivers an order of one line now; answers the subscription's id."""
        self.offer = self.shop.offer(price, **({"term": "P1Y"} | offer))
        self.shop.order(who, [(self.offer, quantity)])
        self.worker("orders.%")
        with self.shop.looking(who) as current:
            return current.scalars(select(Subscription.id).order_by(Subscription.created_at.desc())).first()  # type: ignore[return-value]

    def ask(self, who: Met, subscription_id: UUID, wanted: Wanted, **said: Any) -> UUID:
        """Asks for a change as the page would; answers its id."""
        with in_scope(self.app, who) as current:
            subscription = current.get(Subscription, subscription_id)
            if subscription is None:
                raise NotFound
            said = {"intent_id": intent_for(subscription, who.actor)} | said
            return request_change(subscription_id, wanted, **said, by=who.actor).id

    def seats(self, who: Met, subscription_id: UUID, quantity: int, **said: Any) -> UUID:
        """Asks for another quantity."""
        return self.ask(who, subscription_id, Wanted("seat_change", quantity=quantity), **said)

    def decide(self, who: Met, change_id: UUID, answer: str = "approved", **said: Any) -> None:
        """Decides the change's request over what its page shows now."""
        with in_scope(self.app, who):
            request_id = self.change(change_id).approval_request_id
            shown = request_detail(request_id, who.actor)  # type: ignore[arg-type]
            said = {"digest": shown.digest, "step": shown.row.step, "comment": "Fine."} | said
            decide(request_id, answer, **said, by=who.actor)  # type: ignore[arg-type]

    def change(self, change_id: UUID) -> SubscriptionChange:
        """The change, in the unit that is open."""
        return session().get_one(SubscriptionChange, change_id)

    @contextmanager
    def look(self, change_id: UUID) -> Iterator[tuple[SubscriptionChange, Subscription, Held]]:
        """The change, its subscription and what the vendor has."""
        with self.shop.looking() as current:
            change = current.get_one(SubscriptionChange, change_id)
            subscription = current.get_one(Subscription, change.subscription_id)
            yield change, subscription, self.vendor.there(subscription.vendor_subscription_id)

    def state(self, change_id: UUID) -> str:
        """The change's state."""
        with self.look(change_id) as (change, _, _):
            return change.state

    def there(self, subscription_id: UUID) -> Held:
        """What the vendor has, to look at or to change behind Awning's back."""
        with self.shop.looking() as current:
            return self.vendor.there(current.get_one(Subscription, subscription_id).vendor_subscription_id)

    def number(self, subscription_id: UUID) -> str:
        """What people call the subscription."""
        with self.shop.looking() as current:
            return current.get_one(Subscription, subscription_id).number
