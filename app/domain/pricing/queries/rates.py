"""The exchange rates an owner sees: its own table, and for a reseller the distributor's beneath it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, select, text

from app.core import clock
from app.core.db import session
from app.core.money import Money
from app.core.scope import NoScope
from app.domain.pricing.models import ExchangeRate
from app.domain.pricing.queries.owning import distributor_alone
from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.rates import Converter, RateRow, RateTable
from app.domain.pricing.rules.steps import RateUsed

# The same choice as in `statement.py`, for a given set of currencies.
_IN_FORCE = text(
    """
SELECT t.name, x.base, x.quote, x.rate, x.margin_percent, x.effective_at
FROM unnest(CAST(:codes AS text[])) AS base(code)
CROSS JOIN unnest(CAST(:codes AS text[])) AS quote(code)
CROSS JOIN (VALUES ('own', :tenant, 'hand'), ('hand', :nobody, 'hand'), ('ecb', :nobody, 'ecb'))
    AS t(name, owner_id, source)
CROSS JOIN LATERAL (
    SELECT r.* FROM exchange_rate r
    WHERE r.owner_id = t.owner_id AND r.source = t.source AND r.base = base.code AND r.quote = quote.code
      AND r.effective_at <= :at
    ORDER BY r.effective_at DESC LIMIT 1
) x
WHERE base.code <> quote.code AND (x.ends_at IS NULL OR x.ends_at > :at)
"""
).bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("nobody", UUID(int=0), type_=Uuid()),
    bindparam("at", type_=DateTime(timezone=True)),
)


def rates_in_force(
    currencies: set[str], *, instant: datetime | None = None, tenant_id: UUID | None = None
) -> RateTable:
    """The rates between `currencies` (the euro is always among them) as the reseller in scope converts. One statement."""
    current = session()
    tenant = tenant_id or (current.scope.tenant_id if current.scope else None)
    if tenant is None:
        raise NoScope("say whose rates")
    rows = current.execute(
        _IN_FORCE, {"codes": sorted(currencies | {"EUR"}), "tenant": tenant, "at": instant or clock.now()}
    )
    return RateTable(
        RateRow(name, base, quote, rate, margin, at) for name, base, quote, rate, margin, at in rows
    )


# As above, between every code and a few that are known beforehand.
_AMONG = text(
    """
SELECT t.name, x.base, x.quote, x.rate, x.margin_percent, x.effective_at
FROM unnest(CAST(:codes AS text[])) AS one(code)
CROSS JOIN unnest(CAST(:known AS text[])) AS other(code)
CROSS JOIN LATERAL (VALUES (one.code, other.code), (other.code, one.code)) AS pair(base, quote)
CROSS JOIN (VALUES ('own', :tenant, 'hand'), ('hand', :nobody, 'hand'), ('ecb', :nobody, 'ecb'))
    AS t(name, owner_id, source)
CROSS JOIN LATERAL (
    SELECT r.* FROM exchange_rate r
    WHERE r.owner_id = t.owner_id AND r.source = t.source AND r.base = pair.base AND r.quote = pair.quote
      AND r.effective_at <= :at
    ORDER BY r.effective_at DESC LIMIT 1
) x
WHERE one.code <> other.code AND (x.ends_at IS NULL OR x.ends_at > :at)
"""
).bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("nobody", UUID(int=0), type_=Uuid()),
    bindparam("at", type_=DateTime(timezone=True)),
)


def rates_among(
    codes: Iterable[str], known: Iterable[str], *, tenant_id: UUID | None, instant: datetime
) -> RateTable:
    """The rates in force between any of `codes` and any of `known`, both ways, as a reseller (None: the distributor) converts.

    One statement.
    """
    rows = session().execute(
        _AMONG,
        {
            "codes": sorted(codes),
            "known": sorted(known),
            "tenant": tenant_id or UUID(int=0),
            "at": instant,
        },
    )
    return RateTable(
        RateRow(name, base, quote, rate, margin, at)
        for name, base, quote, rate, margin, at in rows
        if name != "own" or tenant_id is not None
    )


def convert(
    amount: Money, currency: str, *, instant: datetime | None = None
) -> tuple[Money, RateUsed | None]:
    """`amount` in `currency`, rounded, with the rate that was used (None when none was needed). NoRate without one.

    Approval thresholds treat NoRate as "ask".
    """
    if amount.currency == currency:
        return amount.rounded(), None
    converter = Converter(rates_in_force({amount.currency, currency}, instant=instant))
    exact = converter.convert(Amount.of(amount.amount, amount.currency), currency)
    return Money(exact.to_minor(), currency), converter.used[amount.currency, currency]


def rate_history(base: str, quote: str, *, limit: int = 100) -> list[ExchangeRate]:
    """The owner's own rows for a pair, newest first."""
    return list(
        session().scalars(
            select(ExchangeRate)
            .where(distributor_alone(ExchangeRate), ExchangeRate.base == base, ExchangeRate.quote == quote)
            .order_by(ExchangeRate.effective_at.desc())
            .limit(limit)
        )
    )
