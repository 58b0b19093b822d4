"""Freezing an order: working its content out from its own rows, and keeping it as a version under its digest."""

from typing import Any, NamedTuple

from sqlalchemy import select

from app.core.db import session
from app.domain.approvals.rules.frozen import canonical, digest_of
from app.domain.orders.models import Order, OrderLine, OrderVersion
from app.domain.orders.rules.freeze import Header, Item, order_content
from app.domain.people.models import Account


def lines_of(order: Order) -> list[OrderLine]:
    """The order's lines by position, read afresh."""
    return list(
        session().scalars(
            select(OrderLine)
            .where(OrderLine.order_id == order.id)
            .order_by(OrderLine.position)
            .execution_options(populate_existing=True)
        )
    )


class Customer(NamedTuple):
    """What an order says of its customer: the domain at the vendors, and the country."""

    domain: str
    country: str


def content_of(order: Order, lines: list[OrderLine], customer: Customer | None = None) -> dict[str, Any]:
    """What the order says at this moment, from its rows and its customer's. Hashing it must give the approved digest.

    `customer`: read by somebody who has locked the account since; else it is read afresh.
    """
    if customer is None:
        asked = select(Account.domain, Account.country).where(Account.id == order.account_id)
        customer = Customer(*session().execute(asked).one())
    return order_content(
        Header(
            number=order.number,
            customer=str(order.account_id),
            vendor_customer=customer.domain,
            country=customer.country,
            purchase_order_number=order.purchase_order_number,
            terms=order.terms_version,
            currency=order.currency,
            total_amount=order.total_amount,
            commitment_amount=order.commitment_amount,
        ),
        [
            Item(
                vendor=line.vendor_key,
                product=line.vendor_product_id,
                sku=line.vendor_sku_id,
                title=line.title,
                term=line.term,
                billing_plan=line.billing_plan,
                segment=line.segment,
                market=line.market,
                quantity=line.quantity,
                unit_amount=line.unit_amount,
                total_amount=line.total_amount,
                commitment_amount=line.commitment_amount,
                quote=line.quote,
            )
            for line in lines
        ],
    )


def digest_now(order: Order) -> str:
    """The digest of the order as its rows are now."""
    session().flush()
    return digest_of(canonical(content_of(order, lines_of(order))))


def freeze(
    order: Order, lines: list[OrderLine], customer: Customer | None = None
) -> tuple[dict[str, Any], str]:
    """Keeps the order as it is as its version `order.version_number`; answers content and digest."""
    content = content_of(order, lines, customer)
    text = canonical(content)
    digest = digest_of(text)
    session().add(
        OrderVersion(
            account_id=order.account_id,
            order_id=order.id,
            number=order.version_number,
            content=text,
            digest=digest,
        )
    )
    return content, digest
