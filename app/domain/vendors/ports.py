"""What Awning needs from a vendor: the port, the plain values that cross it, and its two failures.

Nothing here knows a particular vendor, a wire format or a socket; that is what connectors are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

SubscriptionState = Literal["pending", "active", "suspended", "cancelled", "expired", "failed"]


class Ability(StrEnum):
    """One thing a connector can do; screens offer only what the vendor's connector declares."""

    OFFERS = "offers"
    PRICES = "prices"
    PROVISION = "provision"
    CHANGE = "change"
    CANCEL = "cancel"
    RENEW = "renew"
    CHANGE_TERM = "change_term"
    ACCOUNTS = "accounts"
    SUSPEND = "suspend"
    RESUME = "resume"
    SUBSCRIPTION = "subscription"
    USAGE = "usage"
    CHECK = "check"


class Idempotency(StrEnum):
    """How a call whose outcome is unknown may be settled without a second purchase.

    * ``IDEMPOTENT_KEY``: send the same request with the same key again, as long as the key is younger
      than ``key_retention``; the vendor answers what it answered the first time.
    * ``CLIENT_REFERENCE_LOOKUP``: send again only after ``max_in_flight`` has passed since the last call
      *and* :meth:`VendorPort.lookup` found nothing.
    * ``MANUAL_ONLY``: never send again by machine; a person settles it.
    """

    IDEMPOTENT_KEY = "idempotent_key"
    CLIENT_REFERENCE_LOOKUP = "client_reference_lookup"
    MANUAL_ONLY = "manual_only"


class VendorFailure(Exception):
    """Base of the two ways a vendor call fails; callers catch one of the two below."""


class VendorRejected(VendorFailure):
    """The vendor said no, and asking again will not help.

    ``code`` is the vendor's own code (for support), ``reason`` a sentence for people. Nothing was changed at
    the vendor.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} ({self.code})"


class VendorConflict(VendorRejected):
    """The subscription is no longer what the request said it was, so nothing was changed.

    Raised when the etag or the expected quantity does not match. ``current`` is the vendor's truth at that
    moment, so that a screen can show both numbers; ``None`` if the vendor could not say.
    """

    def __init__(self, code: str, reason: str, current: VendorSubscription | None = None) -> None:
        super().__init__(code, reason)
        self.args = (code, reason, current)
        self.current = current


class VendorUnavailable(VendorFailure):
    """No usable answer: try again later.

    ``may_have_happened`` is the question that matters. ``False``: the vendor certainly did nothing (refused
    connection, 429, request never sent). ``True``: it may have done the work (time-out, connection cut,
    5xx, unreadable answer), so the caller must settle it according to the port's :class:`Idempotency`
    before anything is sent under another key. ``retry_after`` is the vendor's own wish, if it named one.
    """

    def __init__(self, reason: str, may_have_happened: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(reason, may_have_happened, retry_after)
        self.reason = reason
        self.may_have_happened = may_have_happened
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.reason


class VendorNotConnected(VendorUnavailable):
    """No connector is plugged in for this vendor; work waits until one is."""

    def __init__(self, vendor_key: str) -> None:
        super().__init__(f"no connector is plugged in for vendor {vendor_key!r}", False)
        self.args = (vendor_key,)
        self.vendor_key = vendor_key


@dataclass(frozen=True, slots=True)
class VendorCustomer:
    """The customer on whose behalf we buy. ``reference`` is our stable account id, ``country`` ISO 3166-1."""

    reference: str
    name: str
    country: str
    email: str


@dataclass(frozen=True, slots=True)
class AccountOrder:
    """What is to happen with a customer's own account at the vendor, under a key that is committed before the call.

    ``vendor_account_id`` is empty for an account that is to be opened; ``domain`` is the one it is known by there.
    """

    key: str
    customer: VendorCustomer
    domain: str
    vendor_account_id: str = ""


@dataclass(frozen=True, slots=True)
class VendorAccount:
    """A customer's account as the vendor sees it."""

    vendor_account_id: str
    domain: str
    state: Literal["active", "closed"]


