"""Replaying the past under other rules: which orders would have waited, and for whom. Pure, one pass, one customer at a time.

It says what `verdict.evaluate` would have said to each order in turn, without writing reasons down: a test holds the two
against each other. An order that passes unasked in the replay eats the allowance of those after it, whatever happened to it
in truth: so the replay rather waits too often than not often enough.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.approvals.rules.asked import Item, Window
from app.domain.approvals.rules.steps import Step, each_once
from app.domain.approvals.rules.verdict import NO_POLICY, Rule


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that was asked. `amounts` by currency (None: no rate); `is_first`: nothing was ordered before it."""

    subject_id: UUID
    subject_type: str
    placed_at: datetime
    amounts: Mapping[str, Decimal | None]
    items: tuple[Item, ...] | None
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules say to one of them: the positions of the rules that are met, and the steps. No steps: goes ahead."""

    past: Past
    met: tuple[int, ...]
    steps: tuple[Step, ...]


class Replay:
    """Rules to replay under; None as if no policy had ever been published. `zone` is the reseller's time zone."""

    def __init__(self, rules: Sequence[Rule] | None, zone: str):
        self._rules = None if rules is None else sorted(rules, key=lambda rule: rule.position)
        self._zone = ZoneInfo(zone)
        self._tests = [(rule, _TESTS[rule.trigger](rule)) for rule in self._rules or ()]
        self._windows = sorted(
            {rule.window for rule in self._rules or () if rule.trigger == "window_spend"}, key=str
        )
        self._steps: dict[tuple[int, ...], tuple[Step, ...]] = {}

    @property
    def currencies(self) -> set[str]:
        return {rule.currency for rule in self._rules or () if rule.currency}

    @property
    def reach(self) -> timedelta:
        """How far before an order something may still count with it."""
        days = [window if isinstance(window, int) else 93 for window, _ in self._windows]
        return timedelta(days=max(days, default=0))

    def of_customer(self, pasts: Iterable[Past]) -> Iterator[Answer]:
        """What the rules say to the orders of one customer, which come in the order in which they were placed."""
        if self._rules is None:
            for past in pasts:
                yield Answer(past, (), NO_POLICY.steps)
            return
        sums = {window: _Sum(window, self._zone) for window in self._windows}
        for past in pasts:
            spent = {window: one.until(past.placed_at) for window, one in sums.items()}
            met = tuple(rule.position for rule, is_met in self._tests if is_met(past, spent))
            if not met:
                for (_window, currency), one in sums.items():
                    one.add(past.placed_at, past.amounts.get(currency) or Decimal(0))
            yield Answer(past, met, self._steps_of(met))

    def _steps_of(self, met: tuple[int, ...]) -> tuple[Step, ...]:
        if met not in self._steps:
            self._steps[met] = each_once(
                step for rule in self._rules or () if rule.position in met for step in rule.asking
            )
        return self._steps[met]


class _Sum:
    """What passed unasked inside a window that moves on."""

    def __init__(self, window: Window, zone: ZoneInfo):
        self._span = window[0]
        self._zone = zone
        self._kept: deque[tuple[datetime, Decimal]] = deque()
        self._sum = Decimal(0)

    def until(self, instant: datetime) -> Decimal:
        kept = self._kept
        if kept:
            begins = self._begins(instant)
            while kept and kept[0][0] < begins:
                self._sum -= kept.popleft()[1]
        return self._sum

    def add(self, instant: datetime, amount: Decimal) -> None:
        self._kept.append((instant, amount))
        self._sum += amount

    def _begins(self, instant: datetime) -> datetime:
        if isinstance(self._span, int):
            return instant - timedelta(days=self._span)
        there = instant.astimezone(self._zone)
        month = there.month if self._span == "month" else (there.month - 1) // 3 * 3 + 1
        return there.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0)


Test = Callable[[Past, Mapping[Window, Decimal]], bool]


def _order_total(rule: Rule) -> Test:
    currency, limit = rule.currency or "", rule.amount or Decimal(0)

    def is_met(past: Past, spent: Mapping[Window, Decimal]) -> bool:
        amount = past.amounts.get(currency)
        return amount is None or amount >= limit

    return is_met


def _window_spend(rule: Rule) -> Test:
    currency, limit, window = rule.currency or "", rule.amount or Decimal(0), rule.window

    def is_met(past: Past, spent: Mapping[Window, Decimal]) -> bool:
        amount = past.amounts.get(currency)
        return amount is None or spent[window] + amount >= limit

    return is_met


def _chosen(rule: Rule, items: tuple[Item, ...]) -> list[Item]:
    return [item for item in items if rule.selects is None or item.is_of(rule.selects, rule.selects_id)]


def _selection(rule: Rule) -> Test:
    return lambda past, spent: past.items is None or bool(_chosen(rule, past.items))


def _quantity(rule: Rule) -> Test:
    limit = rule.quantity or 0
    return lambda past, spent: (
        past.items is None or sum(item.quantity for item in _chosen(rule, past.items)) > limit
    )


def _margin_under(rule: Rule) -> Test:
    limit = rule.percent or Decimal(0)
    return lambda past, spent: (
        past.items is None
        or any(
            item.margin_percent is None or item.margin_percent < limit for item in _chosen(rule, past.items)
        )
    )


_TESTS: dict[str, Callable[[Rule], Test]] = {
    "always": lambda rule: lambda past, spent: True,
    "order_total": _order_total,
    "window_spend": _window_spend,
    "selection": _selection,
    "quantity": _quantity,
    "first_order": lambda rule: lambda past, spent: past.is_first and past.subject_type == "order",
    "margin_under": _margin_under,
    "change": lambda rule: lambda past, spent: past.subject_type == rule.subject_type,
}
