"""Exchange rates as lists: an owner's own, what lies beneath a reseller's, and the history of one pair."""

from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, bindparam, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import Page
from app.domain.pricing.models import ExchangeRate
from app.domain.pricing.queries.owning import distributor_alone
from app.domain.reports.queries.paged import take


def rates(*, q: str = "", source: str = "", page: int = 1, size: int = 25) -> Page[Any]:
    """Rows of (ExchangeRate,) of the owner in scope: of every source and pair the one in force and those that begin later.

    One statement; by hand first. `q` is a currency's code or the start of one.
    """
    now = clock.now()
    own = distributor_alone(ExchangeRate)
    latest = (
        select(ExchangeRate.id)
        .where(own, ExchangeRate.effective_at <= now)
        .ext(distinct_on(ExchangeRate.source, ExchangeRate.base, ExchangeRate.quote))
        .order_by(
            ExchangeRate.source, ExchangeRate.base, ExchangeRate.quote, ExchangeRate.effective_at.desc()
        )
    )
    statement = select(ExchangeRate).where(
        own,
        or_(ExchangeRate.ends_at.is_(None), ExchangeRate.ends_at > now),
        or_(ExchangeRate.id.in_(latest), ExchangeRate.effective_at > now),
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


def history(base: str, quote: str, *, page: int = 1, size: int = 50) -> Page[Any]:
    """Rows of (ExchangeRate,): everything the owner in scope ever set or loaded for a pair, newest first."""
    return take(
        select(ExchangeRate)
        .where(distributor_alone(ExchangeRate), ExchangeRate.base == base, ExchangeRate.quote == quote)
        .order_by(ExchangeRate.effective_at.desc(), ExchangeRate.source.desc()),
        page,
        size,
    )


_BENEATH = text(
    """
SELECT DISTINCT ON (base, quote) source, base, quote, rate, margin_percent, effective_at
FROM (
    SELECT DISTINCT ON (source, base, quote) * FROM exchange_rate
    WHERE tenant_id IS NULL AND effective_at <= :at
    ORDER BY source, base, quote, effective_at DESC
) latest
WHERE ends_at IS NULL OR ends_at > :at
ORDER BY base, quote, source DESC
"""
).bindparams(bindparam("at", type_=DateTime(timezone=True)))


def beneath() -> list[Any]:
    """The distributor's rates in force, by hand before the central bank's: what counts where a reseller has set none.

    Rows of (source, base, quote, rate, margin_percent, effective_at). Written in SQL because the ORM's filter keeps the
    distributor's rows out; row-level security lets a reseller read them.
    """
    return list(session().execute(_BENEATH, {"at": clock.now()}).all())
