"""Reading orders for pages: a list, and one order with its lines and its approval. Costs only when asked for.

What comes back stands in `views.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import session
from app.core.errors import NotFound
from app.core.events import Event
from app.core.money import Money
from app.core.paging import PAGE_SIZE, Page, like
from app.domain.approvals.models import ApprovalRequest
from app.domain.approvals.rules.verdict import Verdict
from app.domain.orders.models import Order, OrderLine, ProvisioningStep
from app.domain.orders.queries.views import Costs, LineView, OrderDetail, OrderRow, Waiting
from app.domain.people.models import Account
from app.domain.pricing.rules.quote import Quote

SORTS: Mapping[str, Any] = {
    "placed": Order.placed_at,
    "number": Order.number,
    "amount": Order.commitment_amount,
    "state": Order.state,
    "account": Account.name,
}


def orders_list(
    *,
    q: str = "",
    state: str = "",
    account_id: UUID | None = None,
    sort: str = "-placed",
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page[OrderRow]:
    """One page of the scope's orders: a buyer's account, or all accounts of the reseller. Two queries.

    `q` looks in number, purchase order number, customer and titles; `state` a state, `open` or `refused`.
    """
    conditions = _conditions(q, state, account_id)
    total = (
        session().execute(_joined(select(func.count()).select_from(Order)).where(*conditions)).scalar_one()
    )
    key = sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "placed"
    column = SORTS[key]
    rows = session().execute(
        _rows()
        .where(*conditions)
        .order_by(column.desc() if sort.startswith("-") else column, Order.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return Page([_row(*row) for row in rows], total, page, size)


def _conditions(q: str, state: str, account_id: UUID | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if account_id is not None:
        conditions.append(Order.account_id == account_id)
    if state == "open":
        conditions.append(Order.state.in_(("new", "on_hold", "confirmed", "in_progress")))
    elif state == "refused":
        conditions.append(ApprovalRequest.state == "refused")
    elif state:
        conditions.append(Order.state == state)
    if q:
        found = func.plain(like(q))
        titled = select(OrderLine.order_id).where(func.plain(OrderLine.title).like(found, escape="\\"))
        conditions.append(
            or_(
                func.plain(Order.number).like(found, escape="\\"),
                func.plain(Order.purchase_order_number).like(found, escape="\\"),
                func.plain(Account.name).like(found, escape="\\"),
                Order.id.in_(titled),
            )
        )
    return conditions


def _joined(statement: Any) -> Any:
    return statement.join(
        Account, and_(Account.tenant_id == Order.tenant_id, Account.id == Order.account_id)
    ).outerjoin(
        ApprovalRequest,
        and_(ApprovalRequest.tenant_id == Order.tenant_id, ApprovalRequest.id == Order.approval_request_id),
    )


def _rows() -> Any:
    of_order = and_(OrderLine.tenant_id == Order.tenant_id, OrderLine.order_id == Order.id)
    return _joined(
        select(
            Order,
            Account.name,
            ApprovalRequest.state,
            select(OrderLine.title).where(of_order).order_by(OrderLine.position).limit(1).scalar_subquery(),
            select(func.count(OrderLine.id)).where(of_order).scalar_subquery(),
        )
    )


def _row(
    order: Order, account_name: str, request_state: str | None, first_title: str, lines: int
) -> OrderRow:
    return OrderRow(
        id=order.id,
        number=order.number,
        state=order.state,
        shown_state="refused" if request_state == "refused" else order.state,
        account_id=order.account_id,
        account_name=account_name,
        total=_money(order.total_amount, order.currency),
        commitment=_money(order.commitment_amount, order.currency),
        purchase_order_number=order.purchase_order_number,
        placed_at=order.placed_at,
        placed_by_name=order.placed_by_name,
        is_on_behalf=order.is_on_behalf,
        first_title=first_title or "",
        lines=lines,
    )


def order_detail(order_id: UUID, *, with_costs: bool = False) -> OrderDetail:
    """The order, in scope; NotFound otherwise. Four queries, however many lines."""
    found = session().execute(_rows().where(Order.id == order_id)).first()
    if found is None:
        raise NotFound
    order: Order = found[0]
    lines = [
        _line(line, needs_person, with_costs)
        for line, needs_person in session().execute(
            select(OrderLine, ProvisioningStep.needs_person_since)
            .outerjoin(
                ProvisioningStep,
                and_(
                    ProvisioningStep.tenant_id == OrderLine.tenant_id,
                    ProvisioningStep.order_line_id == OrderLine.id,
                    ProvisioningStep.name == "purchase",
                ),
            )
            .where(OrderLine.order_id == order_id)
            .order_by(OrderLine.position)
        )
    ]
    request = session().get(ApprovalRequest, order.approval_request_id) if order.approval_request_id else None
    subjects = [order.id, *(line.id for line in lines), *([request.id] if request else [])]
    timeline = session().scalars(
        select(Event).where(Event.subject_id.in_(subjects)).order_by(Event.created_at, Event.id).limit(200)
    )
    return OrderDetail(
        row=_row(*found),
        lines=tuple(lines),
        waiting=None if request is None else _waiting(request),
        timeline=tuple(timeline),
        reason=order.reason,
        terms_version=order.terms_version,
        confirmed_at=order.confirmed_at,
        closed_at=order.closed_at,
        approved_digest=order.approved_digest,
        can_be_withdrawn=order.state == "on_hold",
        can_be_put_back=order.state == "canceled",
        costs=_sum_costs(lines, order.currency) if with_costs else None,
    )


def _line(line: OrderLine, needs_person: datetime | None, with_costs: bool) -> LineView:
    quote = Quote.from_dict(line.quote)
    return LineView(
        id=line.id,
        position=line.position,
        state=line.state,
        title=line.title,
        vendor_key=line.vendor_key,
        unit=line.unit,
        term=line.term,
        billing_plan=line.billing_plan,
        quantity=line.quantity,
        unit_amount=_money(line.unit_amount, line.currency),
        total=_money(line.total_amount, line.currency),
        commitment=_money(line.commitment_amount, line.currency),
        error=line.error,
        is_for_person=needs_person is not None,
        price=quote.for_customer(),
        quote=quote if with_costs else None,
        costs=_costs(line) if with_costs else None,
    )


def _costs(line: OrderLine) -> Costs:
    cost = Money(line.cost_commitment_amount, line.currency).rounded()
    return Costs(cost, Money(line.commitment_amount, line.currency).rounded() - cost)


def _sum_costs(lines: list[LineView], currency: str) -> Costs:
    cost, margin = Money.zero(currency), Money.zero(currency)
    for line in lines:
        if line.costs is not None:
            cost, margin = cost + line.costs.cost, margin + line.costs.margin
    return Costs(cost, margin)


def _waiting(request: ApprovalRequest) -> Waiting:
    return Waiting(
        request_id=request.id,
        state=request.state,
        asks=request.asks,
        role=request.role,
        requested_at=request.created_at,
        expires_at=request.expires_at,
        closed_at=request.closed_at,
        closing_reason=request.closing_reason,
        reasons=Verdict.from_dict(request.verdict).met,
    )


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount, currency).rounded()
