"""Does this need a decision, and whose? The sentences of a policy held against what is asked and what was spent before.

Sums and conversions are made elsewhere (`queries/spending.py`); here they are only compared. Thresholds are met *at* the
amount, and whatever cannot be worked out (no policy, no rate, no cost) means asking (promise P6, attack E-05).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.money import exponent
from app.domain.approvals.rules.asked import Asked, Item, Spent, Window
from app.domain.approvals.rules.reasons import Reason
from app.domain.approvals.rules.steps import Step, each_once

__all__ = [
    "NO_POLICY",
    "Asked",
    "Item",
    "Reason",
    "Rule",
    "Spent",
    "Step",
    "Verdict",
    "Window",
    "evaluate",
    "strictest",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of a policy: when `trigger` is met, ask `asking`, one step after the other.

    | trigger | is met when |
    |---|---|
    | `always` | always |
    | `order_total` | the commitment is at or over `amount` |
    | `window_spend` | what went through unasked in the window, plus this, is at or over `amount` |
    | `selection` | something of what `selects` names is in it |
    | `quantity` | more than `quantity` units are asked, of what `selects` names or of everything |
    | `first_order` | nothing was ever ordered before |
    | `margin_under` | something sells with a margin under `percent` |
    | `change` | it is a change of the kind `subject_type` |

    A window is the last `window_days` days, or the calendar `period` (`month`, `quarter`) in the reseller's time zone.
    `asks`, `role` and `expires_after_days` are the short way to say one step.
    """

    position: int
    trigger: str
    asks: str = "reseller"
    amount: Decimal | None = None
    currency: str | None = None
    window_days: int | None = None
    role: str | None = None
    expires_after_days: int = 7
    id: UUID | None = None
    period: str | None = None
    selects: str | None = None  # vendor, family, category, product or offer
    selects_id: UUID | None = None
    selects_name: str = ""
    quantity: int | None = None
    percent: Decimal | None = None
    subject_type: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def asking(self) -> tuple[Step, ...]:
        """Who is asked, one step after the other."""
        return self.steps or (Step(self.asks, self.role, self.expires_after_days),)

    @property
    def window(self) -> Window:
        """What `spent` is looked up by."""
        return (self.period or self.window_days or 0, self.currency or "")


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
            "steps": [step.to_dict() for step in self.steps],
            "reasons": [asdict(reason) for reason in self.reasons],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Verdict":
        return cls(
            tuple(Step.from_dict(step) for step in data["steps"]),
            tuple(Reason(**reason) for reason in data["reasons"]),
        )


NO_POLICY = Verdict((Step("reseller", None, 14),), (Reason("no_policy", True),))
"""A shop that never published a policy: fail closed."""


HELD = Verdict((Step("reseller", None, 14),), (Reason("margin_guard", True),))
"""Something in it sells under the margin: the reseller's people look first, whatever the policy says."""


ALWAYS_ASKED = Verdict((Step("reseller", None, 14),), (Reason("always_asked", True),))
"""A kind of thing that the reseller's people decide, whatever the policy says."""


def evaluate(
    rules: Iterable[Rule],
    asked: Asked | Mapping[str, Decimal | None],
    spent: Mapping[Window, Spent],
) -> Verdict:
    """Holds `rules` against one ask.

    `asked` may be just its commitment in each rule's currency (None: no rate); `spent` is what went before, by window.
    Every rule that is met adds its steps; the same people are asked once, in the order of the rules.
    """
    facts = asked if isinstance(asked, Asked) else Asked(asked)
    steps: list[Step] = []
    reasons: list[Reason] = []
    for rule in sorted(rules, key=lambda rule: rule.position):
        reason = _HOLDS[rule.trigger](rule, facts, spent)
        reasons.append(reason)
        if reason.is_met:
            steps.extend(rule.asking)
    return Verdict(each_once(steps), tuple(reasons))


def _always(rule: Rule, asked: Asked, spent: Mapping[Window, Spent]) -> Reason:
    return Reason("always", True)


