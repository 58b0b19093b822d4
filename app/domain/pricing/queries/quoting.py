"""Prices for a page, a cart or an order: one query, however many offers, books, rules and tenants there are."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Row, Uuid, bindparam, text

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.scope import NoScope
from app.domain.pricing.queries.statement import QUOTES, TRIAL
from app.domain.pricing.rules.kinds import Rule
from app.domain.pricing.rules.quote import NoPrice, Quotes
from app.domain.pricing.rules.rates import RateRow, RateTable
from app.domain.pricing.rules.resolution import Applied, Ask, Buyer, Line, work_out

_PARAMETERS = (
    bindparam("tenant", type_=Uuid()),
    bindparam("account", type_=Uuid()),
    bindparam("subscription", type_=Uuid()),
    bindparam("nobody", UUID(int=0), type_=Uuid()),
    bindparam("offers", type_=ARRAY(Uuid())),
    bindparam("quantities", type_=ARRAY(Integer())),
    bindparam("at", type_=DateTime(timezone=True)),
)
_STATEMENT = text(QUOTES).bindparams(*_PARAMETERS)
_TRIAL = text(TRIAL).bindparams(*_PARAMETERS[:2], *_PARAMETERS[3:], bindparam("version", type_=Uuid()))
MAX_QUANTITY = 2**31 - 1


def quotes(
    requests: Iterable[tuple[UUID, int]],
    *,
    account_id: UUID | None,
    instant: datetime | None = None,
    subscription_id: UUID | None = None,
    tenant_id: UUID | None = None,
    version_id: UUID | None = None,
) -> Quotes:
    """What each (offer, quantity) costs a customer at `instant` (default: now); `account_id` None is a visitor.

    Keys are offers, so an offer may be asked for once only (ValueError). Offers that have no price are in `.missing`;
    offers that do not exist are in neither. One statement. The tenant is the scope's; `tenant_id` names it for those who
    see everyone. `version_id`: as if this version of the tenant's own books, a draft perhaps, were the one that applies:
    for looking at prices before they are published, never for selling. NotFound when the account is not the tenant's;
    NoScope outside every tenant.
    """
    wanted = list(requests)
    found = Quotes()
    if len({offer_id for offer_id, _ in wanted}) != len(wanted):
        raise ValueError("an offer is asked for twice")
    if not all(1 <= quantity <= MAX_QUANTITY for _, quantity in wanted):
        raise ValueError("a quantity is out of range")
    current = session()
    tenant = tenant_id or (current.scope.tenant_id if current.scope else None)
    if tenant is None:
        raise NoScope("prices are a reseller's: say which")
    if not wanted:
        return found
    instant = instant or clock.now()
    rows = current.execute(
        _STATEMENT if version_id is None else _TRIAL,
        {
            **({"version": version_id} if version_id is not None else {}),
            "tenant": tenant,
            "account": account_id,
            "subscription": subscription_id,
            "offers": [offer_id for offer_id, _ in wanted],
            "quantities": [quantity for _, quantity in wanted],
            "at": instant,
        },
    ).all()
    if not rows or rows[0].account_id != account_id:
        raise NotFound()
    buyer = Buyer(account_id, rows[0].currency, instant, _rates(rows[0].rates))
    for row in rows:
        if row.offer_id is None:
            continue
        answer = work_out(_line(row), buyer)
        if isinstance(answer, NoPrice):
            found.missing[answer.offer_id] = answer
        else:
            found[answer.offer_id] = answer
    return found


def _rates(rows: list[list[str]] | None) -> RateTable:
    return RateTable(
        RateRow(table, base, quote, Decimal(rate), Decimal(margin), datetime.fromisoformat(at))  # type: ignore[arg-type]
        for table, base, quote, rate, margin, at in rows or ()
    )


def _line(row: Row[Any]) -> Line:
    ask = None
    if row.ask_id is not None:
        ask = Ask(row.ask_id, row.ask_currency, row.cost, row.list_price, row.effective_from)
    return Line(row.offer_id, row.quantity, row.term, row.billing_plan, ask, _theirs(row), _own(row))


def _theirs(row: Row[Any]) -> Applied | None:
    if row.their_version_id is None:
        return None
    rule = Rule(
        row.their_rule_id,
        row.their_selector or "default",
        row.their_kind or "inherit",
        row.their_value,
        row.their_currency,
        row.their_base,
        row.their_min_quantity or 1,
        row.their_starts_at,
        row.their_ends_at,
        row.their_floor or "none",
        row.their_floor_value,
        bool(row.their_is_capped),
        row.their_rounding or "none",
    )
    return Applied(
        row.their_book_id,
        row.their_name,
        row.their_version_id,
        row.their_number,
        row.their_effective_at,
        rule,
    )


def _own(row: Row[Any]) -> Applied | None:
    if row.own_version_id is None:
        return None
    rule = Rule(
        row.own_rule_id,
        row.own_selector or "default",
        row.own_kind or "inherit",
        row.own_value,
        row.own_currency,
        row.own_base,
        row.own_min_quantity or 1,
        row.own_starts_at,
        row.own_ends_at,
        row.own_floor or "none",
        row.own_floor_value,
        bool(row.own_is_capped),
        row.own_rounding or "none",
    )
    return Applied(
        row.own_book_id, row.own_name, row.own_version_id, row.own_number, row.own_effective_at, rule
    )
