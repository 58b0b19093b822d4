"""The form of one sentence of a policy: for the reseller's policies in the console and for a customer's own in its shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.core.errors import Invalid
from app.core.money import parse_amount
from app.domain.approvals.rules.steps import Step
from app.domain.approvals.rules.verdict import Rule
from app.web.kit import choices
from app.web.kit.forms import Form, RadioField, SelectField, SelectMultipleField

STEPS = (1, 2, 3)
TRIGGERS = [
    ("window_spend", _l("Spending within a time reaches a budget")),
    ("order_total", _l("An order comes to an amount")),
    ("selection", _l("Something of a vendor, family, category or product is ordered")),
    ("quantity", _l("More than so many units are asked for")),
    ("first_order", _l("A customer orders for the first time")),
    ("margin_under", _l("Something sells under a margin")),
    ("change", _l("A subscription changes, renews or is cancelled")),
    ("always", _l("Anything is ordered or changed")),
]
CUSTOMER_TRIGGERS = [(key, words) for key, words in TRIGGERS if key not in ("margin_under", "first_order")]
SELECTS = [
    ("vendor", _l("A vendor")),
    ("family", _l("A product family")),
    ("category", _l("A category")),
    ("product", _l("One product")),
    ("offer", _l("One offer (product, term and plan)")),
]
PERIODS = [
    ("days", _l("The last days, as many as given below")),
    ("month", _l("The calendar month")),
    ("quarter", _l("The calendar quarter")),
]
CHANGES = [
    ("seat_change", _l("The number of seats changes")),
    ("renewal", _l("It renews")),
    ("cancellation", _l("It is cancelled")),
    ("term_change", _l("Its term changes")),
]
NEEDS = [("any", _l("One of them is enough")), ("all", _l("All of them, where people are named"))]


class RuleForm(Form):
    """One sentence. Which fields count depends on the trigger, which stands in the address."""

    amount = StringField(_l("Amount"))
    currency = SelectField(_l("Currency"))
    period = SelectField(_l("Counted over"), choices=PERIODS, default="days")
    window_days = StringField(_l("Days"), default="30")
    selects_id = RadioField(_l("Which one"), choices=[], validate_choice=False)
    quantity = StringField(_l("More than so many units"))
    percent = StringField(_l("Margin under"))
    subject_type = SelectField(_l("What happens to it"), choices=CHANGES, default="seat_change")


def _step_fields(number: int) -> dict[str, Any]:
    return {
        f"who_{number}": SelectField(_l("Who decides"), validate_choice=False),
        f"people_{number}": SelectMultipleField(_l("By name"), choices=[], validate_choice=False),
        f"needs_{number}": SelectField(_l("Of several people"), choices=NEEDS, default="any"),
        f"days_{number}": StringField(_l("Working days to decide"), default="3"),
        f"expiry_{number}": SelectField(_l("If nobody decides"), validate_choice=False, default="refuse"),
    }


for _number in STEPS:
    for _name, _field in _step_fields(_number).items():
        setattr(RuleForm, _name, _field)


def rule_form(
    rule: Rule | None,
    trigger: str,
    *,
    layer: str,
    currency: str,
    colleagues: Mapping[str, str],
    approvers: Mapping[str, str],
) -> RuleForm:
    """The form for `rule`, or for a new one. `colleagues` are the reseller's people who may decide, `approvers` the
    customer's (none in a policy for all customers), both names by id.
    """
    form = RuleForm(data=_as_it_stands(rule, currency))
    form.currency.choices = choices.currencies()
    names = {} if layer == "customer" else dict(colleagues)
    everybody = {**names, **approvers}
    for number in STEPS:
        asked = _who_choices(layer, approvers)
        form[f"who_{number}"].choices = asked if number == 1 else [("", _("Nobody: no further step")), *asked]
        form[f"people_{number}"].choices = list(everybody.items())
        form[f"expiry_{number}"].choices = [("refuse", _("It is refused")), *_escalations(layer, everybody)]
    form.layer = layer  # type: ignore[attr-defined]
    form.names = everybody  # type: ignore[attr-defined]
    form.colleagues = set(names)  # type: ignore[attr-defined]
    form.trigger = trigger  # type: ignore[attr-defined]
    return form


def _who_choices(layer: str, approvers: Mapping[str, str]) -> list[tuple[str, str]]:
    if layer == "customer":
        return [("customer", _("Any of our approvers")), ("people", _("People by name"))]
    return [
        ("reseller", _("Any of us who may decide")),
        ("reseller:operations", _("Our operations")),
        ("reseller:owner", _("Our owner")),
        ("customer", _("Any approver of the customer")),
        ("people", _("People by name")),
    ]


def _escalations(layer: str, people: Mapping[str, str]) -> list[tuple[str, str]]:
    named = [(f"person:{key}", _("%(name)s decides", name=name)) for key, name in people.items()]
    if layer == "customer":
        return [("customer", _("Any of our approvers decides")), *named]
    return [
        ("reseller", _("Any of us decides")),
        ("reseller:operations", _("Our operations decide")),
        ("reseller:owner", _("Our owner decides")),
        ("customer", _("Any approver of the customer decides")),
        *named,
    ]


def rule_of(form: RuleForm, *, selects: str, selected: Mapping[str, str]) -> Rule:
    """The sentence that was typed; an unreadable number becomes None, which the policy refuses by its field's name.

    `selected` are the names of what may be selected, by id.
    """
    period = form.period.data
    chosen = form.selects_id.data if form.selects_id.data in selected else ""
    return Rule(
        position=0,
        trigger=form.trigger,  # type: ignore[attr-defined]
        amount=parse_amount(form.amount.data or ""),
        currency=form.currency.data,
        window_days=_whole(form.window_days.data) if period == "days" else None,
        period=None if period == "days" else period,
        selects=selects if chosen else None,
        selects_id=UUID(chosen) if chosen else None,
        selects_name=selected.get(chosen, ""),
        quantity=_whole(form.quantity.data),
        percent=parse_amount(form.percent.data or "", signed=True),
        subject_type=form.subject_type.data,
        steps=_steps(form),
    )


def _steps(form: RuleForm) -> tuple[Step, ...]:
    found = []
    for number in STEPS:
        asked = form[f"who_{number}"].data or ""
        if asked:
            found.append(_step(form, number, asked))
    return tuple(found)


def _step(form: RuleForm, number: int, asked: str) -> Step:
    names: Mapping[str, str] = form.names  # type: ignore[attr-defined]
    asks, _colon, role = asked.partition(":")
    people = None
    if asks == "people":
        people = tuple(one for one in form[f"people_{number}"].data or () if one in names)
        asks = _home(form, people)
    step = Step(
        asks=asks,
        role=role or None,
        days=_whole(form[f"days_{number}"].data) or 0,
        people=people,
        names=tuple(names[one] for one in people or ()),
        needs="all" if people and len(people) > 1 and form[f"needs_{number}"].data == "all" else "any",
    )
    expiry = form[f"expiry_{number}"].data or "refuse"
    if expiry == "refuse":
        return step
    to, _colon, rest = expiry.partition(":")
    if to == "person":
        known = rest in names
        return replace(
            step,
            on_expiry="escalate",
            to_asks=_home(form, (rest,)) if known else "nobody",
            to_people=(rest,),
            to_names=(names.get(rest, ""),),
        )
    return replace(step, on_expiry="escalate", to_asks=to, to_role=rest or None)


def _home(form: RuleForm, people: Sequence[str]) -> str:
    """Whether the named people are the reseller's or the customer's; a mixture is refused by its field."""
    colleagues: set[str] = form.colleagues  # type: ignore[attr-defined]
    ours = {one in colleagues for one in people}
    if not ours:
        return "customer" if form.layer == "customer" else "reseller"  # type: ignore[attr-defined]
    return "mixed" if len(ours) > 1 else "reseller" if ours.pop() else "customer"


def blame(form: RuleForm, invalid: Invalid, index: int) -> None:
    """Puts the policy's sentences beside the fields of the form: it calls them `rules-<index>-…`."""
    told = {}
    for name, text in invalid.errors.items():
        bare = name.removeprefix(f"rules-{index}-")
        step, bare = 1, bare
        if bare.startswith("steps-"):
            _word, number, bare = bare.split("-", 2)
            step = int(number) + 1
        told[_FIELDS.get(bare, bare).format(step)] = text
    form.blame(Invalid(told))


