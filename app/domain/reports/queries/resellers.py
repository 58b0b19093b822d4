"""Resellers as the distributor sees them: shops, counts and volume. Needs the scope of everyone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.core.db import session
from app.core.errors import NotFound
from app.core.events import Event
from app.core.paging import Page
from app.domain.catalog.models import Offer, PriceSheet, Product, Vendor
from app.domain.orders.models import Order, OrderLine
from app.domain.people.models import Account, Person
from app.domain.reports.queries.paged import take
from app.domain.subscriptions.models import Subscription
from app.domain.tenants.models import Tenant, TenantHost

_HOST = (
    select(TenantHost.host)
    .where(TenantHost.tenant_id == Tenant.id, TenantHost.is_canonical)
    .limit(1)
    .scalar_subquery()
)
_ACCOUNTS = select(func.count()).where(Account.tenant_id == Tenant.id).scalar_subquery()
_ORDERS = select(func.count()).where(Order.tenant_id == Tenant.id).scalar_subquery()
_ACTIVE = (
    select(func.count())
    .where(Subscription.tenant_id == Tenant.id, Subscription.state == "active")
    .scalar_subquery()
)
_LAST = select(func.max(Order.placed_at)).where(Order.tenant_id == Tenant.id).scalar_subquery()

SORTS: Mapping[str, Any] = {
    "name": Tenant.name,
    "country": Tenant.country,
    "customers": _ACCOUNTS,
    "orders": _ORDERS,
    "subscriptions": _ACTIVE,
    "last": _LAST,
}


def _rows() -> Any:
    return select(
        Tenant,
        _HOST.label("host"),
        _ACCOUNTS.label("customers"),
        _ORDERS.label("orders"),
        _ACTIVE.label("active"),
        _LAST.label("last"),
    )


def resellers(*, q: str = "", shop: str = "", sort: str = "name", page: int = 1, size: int = 25) -> Page[Any]:
    """Rows of (Tenant, host, customers, orders, active, last). `shop` is "open", "closed" or nothing. One statement."""
    statement = _rows()
    if q:
        statement = statement.where(
            or_(Tenant.name.icontains(q, autoescape=True), Tenant.nickname.icontains(q, autoescape=True))
        )
    if shop:
        statement = statement.where(Tenant.is_open.is_(shop == "open"))
    column = SORTS[sort.removeprefix("-")]
    ordered = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    return take(statement.order_by(ordered, Tenant.id), page, size)


def reseller(nickname: str) -> Any:
    """One row of (Tenant, host, customers, orders, active, last). NotFound."""
    found = session().execute(_rows().where(Tenant.nickname == nickname)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def staff_of(tenant_id: UUID) -> list[Person]:
    """The reseller's own people, by name."""
    return list(
        session().scalars(
            select(Person)
            .where(Person.tenant_id == tenant_id, Person.realm == "console")
            .order_by(Person.name)
        )
    )


def latest_orders_of(tenant_id: UUID, limit: int = 10) -> list[Any]:
    """Rows of (Order, account_name, cost): what the reseller's customers ordered last, and what the reseller pays for it."""
    cost = (
        select(func.sum(OrderLine.cost_commitment_amount))
        .where(OrderLine.order_id == Order.id)
        .scalar_subquery()
    )
    return list(
        session().execute(
            select(Order, Account.name.label("account_name"), cost.label("cost"))
            .join(Account, Account.id == Order.account_id)
            .where(Order.tenant_id == tenant_id)
            .order_by(Order.placed_at.desc(), Order.id.desc())
            .limit(limit)
        )
    )


def events_of(tenant_id: UUID, limit: int = 12) -> list[Event]:
    """What happened to the reseller itself, newest first."""
    return list(
        session().scalars(
            select(Event)
            .where(Event.subject_id == tenant_id)
            .order_by(Event.created_at.desc(), Event.id.desc())
            .limit(limit)
        )
    )


def house_figures() -> Any:
    """One row of (resellers, open, customers, orders, subscriptions) over everybody."""
    count = func.count()
    return (
        session()
        .execute(
            select(
                select(count).select_from(Tenant).scalar_subquery().label("resellers"),
                select(count).select_from(Tenant).where(Tenant.is_open).scalar_subquery().label("open"),
                select(count).select_from(Account).scalar_subquery().label("customers"),
                select(count).select_from(Order).scalar_subquery().label("orders"),
                select(count)
                .select_from(Subscription)
                .where(Subscription.state == "active")
                .scalar_subquery()
                .label("subscriptions"),
            )
        )
        .one()
    )


def vendors(*, q: str = "") -> list[Any]:
    """Rows of (Vendor, products, offers, sheet_at, sheet_name): how much each vendor offers, and the last sheet taken."""
    products = select(func.count()).where(Product.vendor_id == Vendor.id).scalar_subquery()
    offers = (
        select(func.count())
        .select_from(Offer)
        .join(Product, Product.id == Offer.product_id)
        .where(Product.vendor_id == Vendor.id)
        .scalar_subquery()
    )
    last = (
        select(PriceSheet.vendor_id, PriceSheet.finished_at, PriceSheet.file_name)
        .where(PriceSheet.state == "taken")
        .ext(distinct_on(PriceSheet.vendor_id))
        .order_by(PriceSheet.vendor_id, PriceSheet.finished_at.desc())
        .subquery()
    )
    statement = (
        select(
            Vendor,
            products.label("products"),
            offers.label("offers"),
            last.c.finished_at.label("sheet_at"),
            last.c.file_name.label("sheet_name"),
        )
        .outerjoin(last, last.c.vendor_id == Vendor.id)
        .order_by(Vendor.name)
    )
    if q:
        statement = statement.where(Vendor.name.icontains(q, autoescape=True))
    return list(session().execute(statement))


def markets() -> list[str]:
    """The countries in which resellers have shops, the most frequent first; the distributor's desk looks at one at a time."""
    rows = session().execute(
        select(Tenant.country).group_by(Tenant.country).order_by(func.count().desc(), Tenant.country)
    )
    return [row[0] for row in rows] or ["DE"]
