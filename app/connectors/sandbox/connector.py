"""The vendor sandbox as a vendor port. Puts `client` and `mapping` together; holds no state of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.connectors.sandbox import mapping
from app.connectors.sandbox.client import SandboxClient
from app.domain.vendors.ports import (
    Ability,
    AccountOrder,
    Idempotency,
    Provisioned,
    ProvisionRequest,
    Renewal,
    SeatChange,
    TermChange,
    UsageLine,
    VendorAccount,
    VendorCheck,
    VendorConflict,
    VendorFailure,
    VendorOffer,
    VendorPriceLine,
    VendorRejected,
    VendorSubscription,
    VendorUnavailable,
)

T = TypeVar("T")

# The sandbox never works on a call for longer than this after it arrived (its own documented limit).
_LONGEST_WORK = timedelta(seconds=30)


class SandboxConnector:
    """A `VendorPort` over the sandbox's HTTP API."""

    abilities = frozenset(Ability) - {Ability.USAGE}
    idempotency = Idempotency.IDEMPOTENT_KEY
    key_retention = timedelta(days=7)

    def __init__(self, base_url: str, token: str, timeout: timedelta = timedelta(seconds=20)) -> None:
        self._client = SandboxClient(base_url, token, timeout)

    @property
    def max_in_flight(self) -> timedelta:
        """Our own time-out plus the vendor's longest work, and a little for the network."""
        return self._client.timeout + _LONGEST_WORK + timedelta(seconds=5)

    def offers(self, *, market: str, segment: str) -> Iterator[VendorOffer]:
        """Everything that can be bought in a market and segment."""
        segment = mapping.segment_sent(segment)
        for document in self._client.pages("offers.list", "offers", market=market, segment=segment):
            yield _read(mapping.read_offer, document, may_have_happened=False)

    def prices(self, *, market: str, segment: str) -> Iterator[VendorPriceLine]:
        """Every price in a market and segment."""
        segment = mapping.segment_sent(segment)
        for document in self._client.pages("prices.list", "prices", market=market, segment=segment):
            yield _read(mapping.read_price, document, may_have_happened=False)

    def provision(self, request: ProvisionRequest) -> Provisioned:
        """Buy one order item."""
        document = self._client.write(
            "orders.create", "POST", ("orders",), key=request.key, body=mapping.order_body(request)
        )
        if document.get("client_reference") != request.client_reference:
            raise VendorUnavailable("The vendor answered about another order.", True)
        return _purchase(document, may_have_happened=True)

    def lookup(self, *, key: str, client_reference: str) -> Provisioned | None:
        """Read a purchase back: by its key, else by our reference for the item.

        Two purchases under one reference mean that something bought twice. No answer is right then; it stays
        unknown until a person has looked.
        """
        found = list(self._client.pages("orders.find", "orders", key=key))
        if not found:
            found = list(self._client.pages("orders.find", "orders", client_reference=client_reference))
        if len(found) > 1:
            raise VendorUnavailable(f"The vendor holds {len(found)} orders for {client_reference}.", True)
        return _purchase(found[0], may_have_happened=False) if found else None

    def subscription(self, vendor_subscription_id: str) -> VendorSubscription:
        """The subscription as the vendor sees it now."""
        document = self._client.read("subscriptions.read", "subscriptions", vendor_subscription_id)
        return _read(mapping.read_subscription, document, may_have_happened=False)

    def change(self, vendor_subscription_id: str, change: SeatChange) -> VendorSubscription:
        """Set the quantity, if it still is what `change` says it was.

        The vendor compares, under its own lock, and it looks at the key before it compares: a repeated call
        gets its first answer and not a conflict with its own effect.
        """
        return self._alter(
            "subscriptions.change",
            "PATCH",
            (vendor_subscription_id,),
            key=change.key,
            etag=change.etag,
            body=mapping.change_body(change),
        )

    def cancel(self, vendor_subscription_id: str, *, key: str, etag: str | None = None) -> VendorSubscription:
        """End the subscription now."""
        path = (vendor_subscription_id, "cancellation")
        return self._alter("subscriptions.cancel", "POST", path, key=key, etag=etag)

    def renew(self, vendor_subscription_id: str, renewal: Renewal) -> VendorSubscription:
        """Book what happens when the term ends."""
        return self._alter(
            "subscriptions.renew",
            "PUT",
            (vendor_subscription_id, "renewal"),
            key=renewal.key,
            etag=renewal.etag,
            body=mapping.renewal_body(renewal),
        )

    def change_term(self, vendor_subscription_id: str, change: TermChange) -> VendorSubscription:
        """Begin another term now, if quantity and term still are what `change` says they were."""
        return self._alter(
            "subscriptions.change_term",
            "POST",
            (vendor_subscription_id, "term"),
            key=change.key,
            etag=change.etag,
            body=mapping.term_body(change),
        )

    def suspend(
        self, vendor_subscription_id: str, *, key: str, etag: str | None = None
    ) -> VendorSubscription:
        """Switch the subscription off."""
        path = (vendor_subscription_id, "suspension")
        return self._alter("subscriptions.suspend", "POST", path, key=key, etag=etag)

    def resume(self, vendor_subscription_id: str, *, key: str, etag: str | None = None) -> VendorSubscription:
        """Switch the subscription on again."""
        path = (vendor_subscription_id, "suspension")
        return self._alter("subscriptions.resume", "DELETE", path, key=key, etag=etag)

    def open_account(self, order: AccountOrder) -> VendorAccount:
        """Open an account for a customer."""
        return self._account("customers.create", "POST", ("customers",), order)

    def link_account(self, order: AccountOrder) -> VendorAccount:
        """Become the seller of an account that exists."""
        path = ("customers", order.vendor_account_id, "relationship")
        return self._account("customers.link", "POST", path, order)

    def close_account(self, order: AccountOrder) -> VendorAccount:
        """Give an account up."""
        return self._account("customers.close", "DELETE", ("customers", order.vendor_account_id), order)

    def _account(
        self, operation: str, method: str, path: tuple[str, ...], order: AccountOrder
    ) -> VendorAccount:
        document = self._client.write(
            operation, method, path, key=order.key, body=mapping.account_body(order)
        )
        return _read(mapping.read_account, document, may_have_happened=True)

    def usage(self, *, starts_at: datetime, ends_at: datetime) -> Iterator[UsageLine]:
        """The sandbox sells nothing that is metered."""
        raise VendorRejected("not_supported", "The vendor sandbox sells nothing that is metered.")

    def check(self) -> VendorCheck:
        """Whether the sandbox is reachable and knows our token."""
        started = time.monotonic()
        try:
            self._client.read("me.read", "me")
            is_ok, detail = True, "The vendor is reachable and knows us."
        except VendorFailure as failure:
            is_ok, detail = False, str(failure)
        return VendorCheck(is_ok, detail, timedelta(seconds=time.monotonic() - started))

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def _alter(
        self,
        operation: str,
        method: str,
        path: tuple[str, ...],
        *,
        key: str,
        etag: str | None,
        body: dict[str, Any] | None = None,
    ) -> VendorSubscription:
        """Change a subscription; a conflict carries the vendor's truth as far as it can still be read."""
        try:
            document = self._client.write(
                operation, method, ("subscriptions", *path), key=key, etag=etag, body=body
            )
        except VendorConflict as conflict:
            try:
                current = self.subscription(path[0])
            except VendorFailure:
                current = None
            raise VendorConflict(conflict.code, conflict.reason, current) from conflict
        return _read(mapping.read_subscription, document, may_have_happened=True)


def _purchase(document: Mapping[str, Any], *, may_have_happened: bool) -> Provisioned:
    """A purchase from an order. One that was taken and could not be delivered is a refusal."""
    subscription = document.get("subscription")
    if isinstance(subscription, dict) and subscription.get("status") == "failed":
        failure = subscription.get("failure")
        raise VendorRejected(
            "delivery_failed", str(failure or "The vendor could not deliver the order.")[:1024]
        )
    return _read(mapping.provisioned, document, may_have_happened=may_have_happened)


def _read(
    read: Callable[[Mapping[str, Any]], T], document: Mapping[str, Any], *, may_have_happened: bool
) -> T:
    """Map an answer; one that does not fit settles nothing."""
    try:
        return read(document)
    except mapping.Unreadable as error:
        raise VendorUnavailable(f"The vendor's answer cannot be read: {error}.", may_have_happened) from error
