"""An approval policy in plain words: one sentence per rule."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.approvals.rules.verdict import Rule
from app.web.kit.filters import money_text

ROLE_WORDS = {"operations": "operations", "owner": "the owner"}


def sentence(rule: Rule) -> str:
    """ "An order of 500.00 EUR or more waits until one of your people with the role operations approves it." """
    who = _who(rule)
    if rule.trigger == "always":
        return _("Every order waits until %(who)s approves it.", who=who)
    amount = money_text(rule.amount or 0, rule.currency or "EUR")
    if rule.trigger == "order_total":
        return _("An order of %(amount)s or more waits until %(who)s approves it.", amount=amount, who=who)
    return ngettext(
        "When an order brings what was spent within one day to %(amount)s or more, it waits until %(who)s approves it.",
        "When an order brings what was spent within %(num)d days to %(amount)s or more, it waits until %(who)s approves it.",
        rule.window_days or 1,
        amount=amount,
        who=who,
    )


def afterwards(rule: Rule) -> str:
    """What happens when nobody decides."""
    return ngettext(
        "Nobody decides within one day: it is refused.",
        "Nobody decides within %(num)d days: it is refused.",
        rule.asking[0].days,
    )


def sentences(rules: Iterable[Rule]) -> list[str]:
    """All rules in order; a policy without rules says so."""
    told = [sentence(rule) for rule in rules]
    return told or [_("No order waits: everything goes straight through.")]


def _who(rule: Rule) -> str:
    if rule.asks == "customer":
        return _("an approver of the customer")
    if rule.role:
        return _("one of you with the role %(role)s", role=rule.role)
    return _("one of you")
