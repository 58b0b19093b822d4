"""Between the sandbox's JSON and the port's values: pure functions, no socket, no clock.

Every field is checked on its way in; what does not fit raises `Unreadable`, never anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast

from app.domain.vendors.ports import (
    AccountOrder,
    NextTerm,
    Provisioned,
    ProvisionRequest,
    Renewal,
    SeatBatch,
    SeatChange,
    SubscriptionState,
    TermChange,
    VendorAccount,
    VendorOffer,
    VendorPriceLine,
    VendorSubscription,
)

_STATES = ("pending", "active", "suspended", "cancelled", "expired", "failed")
_SEGMENTS = {"charity": "nonprofit"}


class Unreadable(Exception):
    """An answer whose content is not what the vendor's API promises."""


def order_body(request: ProvisionRequest) -> dict[str, Any]:
    """The body of `POST /v1/orders`."""
    customer = request.customer
    return {
        "client_reference": request.client_reference,
        "customer": {
            "reference": customer.reference,
            "name": customer.name,
            "country": customer.country,
            "email": customer.email,
        },
        "product_id": request.product_id,
        "sku_id": request.sku_id,
        "term": request.term,
        "billing_plan": request.billing_plan.lower(),
        "segment": segment_sent(request.segment),
        "market": request.market,
        "quantity": request.quantity,
        "purchase_order_number": request.purchase_order_number,
    }


def segment_sent(segment: str) -> str:
    """A price sheet's segment in the API's words (`Charity` is `nonprofit`)."""
    return _SEGMENTS.get(segment.lower(), segment.lower())


def change_body(change: SeatChange) -> dict[str, Any]:
    """The body of `PATCH /v1/subscriptions/{id}`."""
    return {"quantity": change.to_quantity, "expected_quantity": change.from_quantity}


def renewal_body(renewal: Renewal) -> dict[str, Any]:
    """The body of `PUT /v1/subscriptions/{id}/renewal`."""
    then = renewal.next_term
    return {
        "is_auto_renewed": renewal.is_auto_renewed,
        "next_term": None
        if then is None
        else {"quantity": then.quantity, "term": then.term, "billing_plan": then.billing_plan.lower()},
    }


def term_body(change: TermChange) -> dict[str, Any]:
    """The body of `POST /v1/subscriptions/{id}/term`."""
    return {
        "expected_quantity": change.quantity,
        "expected_term": change.from_term,
        "term": change.to_term,
        "billing_plan": change.to_billing_plan.lower(),
    }


def account_body(order: AccountOrder) -> dict[str, Any]:
    """The body of every call about a customer's account."""
    customer = order.customer
    return {
        "reference": customer.reference,
        "name": customer.name,
        "country": customer.country,
        "email": customer.email,
        "domain": order.domain,
    }


def read_account(document: Mapping[str, Any]) -> VendorAccount:
    """A customer's account as the vendor shows it."""
    state = _text(document, "status")
    if state not in ("active", "closed"):
        raise Unreadable(f"status {state!r} is not known")
    return VendorAccount(
        _text(document, "id"), _text(document, "domain"), cast(Literal["active", "closed"], state)
    )


def provisioned(document: Mapping[str, Any]) -> Provisioned:
    """The answer to a purchase, from an order with its subscription inside."""
    subscription = read_subscription(_object(document, "subscription"))
    return Provisioned(
        vendor_order_id=_text(document, "id"),
        vendor_subscription_id=subscription.vendor_subscription_id,
        state="pending" if subscription.state == "pending" else "active",
        quantity=subscription.quantity,
        starts_at=subscription.starts_at,
        term_ends_at=subscription.term_ends_at,
        reduce_until=max((b.reduce_until for b in subscription.batches if b.reduce_until), default=None),
        cancel_until=subscription.cancel_until,
        etag=subscription.etag,
    )


