"""The vendors of the world's past: the sandbox's own rules and its own file, without a network, at the clock's instant.

What is bought in the past is therefore known to the sandbox when the demo starts: a past subscription can be changed,
read back and cancelled like one that was bought a minute ago.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

from app.connectors.sandbox import mapping
from app.connectors.sandbox.vendor import customers, orders, subscriptions
from app.connectors.sandbox.vendor.problems import Problem
from app.connectors.sandbox.vendor.store import Store
from app.core import clock
from app.domain.vendors import Ability, Idempotency, Provisioned, ProvisionRequest, VendorRejected
from app.domain.vendors.ports import (
    AccountOrder,
    Renewal,
    SeatChange,
    VendorAccount,
    VendorConflict,
    VendorSubscription,
)
from config.settings import Settings

T = TypeVar("T")


def sandbox_file(settings: Settings) -> Path:
    """Where the demo's sandbox keeps everything, in a folder that is its owner's alone."""
    folder = settings.data_dir / "sandbox"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / "state"


class PastVendor:
    """A `VendorPort` that can do what the past needs: sell, change seats, cancel, and say how things stand."""

    abilities: frozenset[Ability] = frozenset(
        {
            Ability.PROVISION,
            Ability.SUBSCRIPTION,
            Ability.CHANGE,
            Ability.CANCEL,
            Ability.RENEW,
            Ability.ACCOUNTS,
        }
    )
    idempotency = Idempotency.IDEMPOTENT_KEY
    key_retention = timedelta(days=7)
    max_in_flight = timedelta(seconds=30)

    def __init__(self, state: Path) -> None:
        self._store = Store(state)

    def close(self) -> None:
        """Let go of the sandbox's file: its own process comes next."""
        self._store.close()

    def provision(self, request: ProvisionRequest) -> Provisioned:
        """Sells, delivered at once; the same key is the same purchase."""
        at = clock.now()

        def sell(db: Connection) -> Provisioned:
            found = orders.find(db, before=at, at=at, key=request.key)
            if not found:
                purchase = orders.read(mapping.order_body(request))
                order = orders.create(
                    db,
                    purchase,
                    key=request.key,
                    at=at,
                    delivered_after=timedelta(0),
                    fails=None,
                    is_strict=False,
                )
                found = [orders.shown(db, order, at)]
            return mapping.provisioned(found[0])

        return self._work(sell)

    def lookup(self, *, key: str, client_reference: str) -> Provisioned | None:
        """What was sold under this key."""
        at = clock.now()
        found = self._work(lambda db: orders.find(db, before=at, at=at, key=key))
        return mapping.provisioned(found[0]) if found else None

    def subscription(self, vendor_subscription_id: str) -> VendorSubscription:
        """How a subscription stands."""
        return self._altered(vendor_subscription_id, None, lambda *_: None)

    def change(self, vendor_subscription_id: str, change: SeatChange) -> VendorSubscription:
        """Another quantity, within the vendor's windows and limits."""

        def alter(db: Connection, one: dict[str, Any]) -> None:
            at = clock.now()
            subscriptions.change_quantity(
                db, one, change.to_quantity, change.from_quantity, at, is_strict=False
            )

        return self._altered(vendor_subscription_id, change.etag, alter)

    def cancel(self, vendor_subscription_id: str, *, key: str, etag: str | None = None) -> VendorSubscription:
        """Ends it, within the vendor's window."""
        return self._altered(
            vendor_subscription_id, etag, lambda _, one: subscriptions.cancel(one, clock.now())
        )

    def renew(self, vendor_subscription_id: str, renewal: Renewal) -> VendorSubscription:
        """Books what happens when the term ends."""
        said = orders.read_renewal(mapping.renewal_body(renewal))
        return self._altered(
            vendor_subscription_id, renewal.etag, lambda _, one: subscriptions.book_renewal(one, *said)
        )

    def link_account(self, order: AccountOrder) -> VendorAccount:
        """Becomes the seller of an account that exists."""
        customer, at = customers.read(mapping.account_body(order)), clock.now()
        return self._work(
            lambda db: mapping.read_account(
                customers.link(db, order.vendor_account_id, customer, at, is_strict=False)
            )
        )

    def _altered(
        self, id: str, etag: str | None, alter: Callable[[Connection, dict[str, Any]], None]
    ) -> VendorSubscription:
        def work(db: Connection) -> VendorSubscription:
            at = clock.now()
            one = subscriptions.load(db, id, at)
            subscriptions.check_match(one, etag)
            alter(db, one)
            subscriptions.save(db, one, at)
            return mapping.read_subscription(subscriptions.shown(one, at))

        return self._work(work)

    def _work(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._store.transaction() as db:
                return work(db)
        except Problem as problem:
            if problem.status in (409, 412):
                raise VendorConflict(problem.code, problem.description) from problem
            raise VendorRejected(problem.code, problem.description) from problem

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the past never asks a vendor for {name}")
