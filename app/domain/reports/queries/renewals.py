"""Terms that end soon, what happens then, and what that comes to at the price that each subscription has now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select

from app.core import clock
from app.core.db import session
from app.core.paging import Page
from app.domain.catalog.models import Vendor
from app.domain.people.models import Account
from app.domain.reports.queries.paged import take
from app.domain.subscriptions.models import RenewalBooking, Subscription

WITHIN = (30, 60, 90)
THEN = ("renews", "changes", "ends")
SORTS: Mapping[str, Any] = {
    "ends": Subscription.term_ends_on,
    "title": Subscription.title,
    "customer": Account.name,
    "seats": Subscription.vendor_quantity,
    "amount": Subscription.unit_amount * Subscription.vendor_quantity,
}


@dataclass(frozen=True, slots=True)
class Ahead:
    """How many terms end within so many days, and what those that renew come to each charge, by currency."""

    within: int
    count: int
    amounts: tuple[tuple[str, Decimal], ...]


def renewals(
    *,
    within: int = 30,
    then: str = "",
    q: str = "",
    account_id: UUID | None = None,
    sort: str = "ends",
    page: int = 1,
    size: int = 25,
) -> Page[Any]:
    """Rows of (Subscription, RenewalBooking or None, account_name, vendor_name), the next end first. One statement."""
    statement = _running(clock.today() + timedelta(days=within))
    if then == "ends":
        statement = statement.where(~Subscription.is_auto_renewed)
    elif then == "changes":
        statement = statement.where(Subscription.is_auto_renewed, RenewalBooking.id.is_not(None))
    elif then == "renews":
        statement = statement.where(Subscription.is_auto_renewed, RenewalBooking.id.is_(None))
    if account_id is not None:
        statement = statement.where(Subscription.account_id == account_id)
    if q:
        statement = statement.where(
            or_(
                Subscription.number.icontains(q, autoescape=True),
                Subscription.title.icontains(q, autoescape=True),
                Account.name.icontains(q, autoescape=True),
            )
        )
    column = SORTS[sort.removeprefix("-")]
    ordered = column.desc() if sort.startswith("-") else column.asc()
    return take(statement.order_by(ordered, Subscription.id), page, size)


def _running(until: date) -> Select[Any]:
    return (
        select(
            Subscription,
            RenewalBooking,
            Account.name.label("account_name"),
            Vendor.name.label("vendor_name"),
        )
        .join(Account, Account.id == Subscription.account_id)
        .join(Vendor, Vendor.id == Subscription.vendor_id)
        .outerjoin(
            RenewalBooking,
            and_(
                RenewalBooking.tenant_id == Subscription.tenant_id,
                RenewalBooking.subscription_id == Subscription.id,
            ),
        )
        .where(Subscription.state == "active", Subscription.term_ends_on <= until)
    )


def ahead() -> list[Ahead]:
    """For each of WITHIN, the nearest first. One statement."""
    today = clock.today()
    columns = []
    for days in WITHIN:
        inside = Subscription.term_ends_on <= today + timedelta(days=days)
        columns.append(func.count().filter(inside))
        quantity = func.coalesce(RenewalBooking.quantity, Subscription.vendor_quantity)
        amount = case((Subscription.is_auto_renewed, Subscription.unit_amount * quantity), else_=0)
        columns.append(func.coalesce(func.sum(amount).filter(inside), 0))
    rows = (
        session()
        .execute(
            select(Subscription.currency, *columns)
            .outerjoin(
                RenewalBooking,
                and_(
                    RenewalBooking.tenant_id == Subscription.tenant_id,
                    RenewalBooking.subscription_id == Subscription.id,
                ),
            )
            .where(
                Subscription.state == "active",
                Subscription.term_ends_on <= today + timedelta(days=WITHIN[-1]),
            )
            .group_by(Subscription.currency)
            .order_by(Subscription.currency)
        )
        .all()
    )
    return [
        Ahead(
            days,
            sum(row[1 + 2 * index] for row in rows),
            tuple((row[0], row[2 + 2 * index]) for row in rows if row[1 + 2 * index]),
        )
        for index, days in enumerate(WITHIN)
    ]