def _amounts(rule: Rule, asked: Asked) -> tuple[Decimal | None, Decimal, dict[str, Any]]:
    currency, limit = rule.currency or "", rule.amount or Decimal(0)
    amount = asked.amounts.get(currency)
    shown = {
        "currency": currency,
        "limit": _shown(limit, currency),
        "asked": None if amount is None else _shown(amount, currency),
        "window_days": rule.window_days,
        "period": rule.period,
    }
    return amount, limit, shown


def _order_total(rule: Rule, asked: Asked, spent: Mapping[Window, Spent]) -> Reason:
    amount, limit, shown = _amounts(rule, asked)
    return Reason("order_total", amount is None or amount >= limit, **shown)


def _window_spend(rule: Rule, asked: Asked, spent: Mapping[Window, Spent]) -> Reason:
    amount, limit, shown = _amounts(rule, asked)
    before = spent.get(rule.window, Spent(None))
    currency = rule.currency or ""
    shown |= {
        "spent": None if before.unasked is None else _shown(before.unasked, currency),
        "waiting": _shown(before.waiting, currency),
        "decided": _shown(before.decided, currency),
    }
    is_met = amount is None or before.unasked is None or before.unasked + amount >= limit
    return Reason("window_spend", is_met, **shown)


def _selected(rule: Rule, asked: Asked) -> list[Item] | None:
    """What of the ask the rule is about; None when what is asked is not known."""
    if asked.items is None:
        return None
    if rule.selects is None:
        return list(asked.items)
    return [item for item in asked.items if item.is_of(rule.selects, rule.selects_id)]


def _selection(rule: Rule, asked: Asked, spent: Mapping[Window, Spent]) -> Reason:
    found = _selected(rule, asked)
    return Reason("selection", found is None or bool(found), selects=rule.selects_name)


def _quantity(rule: Rule, asked: Asked, spent: Mapping[Window, Spent]) -> Reason:
    found, limit = _selected(rule, asked), rule.quantity or 0
    count = None if found is None else sum(item.quantity for item in found)
    is_met = count is None or count > limit
    return Reason(
        "quantity",
        is_met,
        selects=rule.selects_name,
        asked=None if count is None else str(count),
        limit=str(limit),
    )


def _first_order(rule: Rule, asked: Asked, spent: Mapping[Window, Spent]) -> Reason:
    return Reason("first_order", asked.is_first and asked.subject_type == "order")


def _margin_under(rule: Rule, asked: Asked, spent: Mapping[Window, Spent]) -> Reason:
    found, limit = _selected(rule, asked), rule.percent or Decimal(0)
    if found is None:
        return Reason("margin_under", True, limit=f"{limit:.2f}")
    if any(item.margin_percent is None for item in found):
        return Reason("margin_under", True, selects=rule.selects_name, limit=f"{limit:.2f}")
    least = min((item.margin_percent for item in found if item.margin_percent is not None), default=None)
    return Reason(
        "margin_under",
        least is not None and least < limit,
        selects=rule.selects_name,
        asked=None if least is None else f"{least:.2f}",
        limit=f"{limit:.2f}",
    )


def _change(rule: Rule, asked: Asked, spent: Mapping[Window, Spent]) -> Reason:
    return Reason("change", asked.subject_type == rule.subject_type, subject_type=rule.subject_type)


_HOLDS = {
    "always": _always,
    "order_total": _order_total,
    "window_spend": _window_spend,
    "selection": _selection,
    "quantity": _quantity,
    "first_order": _first_order,
    "margin_under": _margin_under,
    "change": _change,
}


def strictest(verdicts: Sequence[Verdict]) -> Verdict:
    """What several policies ask together: all their steps, each once, and all their reasons."""
    reasons: dict[Reason, None] = {}
    for verdict in verdicts:
        reasons.update(dict.fromkeys(verdict.reasons))
    return Verdict(each_once(step for verdict in verdicts for step in verdict.steps), tuple(reasons))


def _shown(amount: Decimal, currency: str) -> str:
    return f"{amount:.{exponent(currency)}f}"
