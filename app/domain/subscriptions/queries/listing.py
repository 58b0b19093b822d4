"""Subscriptions as pages show them. Costs only when asked for: a customer's page cannot hold one (promise P9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.events import Event, timeline
from app.core.money import Money
from app.core.paging import PAGE_SIZE, Page, like
from app.domain.catalog.models import Vendor
from app.domain.orders.models import OrderLine
from app.domain.people.models import Account
from app.domain.pricing.rules.cycles import Cycle, charge_cycle
from app.domain.subscriptions.models import SeatBatch, Subscription

SORTS: Mapping[str, Any] = {
    "started": Subscription.started_at,
    "number": Subscription.number,
    "title": Subscription.title,
    "quantity": Subscription.vendor_quantity,
    "renews": Subscription.renews_on,
    "account": Account.name,
}


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """One subscription in a list. `charge` is all seats, one charge cycle."""

    id: UUID
    number: str
    state: str
    title: str
    vendor_name: str
    account_id: UUID
    account_name: str
    unit: str
    term: str
    billing_plan: str
    requested_quantity: int
    vendor_quantity: int
    unit_amount: Money
    charge: Money
    term_starts_on: date
    term_ends_on: date
    renews_on: date | None
    is_auto_renewed: bool
    order_number: str
    order_id: UUID

    @property
    def cycle(self) -> Cycle:
        """How the term is charged, and the words for it."""
        return charge_cycle(self.term, self.billing_plan)

    @property
    def has_drifted(self) -> bool:
        """Whether the vendor's number is not the one that was asked for."""
        return self.requested_quantity != self.vendor_quantity


@dataclass(frozen=True, slots=True)
class Batch:
    """Seats that were added together; `can_be_reduced` while the vendor's window is open."""

    quantity: int
    added_at: datetime
    reduce_until: datetime | None
    can_be_reduced: bool


@dataclass(frozen=True, slots=True)
class SubscriptionDetail:
    """One subscription. `unit_cost` and `vendor_subscription_id` only on the reseller's pages."""

    row: SubscriptionRow
    batches: tuple[Batch, ...]
    timeline: tuple[Event, ...]
    cancel_until: datetime | None
    synced_at: datetime
    started_at: datetime
    ended_at: datetime | None
    unit_cost: Money | None
    vendor_subscription_id: str | None


def subscriptions_list(
    *,
    q: str = "",
    state: str = "",
    account_id: UUID | None = None,
    sort: str = "-started",
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page[SubscriptionRow]:
    """One page of the scope's subscriptions. `q` looks in number, title, customer and order number. Two queries."""
    conditions: list[ColumnElement[bool]] = []
    if account_id is not None:
        conditions.append(Subscription.account_id == account_id)
    if state:
        conditions.append(Subscription.state == state)
    if q:
        found = func.plain(like(q))
        conditions.append(
            or_(
                *(
                    func.plain(column).like(found, escape="\\")
                    for column in (
                        Subscription.number,
                        Subscription.title,
                        Account.name,
                        Subscription.order_number,
                    )
                )
            )
        )
    total = (
        session()
        .execute(
            select(func.count())
            .select_from(Subscription)
            .join(
                Account,
                and_(Account.tenant_id == Subscription.tenant_id, Account.id == Subscription.account_id),
            )
            .where(*conditions)
        )
        .scalar_one()
    )
    column = SORTS.get(sort.removeprefix("-"), Subscription.started_at)
    rows = session().execute(
        _rows()
        .where(*conditions)
        .order_by(column.desc() if sort.startswith("-") else column, Subscription.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return Page([_row(*row) for row in rows], total, page, size)


def subscription_detail(subscription_id: UUID, *, with_costs: bool = False) -> SubscriptionDetail:
    """The subscription, in scope; NotFound otherwise. Three queries."""
    found = session().execute(_rows().where(Subscription.id == subscription_id)).first()
    if found is None:
        raise NotFound
    subscription: Subscription = found[0]
    batches = session().scalars(
        select(SeatBatch).where(SeatBatch.subscription_id == subscription_id).order_by(SeatBatch.added_at)
    )
    now = clock.now()
    return SubscriptionDetail(
        row=_row(*found),
        batches=tuple(
            Batch(
                batch.quantity,
                batch.added_at,
                batch.reduce_until,
                batch.reduce_until is not None and now < batch.reduce_until,
            )
            for batch in batches
        ),
        timeline=tuple(timeline(subscription_id)),
        cancel_until=subscription.cancel_until,
        synced_at=subscription.synced_at,
        started_at=subscription.started_at,
        ended_at=subscription.ended_at,
        unit_cost=Money(subscription.cost_unit_amount, subscription.currency).rounded()
        if with_costs
        else None,
        vendor_subscription_id=subscription.vendor_subscription_id if with_costs else None,
    )


def subscriptions_of_order(order_id: UUID) -> dict[UUID, tuple[UUID, str, str]]:
    """By order line: (subscription id, number, state). For the order's page. One query."""
    rows = session().execute(
        select(Subscription.order_line_id, Subscription.id, Subscription.number, Subscription.state)
        .join(
            OrderLine,
            and_(OrderLine.tenant_id == Subscription.tenant_id, OrderLine.id == Subscription.order_line_id),
        )
        .where(OrderLine.order_id == order_id)
    )
    return {line_id: (subscription_id, number, state) for line_id, subscription_id, number, state in rows}


def _rows() -> Any:
    return (
        select(Subscription, Account.name, Vendor.name, OrderLine.order_id)
        .join(
            Account, and_(Account.tenant_id == Subscription.tenant_id, Account.id == Subscription.account_id)
        )
        .join(Vendor, Vendor.id == Subscription.vendor_id)
        .join(
            OrderLine,
            and_(OrderLine.tenant_id == Subscription.tenant_id, OrderLine.id == Subscription.order_line_id),
        )
    )


def _row(subscription: Subscription, account_name: str, vendor_name: str, order_id: UUID) -> SubscriptionRow:
    unit_amount = Money(subscription.unit_amount, subscription.currency).rounded()
    return SubscriptionRow(
        id=subscription.id,
        number=subscription.number,
        state=subscription.state,
        title=subscription.title,
        vendor_name=vendor_name,
        account_id=subscription.account_id,
        account_name=account_name,
        unit=subscription.unit,
        term=subscription.term,
        billing_plan=subscription.billing_plan,
        requested_quantity=subscription.requested_quantity,
        vendor_quantity=subscription.vendor_quantity,
        unit_amount=unit_amount,
        charge=unit_amount * subscription.vendor_quantity,
        term_starts_on=subscription.term_starts_on,
        term_ends_on=subscription.term_ends_on,
        renews_on=subscription.renews_on,
        is_auto_renewed=subscription.is_auto_renewed,
        order_number=subscription.order_number,
        order_id=order_id,
    )