@dataclass(frozen=True, slots=True)
class ProvisionRequest:
    """One order item to be bought.

    ``key`` is the idempotency key, persisted and committed before the call and the same for every attempt.
    ``client_reference`` is our readable name for the item, unique among all that this installation ever
    sends, whichever reseller it is for (``O-2026-000123/1/9f86d081884c``: order numbers repeat among
    resellers); the vendor keeps it, and it can be looked up. The rest are catalogue identities as the price sheet gave them.
    """

    key: str
    client_reference: str
    customer: VendorCustomer
    product_id: str
    sku_id: str
    term: str
    billing_plan: str
    segment: str
    market: str
    quantity: int
    purchase_order_number: str | None = None


@dataclass(frozen=True, slots=True)
class SeatBatch:
    """Seats that were added together; they may be given back until ``reduce_until`` (``None``: never)."""

    quantity: int
    reduce_until: datetime | None


@dataclass(frozen=True, slots=True)
class Provisioned:
    """The vendor's answer to a purchase.

    ``pending`` means accepted, not yet usable: read the subscription again later. ``reduce_until`` and
    ``cancel_until`` are the vendor's own deadlines (UTC); ``None`` means the vendor names none.
    ``term_ends_at`` is exclusive: the first instant after the term.
    """

    vendor_order_id: str
    vendor_subscription_id: str
    state: Literal["active", "pending"]
    quantity: int
    starts_at: datetime
    term_ends_at: datetime
    reduce_until: datetime | None
    cancel_until: datetime | None
    etag: str


@dataclass(frozen=True, slots=True)
class NextTerm:
    """What the vendor has noted for the time after this term, where that is not simply more of the same."""

    quantity: int
    term: str
    billing_plan: str


@dataclass(frozen=True, slots=True)
class VendorSubscription:
    """A subscription as the vendor sees it now.

    ``quantity`` is the vendor's truth; synchronising copies it and never adds differences. ``failed`` means
    that an accepted purchase could not be delivered after all; ``failure`` says why. ``term_ends_at`` is
    exclusive: the first instant after the term. ``next_term`` is what is booked for the renewal (``None``: the same again);
    vendors forget it with every change within the term.
    """

    vendor_order_id: str
    vendor_subscription_id: str
    client_reference: str
    product_id: str
    sku_id: str
    term: str
    billing_plan: str
    state: SubscriptionState
    quantity: int
    starts_at: datetime
    term_ends_at: datetime
    cancel_until: datetime | None
    batches: tuple[SeatBatch, ...]
    is_auto_renewed: bool
    etag: str
    failure: str | None = None
    next_term: NextTerm | None = None

    def reducible(self, at: datetime) -> int:
        """How many seats may still be given back at this instant, going by the batches' deadlines."""
        return sum(
            batch.quantity
            for batch in self.batches
            if batch.reduce_until is not None and at < batch.reduce_until
        )


@dataclass(frozen=True, slots=True)
class SeatChange:
    """A change of quantity, from what we believe to what we want.

    The connector compares ``from_quantity`` (and ``etag``, when given) with the vendor's truth at send time
    and raises :class:`VendorConflict` when they differ, so a change made elsewhere is never overwritten.
    """

    key: str
    from_quantity: int
    to_quantity: int
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """What happens when the term ends: nothing (``is_auto_renewed`` false), the same again, or ``next_term``.

    The connector compares ``etag``, when given, and raises :class:`VendorConflict` when it is no longer true.
    """

    key: str
    is_auto_renewed: bool
    next_term: NextTerm | None = None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class TermChange:
    """Another term that begins now, for as many seats as we believe there are; see :class:`SeatChange`."""

    key: str
    quantity: int
    from_term: str
    to_term: str
    to_billing_plan: str
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class VendorOffer:
    """Something that can be bought at the vendor. Quantity limits are per subscription."""

    product_id: str
    sku_id: str
    title: str
    term: str
    billing_plan: str
    segment: str
    market: str
    minimum_quantity: int
    maximum_quantity: int | None


