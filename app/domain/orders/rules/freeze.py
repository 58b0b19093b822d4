"""What an order says, as frozen for approval and held against again before it is provisioned (promise P7).

No cost and no margin: a customer's own approvers see this. The list price and internal versions stay with the quote.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.approvals.rules.frozen import amount_text


@dataclass(frozen=True, slots=True)
class Header:
    """What holds for the whole order. `vendor_customer` is the customer's domain at the vendors."""

    number: str
    customer: str
    vendor_customer: str
    country: str
    purchase_order_number: str
    terms: str
    currency: str
    total_amount: Decimal
    commitment_amount: Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """One line. `price_version` and `vendor_price` name the price book's version and the vendor's price row."""

    vendor: str
    product: str
    sku: str
    title: str
    term: str
    billing_plan: str
    segment: str
    market: str
    quantity: int
    unit_amount: Decimal
    total_amount: Decimal
    commitment_amount: Decimal
    quote: Mapping[str, Any]


def order_content(header: Header, items: Iterable[Item]) -> dict[str, Any]:
    """The content of an order version: plain texts and whole numbers, ready for canonical JSON."""
    return {
        "number": header.number,
        "customer": header.customer,
        "vendor_customer": header.vendor_customer,
        "country": header.country,
        "purchase_order_number": header.purchase_order_number,
        "terms": header.terms,
        "currency": header.currency,
        "total_amount": amount_text(header.total_amount),
        "commitment_amount": amount_text(header.commitment_amount),
        "tax": "not included",
        "lines": [_line(item) for item in items],
    }


def _line(item: Item) -> dict[str, Any]:
    return {
        "vendor": item.vendor,
        "product": item.product,
        "sku": item.sku,
        "title": item.title,
        "term": item.term,
        "billing_plan": item.billing_plan,
        "segment": item.segment,
        "market": item.market,
        "quantity": item.quantity,
        "unit_amount": amount_text(item.unit_amount),
        "total_amount": amount_text(item.total_amount),
        "commitment_amount": amount_text(item.commitment_amount),
        "price_version": item.quote.get("version_id"),
        "vendor_price": item.quote.get("vendor_price_id"),
        "rates": ", ".join(
            f"1 {used['base']} = {amount_text(Decimal(used['rate']))} {used['quote']} ({used['effective_at']})"
            for used in item.quote.get("rates", ())
        ),
    }
