"""Orders as a list: found by number, customer, purchase order or product; with what they come to and what they cost."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.core.db import session
from app.core.paging import Page
from app.domain.orders.models import Order, OrderLine
from app.domain.people.models import Account
from app.domain.reports.queries.paged import take

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
    return dict(session().execute(_narrowed(statement, q, "", account_id)).tuples().all())


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
