"""What a change says, as frozen for approval and held against again before it is sent (promise P7). No cost, no margin."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from app.domain.approvals.rules.frozen import amount_text


@dataclass(frozen=True, slots=True)
class Frozen:
    """A change in full. `vendor_customer` is the customer's domain at the vendors; amounts as in `SubscriptionChange`."""

    number: str
    kind: str
    timing: str
    customer: str
    vendor_customer: str
    country: str
    subscription: str
    vendor: str
    vendor_subscription: str
    title: str
    from_quantity: int
    to_quantity: int
    from_term: str
    to_term: str
    from_billing_plan: str
    to_billing_plan: str
    from_renews: bool
    to_renews: bool
    currency: str
    unit_amount: Decimal
    due_amount: Decimal
    commitment_amount: Decimal


def change_content(frozen: Frozen, quote: Mapping[str, Any]) -> dict[str, Any]:
    """Plain texts and whole numbers, ready for canonical JSON."""
    content = {
        name: amount_text(value) if isinstance(value, Decimal) else value
        for name, value in asdict(frozen).items()
    }
    return content | {
        "price_version": quote.get("version_id"),
        "vendor_price": quote.get("vendor_price_id"),
        "tax": "not included",
    }
