"""The distributor's exchange rates as a list: what is in force, and what is planned."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import Page
from app.domain.pricing.models import ExchangeRate
from app.domain.reports.queries.paged import take


def rates(*, q: str = "", source: str = "", page: int = 1, size: int = 25) -> Page[Any]:
    """Rows of (ExchangeRate,): of every source and pair the one in force and those that begin later, by hand first.

    One statement. `q` is a currency's code or the start of one.
    """
    now = clock.now()
    distributors = and_(
        ExchangeRate.tenant_id.is_(None), or_(ExchangeRate.ends_at.is_(None), ExchangeRate.ends_at > now)
    )
    latest = (
        select(ExchangeRate.id)
        .where(ExchangeRate.tenant_id.is_(None), ExchangeRate.effective_at <= now)
        .ext(distinct_on(ExchangeRate.source, ExchangeRate.base, ExchangeRate.quote))
        .order_by(
            ExchangeRate.source, ExchangeRate.base, ExchangeRate.quote, ExchangeRate.effective_at.desc()
        )
    )
    statement = select(ExchangeRate).where(
        distributors, or_(ExchangeRate.id.in_(latest), ExchangeRate.effective_at > now)
    )
    if q:
        statement = statement.where(
            or_(
                ExchangeRate.base.istartswith(q, autoescape=True),
                ExchangeRate.quote.istartswith(q, autoescape=True),
            )
        )
    if source:
        statement = statement.where(ExchangeRate.source == source)
    return take(
        statement.order_by(
            ExchangeRate.source.desc(), ExchangeRate.base, ExchangeRate.quote, ExchangeRate.effective_at
        ),
        page,
        size,
    )


def rate(rate_id: UUID) -> ExchangeRate:
    """The rate; NotFound."""
    found = session().scalar(select(ExchangeRate).where(ExchangeRate.id == rate_id))
    if found is None:
        raise NotFound()
    return found
