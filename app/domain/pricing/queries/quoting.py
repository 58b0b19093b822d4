"""Prices for a page, a cart or an order: one query, however many offers, books, rules and tenants there are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Uuid, bindparam, text

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.scope import NoScope
from app.domain.pricing.queries.statement import QUOTES, TRIAL
from app.domain.pricing.rules.kinds import Rule
from app.domain.pricing.rules.quote import NoPrice, Quote, Quotes
from app.domain.pricing.rules.rates import RateRow, RateTable
from app.domain.pricing.rules.resolution import Applied, Ask, Buyer, Line, Promotion, work_out

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
TRIAL_PARAMETERS = (*_PARAMETERS[:2], *_PARAMETERS[3:], bindparam("version", type_=Uuid()))
_TRIAL = text(TRIAL).bindparams(*TRIAL_PARAMETERS)
MAX_QUANTITY = 2**31 - 1


def quotes(
    requests: Iterable[tuple[UUID, int]],
    *,
    account_id: UUID | None,
    instant: datetime | None = None,
    subscription_id: UUID | None = None,
    tenant_id: UUID | None = None,
    version_id: UUID | None = None,
    by_list: bool = False,
) -> Quotes:
    """What each (offer, quantity) costs a customer at `instant` (default: now); `account_id` None is a visitor.

    Keys are offers, so an offer may be asked for once only (ValueError). Offers that have no price are in `.missing`;
    offers that do not exist are in neither. One statement. The tenant is the scope's; `tenant_id` names it for those who
    see everyone. `version_id`: as if this version of the tenant's own books, a draft perhaps, were the one that applies:
    for looking at prices before they are published, never for selling. `by_list`: as if no book applied. NotFound when
    the account is not the tenant's; NoScope outside every tenant.
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
        _TRIAL if version_id is not None or by_list else _STATEMENT,
        {
            **({"version": version_id} if version_id is not None or by_list else {}),
            "tenant": tenant,
            "account": account_id,
            "subscription": subscription_id,
            "offers": [offer_id for offer_id, _ in wanted],
            "quantities": [quantity for _, quantity in wanted],
            "at": instant,
        },
    ).all()
    if not rows or rows[0][0] != account_id:
        raise NotFound()
    return answered(rows, wanted, account_id, instant)


def answered(
    rows: Sequence[Any], wanted: list[tuple[UUID, int]], account_id: UUID | None, instant: datetime
) -> Quotes:
    """The rows of the statement as quotes by offer."""
    found = Quotes()
    for answer in _answers(rows, wanted, account_id, instant):
        if isinstance(answer, NoPrice):
            found.missing[answer.offer_id] = answer
        else:
            found[answer.offer_id] = answer
    return found


def _answers(
    rows: Sequence[Any], wanted: list[tuple[UUID, int]], account_id: UUID | None, instant: datetime
) -> Iterator[Quote | NoPrice]:
    shared = rows[0].shared
    if shared is None:
        return  # none of the offers exists
    buyer = Buyer(account_id, rows[0].currency, instant, _rates(shared["rates"]))
    applied = _applied(shared)
    for _, _, _, n, term, plan, *told in rows:
        asked, (their, their_rule, own, own_rule), granted = told[:5], told[5:9], told[9:]
        offer_id, quantity = wanted[n - 1]
        ask = None if asked[0] is None else Ask(*asked)
        cost_by, priced_by = applied.get((their, their_rule)), applied.get((own, own_rule))
        promoted = None if granted[0] is None else Promotion(*granted)
        yield work_out(Line(offer_id, quantity, term, plan, ask, cost_by, priced_by, promoted), buyer)


def _rates(rows: list[Any] | None) -> RateTable:
    return RateTable(
        RateRow(table, base, quote, Decimal(rate), Decimal(margin), datetime.fromisoformat(at))
        for table, base, quote, rate, margin, at in rows or ()
    )


def _applied(shared: dict[str, Any]) -> dict[tuple[UUID, UUID | None], Applied]:
    """By version and rule. A version without a rule for an offer stands under no rule: its base is inherited."""
    books = {book[0]: book for book in shared["books"] or ()}
    found: dict[tuple[UUID, UUID | None], Applied] = {}
    for version_id, book_id, name, currency, base, number, at, passes in books.values():
        key = UUID(version_id)
        inherit = Rule(None, "default", "inherit", None, currency, base)
        found[key, None] = Applied(
            UUID(book_id), name, key, number, datetime.fromisoformat(at), inherit, passes
        )
    for id_, version_id, *told in shared["rules"] or ():
        plain = found[UUID(version_id), None]
        (
            selector,
            kind,
            value,
            min_quantity,
            starts,
            ends,
            floor,
            floor_value,
            is_capped,
            rounding,
            roundings,
        ) = told
        rule_id = UUID(id_)
        rule = Rule(
            id=rule_id,
            selector=selector,
            kind=kind,
            value=_decimal(value),
            currency=plain.rule.currency,
            base=plain.rule.base,
            min_quantity=min_quantity,
            starts_at=_instant(starts),
            ends_at=_instant(ends),
            floor=floor,
            floor_value=_decimal(floor_value),
            is_capped=is_capped,
            rounding=rounding,
            roundings=roundings,
        )
        found[plain.version_id, rule_id] = replace(plain, rule=rule)
    return found


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
