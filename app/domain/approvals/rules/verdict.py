"""Does this need a decision, and whose? Policy rules held against an amount and what was spent before.

Sums and conversions are made elsewhere (`queries/spending.py`); here they are only compared. Thresholds are met *at* the
amount, and whatever cannot be worked out (no policy, no rate) means asking (promise P6, attack E-05).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.money import exponent


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of a policy. `asks` is `customer` or `reseller`; `role` narrows the reseller's people down."""

    position: int
    trigger: str  # always, order_total, window_spend
    asks: str
    amount: Decimal | None = None
    currency: str | None = None
    window_days: int | None = None
    role: str | None = None
    expires_after_days: int = 7
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a customer committed to inside a window, in one currency. Only `unasked` eats the allowance.

    `unasked` None: some of it has no rate into this currency.
    """

    unasked: Decimal | None
    waiting: Decimal = Decimal(0)
    decided: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule's arithmetic, met or not. Amounts are plain decimal texts in `currency`; None: no rate into it."""

    trigger: str  # a rule's trigger, or no_policy
    is_met: bool
    currency: str = ""
    asked: str | None = None
    spent: str | None = None
    waiting: str | None = None
    decided: str | None = None
    limit: str | None = None
    window_days: int | None = None

    @property
    def sentence(self) -> str:
        """The arithmetic in words: "820.00 in 30 days + 412.00 ≥ 1,000.00 EUR"."""
        if self.trigger == "no_policy":
            return "No approval policy has been published, so every order waits."
        if self.trigger == "always":
            return "Every order needs approval."
        sign = "≥" if self.is_met else "<"
        if self.asked is None:
            return f"There is no exchange rate into {self.currency}, so this cannot be counted."
        if self.trigger == "order_total":
            return f"{_grouped(self.asked)} {sign} {_grouped(self.limit)} {self.currency}"
        if self.spent is None:
            return f"There is no exchange rate into {self.currency} for what was spent before."
        return (
            f"{_grouped(self.spent)} in {self.window_days} days + {_grouped(self.asked)}"
            f" {sign} {_grouped(self.limit)} {self.currency}"
        )


@dataclass(frozen=True, slots=True)
class Step:
    """Who is asked, and for how many days, before the request expires."""

    asks: str
    role: str | None
    days: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says to one ask: who must decide, in this order, and every rule's arithmetic. No steps: go ahead."""

    steps: tuple[Step, ...]
    reasons: tuple[Reason, ...]

    @property
    def must_ask(self) -> bool:
        return bool(self.steps)

    @property
    def met(self) -> tuple[Reason, ...]:
        """The reasons for asking."""
        return tuple(reason for reason in self.reasons if reason.is_met)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` reads them back."""
        return {
            "steps": [asdict(step) for step in self.steps],
            "reasons": [asdict(reason) for reason in self.reasons],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Verdict":
        return cls(
            tuple(Step(**step) for step in data["steps"]),
            tuple(Reason(**reason) for reason in data["reasons"]),
        )


NO_POLICY = Verdict((Step("reseller", None, 14),), (Reason("no_policy", True),))
"""A shop that never published a policy: fail closed."""


def evaluate(
    rules: Iterable[Rule],
    asked: Mapping[str, Decimal | None],
    spent: Mapping[tuple[int, str], Spent],
) -> Verdict:
    """Holds `rules` against one ask.

    `asked` is its commitment in each rule's currency (None: no rate); `spent` what went before, by (days, currency).
    Every rule that is met adds its step; the same people are asked once, in the order of the rules.
    """
    steps: dict[tuple[str, str | None], Step] = {}
    reasons: list[Reason] = []
    for rule in sorted(rules, key=lambda rule: rule.position):
        reason = _hold(rule, asked, spent)
        reasons.append(reason)
        if reason.is_met:
            steps.setdefault((rule.asks, rule.role), Step(rule.asks, rule.role, rule.expires_after_days))
    return Verdict(tuple(steps.values()), tuple(reasons))


def _hold(rule: Rule, asked: Mapping[str, Decimal | None], spent: Mapping[tuple[int, str], Spent]) -> Reason:
    if rule.trigger == "always":
        return Reason("always", True)
    currency, limit = rule.currency or "", rule.amount or Decimal(0)
    amount = asked.get(currency)
    shown = {
        "currency": currency,
        "limit": _shown(limit, currency),
        "asked": None if amount is None else _shown(amount, currency),
        "window_days": rule.window_days,
    }
    if rule.trigger == "order_total":
        return Reason("order_total", amount is None or amount >= limit, **shown)
    before = spent.get((rule.window_days or 0, currency), Spent(None))
    shown |= {
        "spent": None if before.unasked is None else _shown(before.unasked, currency),
        "waiting": _shown(before.waiting, currency),
        "decided": _shown(before.decided, currency),
    }
    is_met = amount is None or before.unasked is None or before.unasked + amount >= limit
    return Reason("window_spend", is_met, **shown)


def strictest(verdicts: Sequence[Verdict]) -> Verdict:
    """What several policies ask together: all their steps, each once, and all their reasons."""
    steps: dict[tuple[str, str | None], Step] = {}
    reasons: dict[Reason, None] = {}
    for verdict in verdicts:
        for step in verdict.steps:
            steps.setdefault((step.asks, step.role), step)
        reasons.update(dict.fromkeys(verdict.reasons))
    return Verdict(tuple(steps.values()), tuple(reasons))


def _shown(amount: Decimal, currency: str) -> str:
    return f"{amount:.{exponent(currency)}f}"


def _grouped(amount: str | None) -> str:
    whole, point, rest = (amount or "0").partition(".")
    return f"{int(whole):,}{point}{rest}"
