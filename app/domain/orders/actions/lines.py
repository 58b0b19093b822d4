"""Making order lines out of cart lines: everything about the offer, and the amounts of the quote, copied once."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.core.ids import new_id
from app.domain.orders.models import CartLine, Order, OrderLine
from app.domain.orders.queries.carts import KeptLine
from app.domain.orders.queries.offers import OfferFacts
from app.domain.pricing.rules.quote import Quote


def order_lines(
    order: Order,
    rows: Sequence[CartLine | KeptLine],
    facts: Mapping[UUID, OfferFacts],
    quotes: Mapping[UUID, Quote],
) -> list[OrderLine]:
    """One order line per cart line, numbered from 1."""
    lines = []
    for position, row in enumerate(rows, start=1):
        offer = facts[row.offer_id]
        line = OrderLine(
            id=new_id(),
            account_id=order.account_id,
            tenant_id=order.tenant_id,
            order_id=order.id,
            position=position,
            state="pending",
            offer_id=offer.id,
            vendor_id=offer.vendor_id,
            vendor_key=offer.vendor_key,
            vendor_product_id=offer.vendor_product_id,
            vendor_sku_id=offer.vendor_sku_id,
            title=offer.title,
            unit=offer.unit,
            term=offer.term,
            billing_plan=offer.billing_plan,
            segment=offer.segment,
            market=offer.market,
            quantity=row.quantity,
        )
        price(line, quotes[row.offer_id])
        lines.append(line)
    return lines


def price(line: OrderLine, quote: Quote) -> None:
    """Gives a line the amounts of its quote. They come rounded; nothing is worked out here."""
    line.currency = quote.currency
    line.unit_amount = quote.unit_price.amount
    line.total_amount = quote.line_amount.amount
    line.commitment_amount = quote.commitment_amount.amount
    line.cost_unit_amount = quote.unit_cost.amount
    line.cost_total_amount = quote.cost_amount.amount
    line.cost_commitment_amount = quote.commitment_cost.amount
    line.quote = quote.to_dict()
