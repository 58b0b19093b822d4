"""What a customer committed to inside rolling windows, in the currencies of the rules: one query, however many rules.

Rounded against the buyer: conversions go up to the minor unit, and the window's first instant still counts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, and_, cast, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.core import clock
from app.core.db import session
from app.core.money import Money
from app.domain.approvals.models import ApprovalRequest, Commitment
from app.domain.approvals.queries.policies import in_force
from app.domain.approvals.rules.asked import Spent, Window
from app.domain.approvals.rules.verdict import Rule
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.rates import Converter, NoRate, RateTable
from app.domain.tenants.models import Tenant

KINDS = ("unasked", "waiting", "decided")


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything amounts and history say about one ask. `amounts` holds its commitment by currency (None: no rate)."""

    amounts: Mapping[str, Decimal | None]
    spent: Mapping[Window, Spent]
    is_first: bool


def measure(account_id: UUID, commitment: Money, rules: Collection[Rule], instant: datetime) -> Measured:
    """What `rules` are held against. One query for what was spent and ordered before, and one for rates where currencies
    meet, however many rules there are.
    """
    windows = windows_of(rules)
    needs_first = any(rule.trigger == "first_order" for rule in rules)
    ledger = _ledger(account_id, windows, instant, needs_first) if windows or needs_first else None
    wanted = {rule.currency for rule in rules if rule.currency} | {commitment.currency}
    table = _rates(wanted | (ledger.currencies if ledger else set()), instant)
    return Measured(
        {
            currency: _converted(commitment.amount, commitment.currency, currency, table)
            for currency in wanted
        },
        _sums(ledger, windows, table) if ledger else {},
        needs_first and ledger is not None and ledger.is_first,
    )


def asked_in(commitment: Money, currencies: Iterable[str], instant: datetime) -> dict[str, Decimal | None]:
    """`commitment` in each of `currencies`, rounded up; None where there is no rate. At most one query."""
    wanted = set(currencies)
    table = _rates({commitment.currency} | wanted, instant)
    return {
        currency: _converted(commitment.amount, commitment.currency, currency, table) for currency in wanted
    }


def _rates(currencies: set[str], instant: datetime) -> RateTable | None:
    """The rates between these currencies; None when there is only one and so nothing to convert."""
    return pricing.rates_in_force(currencies, instant=instant) if len(currencies) > 1 else None


def _converted(amount: Decimal, base: str, currency: str, table: RateTable | None) -> Decimal | None:
    """`amount` of `base` in `currency`, up to the next minor unit; None without a rate."""
    if base == currency or not amount:
        return amount
    if table is None:
        return None
    try:
        return Converter(table).convert(Amount.of(amount, base), currency).to_minor(up=True)
    except NoRate:
        return None


class Rates:
    """The rates between some currencies at an instant, for converting many amounts. One query, if there is more than one."""

    def __init__(self, currencies: set[str], instant: datetime):
        self._table = _rates(currencies, instant)

    def convert(self, amount: Decimal, base: str, currency: str) -> Decimal | None:
        """`amount` of `base` in `currency`, rounded up; None without a rate."""
        return _converted(amount, base, currency, self._table)


def windows_of(rules: Iterable[Rule]) -> set[Window]:
    """The windows and currencies that `rules` count in."""
    return {rule.window for rule in rules if rule.trigger == "window_spend"}


def spent_in(account_id: UUID, windows: Collection[Window], instant: datetime) -> dict[Window, Spent]:
    """What the customer committed to in each window that ends at `instant`. One query,
    and one for rates where currencies meet.

    Amounts count at the rates of the day they were committed to where the ledger has them in the rule's currency, else
    at the rate of `instant`.
    """
    if not windows:
        return {}
    ledger = _ledger(account_id, windows, instant, False)
    table = _rates(ledger.currencies | {currency for _, currency in windows}, instant)
    return _sums(ledger, windows, table)


@dataclass(frozen=True, slots=True)
class _Ledger:
    rows: Sequence[Any]
    is_first: bool

    @property
    def currencies(self) -> set[str]:
        return {row[0] for row in self.rows}


