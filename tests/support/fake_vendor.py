"""A vendor inside the test: journals every purchase it makes, and fails as it is told. No HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from app.domain.vendors import (
    Ability,
    AccountOrder,
    Idempotency,
    NextTerm,
    Provisioned,
    ProvisionRequest,
    Renewal,
    SeatBatch,
    SeatChange,
    TermChange,
    VendorAccount,
    VendorConflict,
    VendorRejected,
    VendorSubscription,
    VendorUnavailable,
)

WINDOW = timedelta(hours=168)


TERM_DAYS = {"P1M": 30, "P1Y": 365, "P3Y": 1095}


@dataclass(frozen=True)
class Cancel:
    """What a cancellation was asked with."""

    key: str
    etag: str | None


@dataclass
class Held:
    """A subscription as the fake vendor has it."""

    quantity: int
    term: str
    billing_plan: str
    starts_at: datetime
    term_ends_at: datetime
    cancel_until: datetime
    batches: list[SeatBatch]
    state: str = "active"
    is_auto_renewed: bool = True
    next_term: NextTerm | None = None
    version: int = 1


@dataclass
class FakeVendor:
    """`then` is called before (`during`) and after (`after`) each purchase; both may raise a vendor failure.

    `before_change` and `after_change` are the same for changes of subscriptions. `there(id)` is what it has.
    """

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
    before_change: Callable[[Any], None] | None = None
    after_change: Callable[[Any], None] | None = None
    held: dict[str, Held] = field(default_factory=dict)
    done: dict[str, VendorSubscription] = field(default_factory=dict)  # changes by key
    accounts: dict[str, VendorAccount] = field(default_factory=dict)  # by key
    changes: list[Any] = field(default_factory=list)  # every change really made

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
            term_ends_at=now + timedelta(days=TERM_DAYS[request.term]),
            reduce_until=now + WINDOW,
            cancel_until=now + WINDOW,
            etag="1",
        )

    def lookup(self, *, key: str, client_reference: str) -> Provisioned | None:
        self.lookups.append(client_reference)
        return self.bought.get(key)

    def there(self, vendor_subscription_id: str) -> Held:
        """The subscription as it is, to look at or to change behind Awning's back."""
        if vendor_subscription_id not in self.held:
            request, made = self._purchase_of(vendor_subscription_id)
            assert made.reduce_until is not None
            assert made.cancel_until is not None
            self.held[vendor_subscription_id] = Held(
                made.quantity,
                request.term,
                request.billing_plan,
                made.starts_at,
                made.term_ends_at,
                made.cancel_until,
                [SeatBatch(made.quantity, made.reduce_until)],
            )
        return self.held[vendor_subscription_id]

    def _purchase_of(self, vendor_subscription_id: str) -> tuple[ProvisionRequest, Provisioned]:
        for key, made in self.bought.items():
            if made.vendor_subscription_id == vendor_subscription_id:
                return next(request for request in self.journal if request.key == key), made
        raise VendorRejected("20003", "The subscription was not found.")

    def subscription(self, vendor_subscription_id: str) -> VendorSubscription:
        request, made = self._purchase_of(vendor_subscription_id)
        have = self.there(vendor_subscription_id)
        return VendorSubscription(
            vendor_order_id=made.vendor_order_id,
            vendor_subscription_id=vendor_subscription_id,
            client_reference=request.client_reference,
            product_id=request.product_id,
            sku_id=request.sku_id,
            term=have.term,
            billing_plan=have.billing_plan,
            state=self.state if self.state != "active" else have.state,  # type: ignore[arg-type]
            quantity=have.quantity,
            starts_at=have.starts_at,
            term_ends_at=have.term_ends_at,
            cancel_until=have.cancel_until,
            batches=tuple(b for b in have.batches if b.reduce_until and clock.now() < b.reduce_until),
            is_auto_renewed=have.is_auto_renewed,
            etag=str(have.version),
            failure="out of stock" if self.state == "failed" else None,
            next_term=have.next_term,
        )

    def change(self, vendor_subscription_id: str, change: SeatChange) -> VendorSubscription:
        def act(have: Held) -> None:
            if have.quantity != change.from_quantity:
                self._conflict(vendor_subscription_id)
            self.resize(vendor_subscription_id, change.to_quantity)

        return self._alter(vendor_subscription_id, change, act)

    def resize(self, vendor_subscription_id: str, quantity: int) -> None:
        """Sets the number of seats, as somebody in the vendor's own portal would."""
        have, now = self.there(vendor_subscription_id), clock.now()
        fewer = have.quantity - quantity
        if fewer < 0:
            have.batches.append(SeatBatch(-fewer, now + WINDOW))
        else:
            able = [b for b in have.batches if b.reduce_until and now < b.reduce_until]
            if sum(batch.quantity for batch in able) < fewer:
                raise VendorRejected("900214", "You have passed your 168-hour window for reducing seats.")
            for batch in able:
                taken = min(batch.quantity, fewer)
                fewer -= taken
                have.batches.remove(batch)
                if batch.quantity > taken:
                    have.batches.insert(0, SeatBatch(batch.quantity - taken, batch.reduce_until))
        have.quantity, have.next_term = quantity, None
        have.version += 1

    def renew(self, vendor_subscription_id: str, renewal: Renewal) -> VendorSubscription:
        def act(have: Held) -> None:
            have.is_auto_renewed, have.next_term = renewal.is_auto_renewed, renewal.next_term
            have.version += 1

        return self._alter(vendor_subscription_id, renewal, act)

    def change_term(self, vendor_subscription_id: str, change: TermChange) -> VendorSubscription:
        def act(have: Held) -> None:
            if (have.quantity, have.term) != (change.quantity, change.from_term):
                self._conflict(vendor_subscription_id)
            now = clock.now()
            have.term, have.billing_plan, have.next_term = change.to_term, change.to_billing_plan, None
            have.term_ends_at = now + timedelta(days=TERM_DAYS[change.to_term])
            have.cancel_until, have.batches = now + WINDOW, [SeatBatch(have.quantity, now + WINDOW)]
            have.version += 1

        return self._alter(vendor_subscription_id, change, act)

    def cancel(self, vendor_subscription_id: str, *, key: str, etag: str | None = None) -> VendorSubscription:
        def act(have: Held) -> None:
            if clock.now() >= have.cancel_until:
                raise VendorRejected("900213", "You have passed your 168-hour cancellation window.")
            have.state, have.is_auto_renewed, have.next_term = "cancelled", False, None
            have.version += 1

        return self._alter(vendor_subscription_id, Cancel(key, etag), act)

    def _alter(
        self, vendor_subscription_id: str, what: Any, act: Callable[[Held], None]
    ) -> VendorSubscription:
        if self.before_change is not None:
            self.before_change(what)
        is_known = self.idempotency is Idempotency.IDEMPOTENT_KEY and what.key in self.done
        if not is_known:
            have = self.there(vendor_subscription_id)
            if have.state != "active":
                raise VendorRejected("2011", f"A subscription that is {have.state} can't be updated.")
            if what.etag is not None and what.etag != str(have.version):
                self._conflict(vendor_subscription_id)
            act(have)
            self.changes.append(what)
            self.done[what.key] = self.subscription(vendor_subscription_id)
        if self.after_change is not None:
            self.after_change(what)
        return self.done[what.key]

    def open_account(self, order: AccountOrder) -> VendorAccount:
        return self._account(
            order, lambda: VendorAccount(f"at-vendor-{order.domain}", order.domain, "active")
        )

    def link_account(self, order: AccountOrder) -> VendorAccount:
        if order.vendor_account_id.startswith("none"):
            raise VendorRejected("600009", "The customer was not found.")
        return self._account(order, lambda: VendorAccount(order.vendor_account_id, order.domain, "active"))

    def close_account(self, order: AccountOrder) -> VendorAccount:
        return self._account(order, lambda: VendorAccount(order.vendor_account_id, order.domain, "closed"))

    def _account(self, order: AccountOrder, act: Callable[[], VendorAccount]) -> VendorAccount:
        if self.before_change is not None:
            self.before_change(order)
        if order.key not in self.accounts:
            self.accounts[order.key] = act()
        if self.after_change is not None:
            self.after_change(order)
        return self.accounts[order.key]

    def _conflict(self, vendor_subscription_id: str) -> None:
        raise VendorConflict(
            "quantity_changed", "It is no longer what it was.", self.subscription(vendor_subscription_id)
        )

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def once(failure: Exception) -> Callable[[Any], None]:
    """Raises `failure` the first time it is called, and does nothing after that."""
    left = [failure]

    def act(_: Any) -> None:
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