def read_subscription(document: Mapping[str, Any]) -> VendorSubscription:
    """A subscription as the vendor shows it."""
    state = _text(document, "status")
    if state not in _STATES:
        raise Unreadable(f"status {state!r} is not known")
    failure = document.get("failure")
    return VendorSubscription(
        vendor_order_id=_text(document, "order_id"),
        vendor_subscription_id=_text(document, "id"),
        client_reference=_text(document, "client_reference"),
        product_id=_text(document, "product_id"),
        sku_id=_text(document, "sku_id"),
        term=_text(document, "term"),
        billing_plan=_text(document, "billing_plan"),
        state=cast(SubscriptionState, state),
        quantity=_count(document, "quantity"),
        starts_at=_instant(document, "starts_at"),
        term_ends_at=_instant(document, "term_ends_at"),
        cancel_until=_instant(document, "cancel_until") if document.get("cancel_until") else None,
        batches=tuple(
            SeatBatch(_count(batch, "quantity"), _instant(batch, "reduce_until"))
            for batch in items(document, "batches")
        ),
        is_auto_renewed=document.get("is_auto_renewed") is True,
        etag=_text(document, "etag"),
        failure=failure if isinstance(failure, str) else None,
        next_term=_next_term(document),
    )


def _next_term(document: Mapping[str, Any]) -> NextTerm | None:
    if document.get("next_term") is None:
        return None
    then = _object(document, "next_term")
    return NextTerm(_count(then, "quantity"), _text(then, "term"), _text(then, "billing_plan"))


def read_offer(document: Mapping[str, Any]) -> VendorOffer:
    """One line of the list of offers."""
    return VendorOffer(
        product_id=_text(document, "product_id"),
        sku_id=_text(document, "sku_id"),
        title=_text(document, "title"),
        term=_text(document, "term"),
        billing_plan=_text(document, "billing_plan"),
        segment=_text(document, "segment"),
        market=_text(document, "market"),
        minimum_quantity=_count(document, "minimum_quantity"),
        maximum_quantity=None
        if document.get("maximum_quantity") is None
        else _count(document, "maximum_quantity"),
    )


def read_price(document: Mapping[str, Any]) -> VendorPriceLine:
    """One line of the list of prices."""
    return VendorPriceLine(
        product_id=_text(document, "product_id"),
        sku_id=_text(document, "sku_id"),
        term=_text(document, "term"),
        billing_plan=_text(document, "billing_plan"),
        segment=_text(document, "segment"),
        market=_text(document, "market"),
        currency=_text(document, "currency"),
        cost_amount=_amount(document, "unit_price"),
        list_amount=_amount(document, "list_price"),
        effective_from=_instant(document, "effective_from"),
    )


def items(document: Mapping[str, Any], name: str = "items") -> list[Mapping[str, Any]]:
    """A list of objects inside an answer."""
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable(f"{name} is not a list of objects")
    return found


def next_cursor(document: Mapping[str, Any]) -> str | None:
    """Where the next page begins; None on the last."""
    cursor = document.get("next_cursor")
    if cursor is not None and not (isinstance(cursor, str) and 0 < len(cursor) <= 200):
        raise Unreadable("next_cursor is not a text")
    return cursor


def problem(document: Mapping[str, Any]) -> tuple[str, str]:
    """The code and the sentence of a refusal."""
    return _text(document, "code")[:50], _text(document, "description")[:1024]


def _object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is not an object")
    return value


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value or "\0" in value:
        raise Unreadable(f"{name} is not a text")
    return value


def _count(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**9:
        raise Unreadable(f"{name} is not a count")
    return value


def _instant(document: Mapping[str, Any], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(_text(document, name))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"{name} is not a time") from None


def _amount(document: Mapping[str, Any], name: str) -> Decimal:
    text = _text(document, name)
    try:
        amount = Decimal(text) if len(text) <= 30 else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < 10**12:
        raise Unreadable(f"{name} is not an amount")
    return amount
