"""What the vendor sells: a few offers with their seat limits and invented prices.

A product that is not listed is sold too, within wide limits, so that any price sheet can be tried; a server
started with `--strict` refuses it as the real vendor would.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.connectors.sandbox.vendor.problems import Problem

TERMS = ("P1M", "P1Y", "P3Y")
BILLING_PLANS = ("monthly", "annual", "triennial", "none", "one_time")
SEGMENTS = ("commercial", "education", "government", "nonprofit")
MARKETS = {"DE": "EUR", "FR": "EUR", "NL": "EUR", "AT": "EUR", "GB": "GBP", "US": "USD", "CH": "CHF"}
_RATES = {"EUR": Decimal("1"), "GBP": Decimal("0.87"), "USD": Decimal("1.10"), "CHF": Decimal("0.96")}

# One year paid yearly is the base of every other price: months cost a fifth more, monthly billing a twentieth.
_PLANS = (
    ("P1Y", "annual", Decimal("12")),
    ("P1Y", "monthly", Decimal("12.6")),
    ("P1M", "monthly", Decimal("1.2")),
    ("P3Y", "annual", Decimal("36")),
)


@dataclass(frozen=True, slots=True)
class Product:
    """One product and SKU. `customer_maximum` counts all the customer's subscriptions to the product together."""

    product_id: str
    sku_id: str
    title: str
    monthly_list: Decimal
    maximum: int = 10_000
    minimum: int = 1
    customer_maximum: int | None = None


UNLISTED = Product("", "", "", Decimal(0))
PRODUCTS = (
    Product("CFQ7TTC0LH18", "0001", "Microsoft 365 Business Basic", Decimal("5.60"), 300, 1, 300),
    Product("CFQ7TTC0LDPB", "0001", "Microsoft 365 Business Standard", Decimal("11.90"), 300, 1, 300),
    Product("CFQ7TTC0LCHC", "0002", "Microsoft 365 Business Premium", Decimal("20.10"), 300, 1, 300),
    Product("CFQ7TTC0LH0D", "0001", "Exchange Online (Plan 1)", Decimal("3.80")),
    Product("CFQ7TTC0LH1P", "0001", "Exchange Online (Plan 2)", Decimal("7.60")),
    Product("CFQ7TTC0LF8Q", "0001", "Office 365 E1", Decimal("8.90")),
    Product("CFQ7TTC0LF8R", "0001", "Office 365 E3", Decimal("21.90")),
    Product("CFQ7TTC0LFLX", "0001", "Microsoft 365 E3", Decimal("34.80")),
    Product("CFQ7TTC0LFLZ", "0002", "Microsoft 365 E5", Decimal("54.20")),
    Product("CFQ7TTC0LH0T", "0001", "Power BI Pro", Decimal("9.30")),
    Product("CFQ7TTC0HL8W", "0001", "Power BI Premium per user", Decimal("19.10")),
    Product("CFQ7TTC0LHWP", "0001", "Visio Plan 2", Decimal("14.40")),
    Product("CFQ7TTC0HDB1", "0002", "Project Plan 3", Decimal("28.70"), 10_000, 2),
)
_LISTED = {(product.product_id, product.sku_id): product for product in PRODUCTS}


def find(product_id: str, sku_id: str, *, is_strict: bool) -> Product:
    """The product's limits; those of an unlisted one are wide unless the server is strict."""
    listed = _LISTED.get((product_id, sku_id))
    if listed is not None:
        return listed
    if not is_strict:
        return UNLISTED
    if any(product.product_id == product_id for product in PRODUCTS):
        raise Problem(404, "400018", "The SKU was not found.")
    raise Problem(404, "400013", "The product was not found.")


def check_quantity(product: Product, quantity: int, held_elsewhere: int) -> None:
    """Refuse a quantity outside the limits; `held_elsewhere` counts the customer's other subscriptions to it."""
    if not product.minimum <= quantity <= product.maximum:
        raise Problem(
            400,
            "2002",
            f"The quantity {quantity} isn't within the minimum of {product.minimum}"
            f" and the maximum of {product.maximum}.",
            minimum=product.minimum,
            maximum=product.maximum,
        )
    if product.customer_maximum is not None and held_elsewhere + quantity > product.customer_maximum:
        available = max(0, product.customer_maximum - held_elsewhere)
        raise Problem(
            400,
            "800017",
            f"The quantity {quantity} is not available: this customer may still have {available}"
            f" of {product.customer_maximum}.",
            available_quantity=available,
        )


def offers(market: str, segment: str) -> list[dict[str, Any]]:
    """Everything on sale in a market and segment, as it goes over the wire."""
    if market not in MARKETS or segment not in SEGMENTS:
        return []
    return [
        {
            "product_id": product.product_id,
            "sku_id": product.sku_id,
            "title": product.title,
            "term": term,
            "billing_plan": plan,
            "segment": segment,
            "market": market,
            "minimum_quantity": product.minimum,
            "maximum_quantity": product.maximum,
        }
        for product in PRODUCTS
        for term, plan, _ in _PLANS
    ]


def prices(market: str, segment: str) -> list[dict[str, Any]]:
    """The price of everything on sale in a market and segment: cost is four fifths of list."""
    if market not in MARKETS or segment not in SEGMENTS:
        return []
    currency = MARKETS[market]
    lines = []
    for product in PRODUCTS:
        for term, plan, months in _PLANS:
            amount = _cents(product.monthly_list * months * _RATES[currency])
            lines.append(
                {
                    "product_id": product.product_id,
                    "sku_id": product.sku_id,
                    "term": term,
                    "billing_plan": plan,
                    "segment": segment,
                    "market": market,
                    "currency": currency,
                    "unit_price": str(_cents(amount * Decimal("0.8"))),
                    "list_price": str(amount),
                    "effective_from": "2026-01-01T00:00:00Z",
                }
            )
    return lines


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
