"""Customers as a list with their counts, and the figures of one customer's page."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.core.db import session
from app.core.errors import NotFound
from app.core.events import Event
from app.core.paging import Page
from app.domain.orders.models import Cart, CartLine, Order
from app.domain.people.models import Account, Person
from app.domain.reports.queries.paged import take
from app.domain.subscriptions.models import Subscription

_PEOPLE = select(func.count()).where(Person.account_id == Account.id, Person.is_active).scalar_subquery()
_ACTIVE = (
    select(func.count())
    .where(Subscription.account_id == Account.id, Subscription.state == "active")
    .scalar_subquery()
)
_WAITING = (
    select(func.count()).where(Order.account_id == Account.id, Order.state == "on_hold").scalar_subquery()
)
_LAST = select(func.max(Order.placed_at)).where(Order.account_id == Account.id).scalar_subquery()

SORTS: Mapping[str, Any] = {
    "name": Account.name,
    "country": Account.country,
    "since": Account.created_at,
    "subscriptions": _ACTIVE,
    "people": _PEOPLE,
    "last": _LAST,
}


def _rows() -> Select[Any]:
    return select(
        Account,
        _PEOPLE.label("people"),
        _ACTIVE.label("active"),
        _WAITING.label("waiting"),
        _LAST.label("last"),
    )


def accounts(
    *, q: str = "", segment: str = "", shop: str = "", sort: str = "name", page: int = 1, size: int = 25
) -> Page[Any]:
    """Rows of (Account, people, active, waiting, last): counts of people who may sign in, running subscriptions and orders
    that wait, and when the last order was placed. `shop` is "open" or "closed" or nothing. One statement."""
    statement = _rows()
    if q:
        statement = statement.where(
            or_(Account.name.icontains(q, autoescape=True), Account.domain.icontains(q, autoescape=True))
        )
    if segment:
        statement = statement.where(Account.segment == segment)
    if shop:
        statement = statement.where(Account.can_shop.is_(shop == "open"))
    column = SORTS[sort.removeprefix("-")]
    ordered = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    return take(statement.order_by(ordered, Account.id), page, size)


def account(account_id: UUID) -> Any:
    """One row of (Account, people, active, waiting, last), or NotFound."""
    found = session().execute(_rows().where(Account.id == account_id)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def names_of(account_ids: Collection[UUID]) -> dict[UUID, str]:
    """The customers' names by id."""
    rows = session().execute(select(Account.id, Account.name).where(Account.id.in_(account_ids)))
    return dict(rows.all())


def events_of(account_id: UUID, limit: int = 12) -> list[Event]:
    """What happened to or for one customer last, newest first."""
    return list(
        session().scalars(
            select(Event)
            .where(or_(Event.account_id == account_id, Event.subject_id == account_id))
            .order_by(Event.created_at.desc(), Event.id.desc())
            .limit(limit)
        )
    )


def shopper(account_id: UUID, person_id: UUID | None) -> Any:
    """One row of (Account, cart_lines): a customer, and how many lines this person's open cart for it has. NotFound."""
    lines = (
        select(func.count())
        .select_from(CartLine)
        .join(Cart, Cart.id == CartLine.cart_id)
        .where(Cart.account_id == Account.id, Cart.person_id == person_id, Cart.state == "open")
        .scalar_subquery()
    )
    found = (
        session()
        .execute(select(Account, lines.label("cart_lines")).where(Account.id == account_id))
        .one_or_none()
    )
    if found is None:
        raise NotFound()
    return found
