"""An approval policy in plain words: one sentence per rule, as the reseller reads it and as the customer does; and the
arithmetic of a verdict, as those inside the house read it.
"""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.approvals.rules.reasons import Reason
from app.domain.approvals.rules.steps import Step
from app.domain.approvals.rules.verdict import Rule
from app.web.kit.filters import money_text


def sentence(rule: Rule, shop: str = "") -> str:
    """ "When an order comes to 500.00 EUR or more, one of you decides within 7 working days, else it is refused." With the
    name of a `shop`, as its customers read it.
    """
    return _("%(when)s, %(then)s", when=when(rule, shop), then=then(rule, shop))


def when(rule: Rule, shop: str = "") -> str:
    """The first half: what a rule is about. No number that a customer may not know stands in it when there is a `shop`."""
    return _WHEN[rule.trigger](rule, shop)


def then(rule: Rule, shop: str = "") -> str:
    """The second half: who decides, in which steps, within how long, and what happens otherwise."""
    told = [_step(step, shop) for step in rule.asking]
    return _("%(sentence)s.", sentence=_("; then ").join(told))


def _step(step: Step, shop: str) -> str:
    days = ngettext("one working day", "%(num)d working days", step.days)
    decides = _("%(who)s decides within %(days)s", who=who(step, shop), days=days)
    if step.needs == "all" and len(step.people or ()) > 1:
        decides = _("%(who)s decide within %(days)s", who=who(step, shop), days=days)
    if step.on_expiry == "escalate":
        return _("%(decides)s, else %(others)s does", decides=decides, others=who(step.escalated(), shop))
    return _("%(decides)s, else it is refused", decides=decides)


def who(step: Step, shop: str = "") -> str:
    """Who is asked: "one of you with the role operations", "Otto Richter or Ines Vogel", "an approver of the customer"."""
    if step.people is not None:
        return joined(step.names, _("and") if step.needs == "all" else _("or")) or _("nobody")
    if step.asks == "customer":
        return _("one of your approvers") if shop else _("an approver of the customer")
    if shop:
        return shop
    if step.role:
        return _("one of you with the role %(role)s", role=step.role)
    return _("one of you")


def joined(names: Sequence[str], word: str) -> str:
    """ "Ann, Bea or Carl" """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def sentences(rules: Iterable[Rule]) -> list[str]:
    """All rules in order; a policy without rules says so."""
    told = [sentence(rule) for rule in rules]
    return told or [_("No order waits: everything goes straight through.")]


def _amount(rule: Rule) -> str:
    return money_text(rule.amount or 0, rule.currency or "EUR")


def _window(rule: Rule, shop: str) -> str:
    if rule.period == "month":
        return _("When spending in a calendar month reaches %(amount)s", amount=_amount(rule))
    if rule.period == "quarter":
        return _("When spending in a calendar quarter reaches %(amount)s", amount=_amount(rule))
    return ngettext(
        "When spending within one day reaches %(amount)s",
        "When spending within %(num)d days reaches %(amount)s",
        rule.window_days or 1,
        amount=_amount(rule),
    )


def _quantity(rule: Rule, shop: str) -> str:
    count = rule.quantity or 0
    if rule.selects_name:
        return ngettext(
            "When more than one unit of %(what)s is asked for",
            "When more than %(num)d units of %(what)s are asked for",
            count,
            what=rule.selects_name,
        )
    return ngettext(
        "When more than one unit is asked for", "When more than %(num)d units are asked for", count
    )


def _margin(rule: Rule, shop: str) -> str:
    if shop:
        return _("When %(shop)s wants to look at the terms first", shop=shop)
    percent = f"{(rule.percent or 0).normalize():f}" if rule.percent else "0"
    if rule.selects_name:
        return _(
            "When %(what)s sells with a margin under %(percent)s %%", what=rule.selects_name, percent=percent
        )
    return _("When something sells with a margin under %(percent)s %%", percent=percent)


def _change(rule: Rule, shop: str) -> str:
    return {
        "seat_change": _("When the number of seats changes"),
        "renewal": _("When a subscription renews"),
        "cancellation": _("When a subscription is cancelled"),
        "term_change": _("When the term of a subscription changes"),
    }[rule.subject_type or "seat_change"]


_WHEN = {
    "always": lambda rule, shop: _("Whenever anything is ordered or changed"),
    "order_total": lambda rule, shop: _("When an order comes to %(amount)s or more", amount=_amount(rule)),
    "window_spend": _window,
    "selection": lambda rule, shop: _("Whenever %(what)s is ordered", what=rule.selects_name),
    "quantity": _quantity,
    "first_order": lambda rule, shop: (
        _("When you order for the first time") if shop else _("When a customer orders for the first time")
    ),
    "margin_under": _margin,
    "change": _change,
}


def reason_inside(reason: Reason) -> str:
    """A rule's arithmetic for the reseller's people who may see cost: with the margin that customers are never told."""
    if reason.trigger != "margin_under":
        return reason.sentence
    if reason.asked is None:
        return _("There is no cost for something in it, so its margin is not known.")
    sign = "<" if reason.is_met else "≥"
    return _(
        "Least margin %(asked)s %% %(sign)s %(limit)s %%", asked=reason.asked, sign=sign, limit=reason.limit
    )
