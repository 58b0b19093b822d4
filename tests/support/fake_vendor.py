"""A vendor inside the test: journals every purchase it makes, and fails as it is told. No HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from app.domain.vendors import (
    Ability,
    Idempotency,
    Provisioned,
    ProvisionRequest,
    VendorSubscription,
    VendorUnavailable,
)


@dataclass
class FakeVendor:
    """`then` is called before (`during`) and after (`after`) each purchase; both may raise a vendor failure."""

    idempotency: Idempotency = Idempotency.IDEMPOTENT_KEY
    key_retention: timedelta = timedelta(days=7)
    max_in_flight: timedelta = timedelta(seconds=30)
    state: str = "active"
    during: Callable[[ProvisionRequest], None] | None = None
    after: Callable[[ProvisionRequest], None] | None = None
    calls: list[ProvisionRequest] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)
    bought: dict[str, Provisioned] = field(default_factory=dict)  # by key
    journal: list[ProvisionRequest] = field(default_factory=list)  # every purchase really made
    abilities: frozenset[Ability] = frozenset(Ability)

    def provision(self, request: ProvisionRequest) -> Provisioned:
        self.calls.append(request)
        if self.during is not None:
            self.during(request)
        if self.idempotency is Idempotency.IDEMPOTENT_KEY and request.key in self.bought:
            answer = self.bought[request.key]
        else:
            self.journal.append(request)
            answer = self.bought[request.key] = self._purchase(request)
        if self.after is not None:
            self.after(request)
        return answer

    def _purchase(self, request: ProvisionRequest) -> Provisioned:
        now = clock.now()
        number = len(self.journal)
        return Provisioned(
            vendor_order_id=f"order-{number}-{request.key}",
            vendor_subscription_id=f"subscription-{number}-{request.key}",
            state=self.state,  # type: ignore[arg-type]
            quantity=request.quantity,
            starts_at=now,
            term_ends_at=now + timedelta(days=365),
            reduce_until=now + timedelta(hours=168),
            cancel_until=now + timedelta(hours=168),
            etag="1",
        )

    def lookup(self, *, key: str, client_reference: str) -> Provisioned | None:
        self.lookups.append(client_reference)
        return self.bought.get(key)

    def subscription(self, vendor_subscription_id: str) -> VendorSubscription:
        found = next(
            (key, made)
            for key, made in self.bought.items()
            if made.vendor_subscription_id == vendor_subscription_id
        )
        key, made = found
        request = next(request for request in self.journal if request.key == key)
        return VendorSubscription(
            vendor_order_id=made.vendor_order_id,
            vendor_subscription_id=vendor_subscription_id,
            client_reference=request.client_reference,
            product_id=request.product_id,
            sku_id=request.sku_id,
            term=request.term,
            billing_plan=request.billing_plan,
            state=self.state,  # type: ignore[arg-type]
            quantity=made.quantity,
            starts_at=made.starts_at,
            term_ends_at=made.term_ends_at,
            cancel_until=made.cancel_until,
            batches=(),
            is_auto_renewed=True,
            etag="2",
            failure="out of stock" if self.state == "failed" else None,
        )

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def once(failure: Exception) -> Callable[[ProvisionRequest], None]:
    """Raises `failure` the first time it is called, and does nothing after that."""
    left = [failure]

    def act(_: ProvisionRequest) -> None:
        if left:
            raise left.pop()

    return act


def timed_out() -> VendorUnavailable:
    """A call whose outcome nobody knows."""
    return VendorUnavailable("timed out", may_have_happened=True)


def refused_connection() -> VendorUnavailable:
    """A call that certainly did nothing."""
    return VendorUnavailable("connection refused", may_have_happened=False)


def later(seconds: float) -> datetime:
    """The instant so many seconds from now."""
    return clock.now() + timedelta(seconds=seconds)
