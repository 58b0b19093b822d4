"""The drift desk: where vendors say otherwise than we do, and what that makes in money."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import Page
from app.domain.catalog.models import Vendor
from app.domain.people.models import Account
from app.domain.reports.queries.paged import take
from app.domain.subscriptions.models import Drift, Subscription

SORTS: Mapping[str, Any] = {
    "found": Drift.found_at,
    "customer": Account.name,
    "title": Subscription.title,
    "effect": func.abs(Drift.effect_amount),
}


def _rows() -> Select[Any]:
    return (
        select(Drift, Subscription, Account.name.label("account_name"), Vendor.name.label("vendor_name"))
        .join(
            Subscription,
            (Subscription.tenant_id == Drift.tenant_id) & (Subscription.id == Drift.subscription_id),
        )
        .join(Account, Account.id == Drift.account_id)
        .join(Vendor, Vendor.id == Subscription.vendor_id)
    )


def drifts(
    *, state: str = "open", q: str = "", sort: str = "-found", page: int = 1, size: int = 25
) -> Page[Any]:
    """Rows of (Drift, Subscription, account_name, vendor_name). `state` `settled`: neither open nor left. One statement."""
    statement = _rows()
    if state == "settled":
        statement = statement.where(Drift.state.not_in(("open", "left")))
    elif state:
        statement = statement.where(Drift.state == state)
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
    return take(statement.order_by(ordered, Drift.id), page, size)


def counts() -> dict[str, int]:
    """How many differences are open, left and settled. One statement."""
    found = dict(session().execute(select(Drift.state, func.count()).group_by(Drift.state)).all())
    settled = sum(count for state, count in found.items() if state not in ("open", "left"))
    return {"open": found.get("open", 0), "left": found.get("left", 0), "settled": settled}


def drift(drift_id: UUID) -> Any:
    """One row of (Drift, Subscription, account_name, vendor_name). NotFound."""
    found = session().execute(_rows().where(Drift.id == drift_id)).one_or_none()
    if found is None:
        raise NotFound()
    return found
