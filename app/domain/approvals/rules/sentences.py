"""Sentences as they are written: checked field by field, and kept as plain JSON while a policy is a draft. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.money import CURRENCIES, MAX_AMOUNT
from app.domain.approvals.rules.asked import SELECTORS
from app.domain.approvals.rules.entitlement import DECIDE
from app.domain.approvals.rules.steps import Step
from app.domain.approvals.rules.verdict import Rule
from app.domain.people.rules.roles import ROLES

TRIGGERS = (
    "always", "order_total", "window_spend", "selection", "quantity", "first_order", "margin_under", "change"
)  # fmt: skip
CHANGES = ("seat_change", "renewal", "cancellation", "term_change")
WITH_AMOUNT = ("order_total", "window_spend")
WITH_SELECTION = ("selection", "quantity", "margin_under")
MAX_STEPS = 5
MAX_PEOPLE = 10
MAX_DAYS = 90
MAX_QUANTITY = 1_000_000


def rule_to(rule: Rule) -> dict[str, Any]:
    """A sentence as plain JSON values; `rule_from` reads it back."""
    return {
        "position": rule.position,
        "trigger": rule.trigger,
        "amount": _text(rule.amount),
        "currency": rule.currency,
        "window_days": rule.window_days,
        "period": rule.period,
        "selects": rule.selects,
        "selects_id": _text(rule.selects_id),
        "selects_name": rule.selects_name,
        "quantity": rule.quantity,
        "percent": _text(rule.percent),
        "subject_type": rule.subject_type,
        "steps": [step.to_dict() for step in rule.asking],
    }


def rule_from(data: Mapping[str, Any]) -> Rule:
    """The sentence that `rule_to` wrote."""
    values = dict(data)
    for name in ("amount", "percent"):
        values[name] = None if values[name] is None else Decimal(values[name])
    values["selects_id"] = None if values["selects_id"] is None else UUID(values["selects_id"])
    values["steps"] = tuple(Step.from_dict(step) for step in values["steps"])
    return Rule(**values)


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules with positions from 1 on, holding only what their trigger needs."""
    return tuple(_bare(rule, position) for position, rule in enumerate(rules, start=1))


def _bare(rule: Rule, position: int) -> Rule:
    """Only the fields that the trigger uses: what a form left in a hidden field does not get into a published version."""
    has_amount, has_window = rule.trigger in WITH_AMOUNT, rule.trigger == "window_spend"
    selects = rule.selects if rule.trigger in WITH_SELECTION and rule.selects_id is not None else None
    return Rule(
        position=position,
        trigger=rule.trigger,
        amount=rule.amount if has_amount else None,
        currency=rule.currency if has_amount else None,
        window_days=rule.window_days if has_window and not rule.period else None,
        period=rule.period if has_window else None,
        selects=selects,
        selects_id=rule.selects_id if selects else None,
        selects_name=rule.selects_name[:200] if selects else "",
        quantity=rule.quantity if rule.trigger == "quantity" else None,
        percent=rule.percent if rule.trigger == "margin_under" else None,
        subject_type=rule.subject_type if rule.trigger == "change" else None,
        steps=rule.asking,
    )


def problems_of(rule: Rule, layer: str = "reseller") -> list[tuple[str, str]]:
    """What is wrong with a sentence, as (field, sentence for people). Fields of steps are called `steps-<index>-<field>`."""
    found = _problems_of_trigger(rule)
    if layer == "customer" and rule.trigger == "margin_under":
        found.append(("trigger", "Choose when this rule applies."))
    if not 1 <= len(rule.asking) <= MAX_STEPS:
        found.append(("steps", f"Ask in one to {MAX_STEPS} steps."))
    for index, step in enumerate(rule.asking):
        found += [
            (name if index == 0 else f"steps-{index}-{name}", text)
            for name, text in _problems_of_step(step, layer)
        ]
    return found


def _problems_of_trigger(rule: Rule) -> list[tuple[str, str]]:
    found = []
    if rule.trigger not in TRIGGERS:
        found.append(("trigger", "Choose when this rule applies."))
    if rule.trigger in WITH_AMOUNT:
        if rule.amount is None or not rule.amount.is_finite() or not 0 <= rule.amount <= MAX_AMOUNT:
            found.append(("amount", "Give an amount of zero or more."))
        if rule.currency not in CURRENCIES:
            found.append(("currency", "Choose a currency."))
    if rule.trigger == "window_spend":
        if rule.period is None and not (rule.window_days and 1 <= rule.window_days <= 366):
            found.append(("window_days", "Give a number of days from 1 to 366."))
        if rule.period not in (None, "month", "quarter"):
            found.append(("period", "Choose a window."))
    if rule.selects is not None and rule.selects not in SELECTORS:
        found.append(("selects", "Choose what this rule is about."))
    if rule.trigger == "selection" and (rule.selects is None or rule.selects_id is None):
        found.append(("selects_id", "Choose what this rule is about."))
    if rule.trigger == "quantity" and (rule.quantity is None or not 0 <= rule.quantity <= MAX_QUANTITY):
        found.append(("quantity", "Give a number of units, zero or more."))
    if rule.trigger == "margin_under" and (
        rule.percent is None or not rule.percent.is_finite() or not -100 <= rule.percent <= 100
    ):
        found.append(("percent", "Give a percentage from -100 to 100."))
    if rule.trigger == "change" and rule.subject_type not in CHANGES:
        found.append(("subject_type", "Choose which kind of change."))
    return found


def _problems_of_step(step: Step, layer: str) -> list[tuple[str, str]]:
    found = []
    if step.asks not in ("customer", "reseller") or (layer == "customer" and step.asks != "customer"):
        found.append(("asks", "Choose who is asked."))
    if not _can_decide(step.asks, step.role):
        found.append(("role", "People with this role cannot decide requests."))
    if step.people is not None and not 1 <= len(step.people) <= MAX_PEOPLE:
        found.append(("people", f"Name one to {MAX_PEOPLE} people."))
    if step.needs not in ("any", "all") or (step.needs == "all" and step.people is None):
        found.append(("needs", "All can be asked only of people who are named."))
    if not 1 <= step.days <= MAX_DAYS:
        found.append(("expires_after_days", f"Give a number of days from 1 to {MAX_DAYS}."))
    if step.on_expiry not in ("refuse", "escalate"):
        found.append(("on_expiry", "Choose what happens when nobody decides."))
    if step.on_expiry == "escalate":
        if step.to_asks not in ("customer", "reseller") or not _can_decide(step.to_asks, step.to_role):
            found.append(("to", "Choose who is asked then."))
        elif step.to_people is not None and not 1 <= len(step.to_people) <= MAX_PEOPLE:
            found.append(("to", f"Name one to {MAX_PEOPLE} people."))
    return found


def _can_decide(asks: str | None, role: str | None) -> bool:
    return role is None or (asks == "reseller" and DECIDE in ROLES["console"].get(role, frozenset()))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
