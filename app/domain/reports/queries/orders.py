"""Orders as a list: found by number, customer, purchase order or product; with what they come to and what they cost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import Page
from app.domain.catalog.models import Vendor
from app.domain.orders.models import Order, OrderLine, ProvisioningStep
from app.domain.people.models import Account
from app.domain.reports.queries.paged import take
from app.domain.subscriptions.models import Subscription

SORTS: Mapping[str, Any] = {
    "number": Order.number,
    "placed": Order.placed_at,
    "customer": Account.name,
    "total": Order.total_amount,
    "commitment": Order.commitment_amount,
    "state": Order.state,
}


def orders(
    *,
    q: str = "",
    state: str = "",
    account_id: UUID | None = None,
    placed_from: datetime | None = None,
    sort: str = "-placed",
    page: int = 1,
    size: int = 25,
) -> Page[Any]:
    """Rows of (Order, account_name, lines, title, cost): `lines` counts them, `title` is the first one's, `cost` the
    reseller's for all charges. One statement, however many orders there are."""
    of_order = OrderLine.order_id == Order.id
    statement = select(
        Order,
        Account.name.label("account_name"),
        select(func.count()).where(of_order).scalar_subquery().label("lines"),
        select(OrderLine.title)
        .where(of_order)
        .order_by(OrderLine.position)
        .limit(1)
        .scalar_subquery()
        .label("title"),
        select(func.sum(OrderLine.cost_commitment_amount)).where(of_order).scalar_subquery().label("cost"),
    ).join(Account, Account.id == Order.account_id)
    statement = _narrowed(statement, q, state, account_id)
    if placed_from is not None:
        statement = statement.where(Order.placed_at >= placed_from)
    column = SORTS[sort.removeprefix("-")]
    statement = statement.order_by(column.desc() if sort.startswith("-") else column.asc(), Order.id.desc())
    return take(statement, page, size)


def states(*, q: str = "", account_id: UUID | None = None) -> dict[str, int]:
    """How many orders the search finds in each state."""
    statement = (
        select(Order.state, func.count()).join(Account, Account.id == Order.account_id).group_by(Order.state)
    )
    return dict(session().execute(_narrowed(statement, q, "", account_id)).all())


def _narrowed(statement: Select[Any], q: str, state: str, account_id: UUID | None) -> Select[Any]:
    if q:
        titled = select(OrderLine.order_id).where(OrderLine.title.icontains(q, autoescape=True))
        statement = statement.where(
            or_(
                Order.number.icontains(q, autoescape=True),
                Order.purchase_order_number.icontains(q, autoescape=True),
                Account.name.icontains(q, autoescape=True),
                Order.id.in_(titled),
            )
        )
    if state:
        statement = statement.where(Order.state == state)
    if account_id is not None:
        statement = statement.where(Order.account_id == account_id)
    return statement


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of an order with what became of it: its subscription, and whether its delivery waits for a person."""

    line: OrderLine
    subscription_number: str | None
    subscription_state: str | None
    vendor_name: str
    needs_person_since: datetime | None


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order as the console shows it. `cost` and `margin` are for all charges of all terms, lines in order."""

    order: Order
    account_name: str
    lines: tuple[LineRow, ...]

    @property
    def cost(self) -> Decimal:
        return sum((row.line.cost_commitment_amount for row in self.lines), Decimal(0))

    @property
    def margin(self) -> Decimal:
        return self.order.commitment_amount - self.cost

    @property
    def margin_percent(self) -> Decimal | None:
        """(price - cost) / price x 100, one decimal; None for an order that costs nothing."""
        amount = self.order.commitment_amount
        return (self.margin / amount * 100).quantize(Decimal("0.1")) if amount else None


def order(number: str) -> OrderDetail:
    """The order with this number, in the reader's scope. NotFound. One statement."""
    found = _detail(Order.number == number)
    if found is None:
        raise NotFound()
    return found


def order_by_id(order_id: UUID) -> OrderDetail | None:
    """The order with this id, or None: what waits for a decision need not be an order. One statement."""
    return _detail(Order.id == order_id)


def _detail(condition: Any) -> OrderDetail | None:
    needs = (
        select(func.min(ProvisioningStep.needs_person_since))
        .where(ProvisioningStep.order_line_id == OrderLine.id)
        .scalar_subquery()
    )
    rows = (
        session()
        .execute(
            select(
                Order, Account.name, OrderLine, Subscription.number, Subscription.state, Vendor.name, needs
            )
            .join(Account, Account.id == Order.account_id)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .join(Vendor, Vendor.id == OrderLine.vendor_id)
            .outerjoin(Subscription, Subscription.order_line_id == OrderLine.id)
            .where(condition)
            .order_by(OrderLine.position)
        )
        .all()
    )
    if not rows:
        return None
    return OrderDetail(rows[0][0], rows[0][1], tuple(LineRow(*row[2:]) for row in rows))


def numbers_of(order_ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of orders by id; one that is no order is left out. One query."""
    if not order_ids:
        return {}
    rows = session().execute(select(Order.id, Order.number).where(Order.id.in_(order_ids)))
    return {row.id: row.number for row in rows}