_FIELDS = {
    "asks": "people_{}",
    "role": "who_{}",
    "people": "people_{}",
    "needs": "needs_{}",
    "expires_after_days": "days_{}",
    "on_expiry": "expiry_{}",
    "to": "expiry_{}",
    "steps": "who_{}",
}


def _as_it_stands(rule: Rule | None, currency: str) -> dict[str, Any]:
    if rule is None:
        return {"currency": currency, "who_1": ""}
    found: dict[str, Any] = {
        "amount": _plain(rule.amount),
        "currency": rule.currency or currency,
        "period": rule.period or "days",
        "window_days": str(rule.window_days or 30),
        "selects_id": str(rule.selects_id or ""),
        "quantity": "" if rule.quantity is None else str(rule.quantity),
        "percent": _plain(rule.percent),
        "subject_type": rule.subject_type or "seat_change",
    }
    for number, step in enumerate(rule.asking[: len(STEPS)], start=1):
        found |= {
            f"who_{number}": "people" if step.people is not None else _asked(step.asks, step.role),
            f"people_{number}": list(step.people or ()),
            f"needs_{number}": step.needs,
            f"days_{number}": str(step.days),
            f"expiry_{number}": "refuse"
            if step.on_expiry == "refuse"
            else f"person:{step.to_people[0]}"
            if step.to_people
            else _asked(step.to_asks or "", step.to_role),
        }
    return found


def _asked(asks: str, role: str | None) -> str:
    return f"{asks}:{role}" if role else asks


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"


def _whole(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def moved(rules: Sequence[Rule], position: int, up: bool) -> list[Rule]:
    """The rules with the one at `position` (from 1) a place earlier or later; as they are where that cannot be."""
    found = list(rules)
    index, other = position - 1, position - 2 if up else position
    if 0 <= index < len(found) and 0 <= other < len(found):
        found[index], found[other] = found[other], found[index]
    return found