@dataclass(frozen=True, slots=True)
class VendorPriceLine:
    """A dated price of an offer, per unit and whole term.

    ``cost_amount`` is what we pay, ``list_amount`` the vendor's list price.
    """

    product_id: str
    sku_id: str
    term: str
    billing_plan: str
    segment: str
    market: str
    currency: str
    cost_amount: Decimal
    list_amount: Decimal
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One metered amount of one subscription in ``[starts_at, ends_at)``.

    ``line_id`` is unique at the vendor.
    """

    line_id: str
    vendor_subscription_id: str
    meter: str
    unit: str
    quantity: Decimal
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class VendorCheck:
    """The outcome of a connection check; ``detail`` is a sentence for the operator."""

    is_ok: bool
    detail: str
    took: timedelta


@runtime_checkable
class VendorPort(Protocol):
    """What every connector offers. All calls block, none may be made inside a unit of work.

    Every method except :meth:`check` raises :class:`VendorRejected` or :class:`VendorUnavailable`, and
    nothing else. A method whose ability is not declared raises ``VendorRejected("not_supported", …)``.
    """

    @property
    def abilities(self) -> frozenset[Ability]: ...

    @property
    def idempotency(self) -> Idempotency: ...

    @property
    def key_retention(self) -> timedelta:
        """How long the vendor remembers a key. An older unsettled key goes to a person, never to a retry."""
        ...

    @property
    def max_in_flight(self) -> timedelta:
        """The longest a call may still be working at the vendor after it was sent, our own time-out included.

        A lease over a call must be longer than this.
        """
        ...

    def offers(self, *, market: str, segment: str) -> Iterator[VendorOffer]:
        """Everything that can be bought in a market and segment, page by page as it is consumed."""
        ...

    def prices(self, *, market: str, segment: str) -> Iterator[VendorPriceLine]:
        """Every price now or later in force in a market and segment, page by page as it is consumed."""
        ...

    def provision(self, request: ProvisionRequest) -> Provisioned:
        """Buy one order item. The same key always gives the same purchase."""
        ...

    def lookup(self, *, key: str, client_reference: str) -> Provisioned | None:
        """Read back a purchase by what we called it; ``None`` if the vendor has no record of it yet.

        ``None`` proves nothing before ``max_in_flight`` has passed since the call. A purchase that the
        vendor accepted and could not deliver raises :class:`VendorRejected`.
        """
        ...

    def subscription(self, vendor_subscription_id: str) -> VendorSubscription:
        """The subscription as the vendor sees it now."""
        ...

    def change(self, vendor_subscription_id: str, change: SeatChange) -> VendorSubscription:
        """Set the quantity, if it still is what ``change`` says it was; else :class:`VendorConflict`."""
        ...

    def cancel(self, vendor_subscription_id: str, *, key: str, etag: str | None = None) -> VendorSubscription:
        """End the subscription now. Refused outside the vendor's window."""
        ...

    def renew(self, vendor_subscription_id: str, renewal: Renewal) -> VendorSubscription:
        """Book what happens when the term ends. It replaces what was booked before."""
        ...

    def change_term(self, vendor_subscription_id: str, change: TermChange) -> VendorSubscription:
        """Begin another, longer term now; :class:`VendorConflict` if quantity or term are not what they were."""
        ...

    def suspend(
        self, vendor_subscription_id: str, *, key: str, etag: str | None = None
    ) -> VendorSubscription:
        """Switch the subscription off without ending it."""
        ...

    def resume(self, vendor_subscription_id: str, *, key: str, etag: str | None = None) -> VendorSubscription:
        """Switch a suspended subscription on again."""
        ...

    def open_account(self, order: AccountOrder) -> VendorAccount:
        """Open an account for the customer. Refused when its domain is taken."""
        ...

    def link_account(self, order: AccountOrder) -> VendorAccount:
        """Become the seller of an account that exists. Refused when it does not, or has another domain."""
        ...

    def close_account(self, order: AccountOrder) -> VendorAccount:
        """Give the account up. Refused while something still runs in it."""
        ...

    def usage(self, *, starts_at: datetime, ends_at: datetime) -> Iterator[UsageLine]:
        """Metered amounts whose time lies in ``[starts_at, ends_at)``, page by page as they are consumed."""
        ...

    def check(self) -> VendorCheck:
        """Whether the vendor is reachable and knows us. Never raises."""
        ...