def begins(window: int | str, instant: datetime) -> ColumnElement[datetime]:
    """The first instant that counts: some days back, or the beginning of the reseller's calendar month or quarter."""
    if isinstance(window, int):
        return literal(instant - timedelta(days=window))
    there = func.date_trunc(window, func.timezone(Tenant.time_zone, literal(instant)))
    return (
        select(func.timezone(Tenant.time_zone, there))
        .where(Tenant.id == Commitment.tenant_id)
        .correlate(Commitment)
        .scalar_subquery()
    )


def _ledger(account_id: UUID, windows: Collection[Window], instant: datetime, needs_first: bool) -> _Ledger:
    columns: list[ColumnElement[Any]] = []
    for window, currency in _ordered(windows):
        inside = Commitment.placed_at >= begins(window, instant)
        pinned = Commitment.counted.has_key(currency)  # type: ignore[attr-defined]
        there = cast(Commitment.counted[currency].astext, Numeric)
        for kind in _kinds():
            columns.append(func.coalesce(func.sum(there).filter(and_(inside, pinned, kind)), 0))
            columns.append(func.coalesce(func.sum(Commitment.amount).filter(and_(inside, ~pinned, kind)), 0))
    columns.append(func.count().filter(Commitment.subject_type == "order"))
    statement = (
        select(Commitment.currency, *columns)
        .outerjoin(
            ApprovalRequest,
            and_(
                ApprovalRequest.tenant_id == Commitment.tenant_id,
                ApprovalRequest.subject_id == Commitment.subject_id,
            ),
        )
        .where(Commitment.account_id == account_id, Commitment.released_at.is_(None))
        .group_by(Commitment.currency)
    )
    if not needs_first:  # nothing from before the longest window is looked at; a quarter has at most 92 days
        longest = max(window if isinstance(window, int) else 93 for window, _ in windows)
        statement = statement.where(Commitment.placed_at >= instant - timedelta(days=longest))
    rows = session().execute(statement).all()
    return _Ledger(rows, not any(row[-1] for row in rows))


def _ordered(windows: Collection[Window]) -> list[Window]:
    return sorted(windows, key=lambda window: (str(window[0]), window[1]))


def _sums(ledger: _Ledger, windows: Collection[Window], table: RateTable | None) -> dict[Window, Spent]:
    return {
        window: _sum(ledger.rows, 1 + index * 6, window, table)
        for index, window in enumerate(_ordered(windows))
    }


def _kinds() -> tuple[ColumnElement[bool], ...]:
    waiting = ApprovalRequest.state == "pending"
    return (
        Commitment.is_unasked,
        and_(~Commitment.is_unasked, waiting),
        and_(~Commitment.is_unasked, or_(ApprovalRequest.state.is_(None), ~waiting)),
    )


def _sum(rows: Collection[Any], start: int, window: Window, table: RateTable | None) -> Spent:
    sums: list[Decimal | None] = [Decimal(0)] * 3
    for row in rows:
        for kind in range(3):
            pinned, loose = row[start + kind * 2], row[start + kind * 2 + 1]
            there = _converted(loose, row[0], window[1], table)
            so_far = sums[kind]
            sums[kind] = None if so_far is None or there is None else so_far + pinned + there
    return Spent(sums[0], sums[1] or Decimal(0), sums[2] or Decimal(0))


@dataclass(frozen=True, slots=True)
class Budget:
    """How far a customer has come in one window rule: what is left may be ordered without asking."""

    limit: Money
    window_days: int
    spent: Spent
    period: str | None = None

    @property
    def left(self) -> Money | None:
        """What may still be committed to unasked, exclusive; None when it cannot be counted."""
        if self.spent.unasked is None:
            return None
        return Money(max(self.limit.amount - self.spent.unasked, Decimal(0)), self.limit.currency)


def budgets(account_id: UUID) -> list[Budget]:
    """Every window rule of the policy that counts for the customer, with what was spent. Two queries."""
    policies = in_force(account_id)
    rules = [
        rule
        for policy in (policies.that_counts, policies.inner)
        if policy
        for rule in policy.rules
        if rule.trigger == "window_spend"
    ]
    spent: Mapping[Window, Spent] = spent_in(account_id, windows_of(rules), clock.now())
    return [
        Budget(
            Money(rule.amount or Decimal(0), rule.currency or ""),
            rule.window_days or 0,
            spent[rule.window],
            rule.period,
        )
        for rule in rules
    ]
