"""Subscriptions as a list, and what one of them has been through."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import Page
from app.domain.catalog.models import Vendor
from app.domain.people.models import Account
from app.domain.reports.queries.paged import take
from app.domain.subscriptions.models import SeatBatch, Subscription

SORTS: Mapping[str, Any] = {
    "number": Subscription.number,
    "title": Subscription.title,
    "customer": Account.name,
    "seats": Subscription.requested_quantity,
    "renews": Subscription.renews_on,
    "ends": Subscription.term_ends_on,
    "started": Subscription.started_at,
}


def subscriptions(
    *,
    q: str = "",
    state: str = "",
    account_id: UUID | None = None,
    renews_before: date | None = None,
    sort: str = "-started",
    page: int = 1,
    size: int = 25,
) -> Page[Any]:
    """Rows of (Subscription, account_name, vendor_name). One statement."""
    statement = (
        select(Subscription, Account.name.label("account_name"), Vendor.name.label("vendor_name"))
        .join(Account, Account.id == Subscription.account_id)
        .join(Vendor, Vendor.id == Subscription.vendor_id)
    )
    statement = _narrowed(statement, q, state, account_id)
    if renews_before is not None:
        statement = statement.where(Subscription.renews_on < renews_before, Subscription.state == "active")
    column = SORTS[sort.removeprefix("-")]
    ordered = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    return take(statement.order_by(ordered, Subscription.id.desc()), page, size)


def states(*, q: str = "", account_id: UUID | None = None) -> dict[str, int]:
    """How many subscriptions the search finds in each state."""
    statement = (
        select(Subscription.state, func.count())
        .join(Account, Account.id == Subscription.account_id)
        .group_by(Subscription.state)
    )
    return dict(session().execute(_narrowed(statement, q, "", account_id)).all())


def subscription(number: str) -> Any:
    """One row of (Subscription, account_name, vendor_name) by its number. NotFound."""
    found = (
        session()
        .execute(
            select(Subscription, Account.name.label("account_name"), Vendor.name.label("vendor_name"))
            .join(Account, Account.id == Subscription.account_id)
            .join(Vendor, Vendor.id == Subscription.vendor_id)
            .where(Subscription.number == number)
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound()
    return found


def _narrowed(statement: Select[Any], q: str, state: str, account_id: UUID | None) -> Select[Any]:
    if q:
        statement = statement.where(
            or_(
                Subscription.number.icontains(q, autoescape=True),
                Subscription.title.icontains(q, autoescape=True),
                Subscription.vendor_subscription_id.icontains(q, autoescape=True),
                Account.name.icontains(q, autoescape=True),
            )
        )
    if state:
        statement = statement.where(Subscription.state == state)
    if account_id is not None:
        statement = statement.where(Subscription.account_id == account_id)
    return statement


def batches(subscription_id: UUID) -> list[SeatBatch]:
    """The seats of one subscription as they were added, oldest first."""
    return list(
        session().scalars(
            select(SeatBatch).where(SeatBatch.subscription_id == subscription_id).order_by(SeatBatch.added_at)
        )
    )
