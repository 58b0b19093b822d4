"""The figures of a reseller's first page: orders by state, what each month brought, subscriptions, the latest events."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from app.core import clock
from app.core.db import session
from app.core.events import Event
from app.domain.orders.models import Order, OrderLine
from app.domain.people.models import Account
from app.domain.subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class Month:
    """What the orders placed in one calendar month (in the reseller's time zone) come to over their whole terms."""

    starts_on: date
    currency: str
    orders: int
    amount: Decimal
    cost: Decimal

    @property
    def margin(self) -> Decimal:
        return self.amount - self.cost

    @property
    def margin_percent(self) -> Decimal | None:
        """(price - cost) / price x 100, one decimal; None without sales."""
        return (self.margin / self.amount * 100).quantize(Decimal("0.1")) if self.amount else None


def months_back(time_zone: str, count: int) -> list[date]:
    """The first days of this month and the `count - 1` before it, oldest first, as the reseller's calendar has them."""
    day = clock.today(time_zone).replace(day=1)
    found = []
    for _ in range(count):
        found.append(day)
        day = (day - timedelta(days=1)).replace(day=1)
    return found[::-1]


def order_states() -> dict[str, int]:
    """How many orders are in each state."""
    return dict(session().execute(select(Order.state, func.count()).group_by(Order.state)).all())


def months(time_zone: str, currency: str, count: int = 6) -> list[Month]:
    """The last `count` months, oldest first, none left out, in `currency`; then this month in every other currency.

    Orders that were cancelled do not count.
    """
    days = months_back(time_zone, count)
    first = datetime.combine(days[0], datetime.min.time(), ZoneInfo(time_zone))
    month = func.date_trunc("month", func.timezone(time_zone, Order.placed_at))
    rows = (
        session()
        .execute(
            select(
                month.label("month"),
                Order.currency,
                func.count(Order.id.distinct()),
                func.sum(OrderLine.commitment_amount),
                func.sum(OrderLine.cost_commitment_amount),
            )
            .join(OrderLine, OrderLine.order_id == Order.id)
            .where(Order.placed_at >= first, Order.state != "canceled", OrderLine.state != "canceled")
            .group_by(month, Order.currency)
        )
        .all()
    )
    found = {(row[0].date(), row[1]): Month(row[0].date(), *row[1:]) for row in rows}
    own = [found.get((day, currency)) or Month(day, currency, 0, Decimal(0), Decimal(0)) for day in days]
    others = [value for (day, code), value in sorted(found.items()) if day == days[-1] and code != currency]
    return own + others


@dataclass(frozen=True, slots=True)
class SubscriptionFigures:
    """Counts of subscriptions: running, begun this month, renewing or ending within 30 days."""

    active: int
    seats: int
    begun: int
    renewing: int


def subscription_figures(time_zone: str) -> SubscriptionFigures:
    """The figures as of now."""
    today = clock.today(time_zone)
    month = datetime.combine(today.replace(day=1), datetime.min.time(), ZoneInfo(time_zone))
    is_active = Subscription.state == "active"
    row = (
        session()
        .execute(
            select(
                func.count().filter(is_active),
                func.coalesce(func.sum(case((is_active, Subscription.requested_quantity), else_=0)), 0),
                func.count().filter(Subscription.started_at >= month),
                func.count().filter(is_active, Subscription.term_ends_on <= today + timedelta(days=30)),
            )
        )
        .one()
    )
    return SubscriptionFigures(*row)


QUIET = (
    "person.signed_in",
    "person.signed_out",
    "price_rule.added",
    "price_rule.changed",
    "price_rule.removed",
)
"""What happens all the time and tells nobody how business goes; it stays in the histories."""


def latest_events(limit: int = 10) -> list[tuple[Event, str | None]]:
    """What happened last, newest first, with the customer's name where there is one."""
    rows = session().execute(
        select(Event, Account.name)
        .outerjoin(Account, Account.id == Event.account_id)
        .where(Event.name.not_in(QUIET))
        .order_by(Event.created_at.desc(), Event.id.desc())
        .limit(limit)
    )
    return [(event, name) for event, name in rows]
