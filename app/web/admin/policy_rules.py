"""One sentence of a policy's draft: what it is about is chosen by plain links and forms, then what happens."""

from typing import Any

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.errors import Conflict, Invalid
from app.domain.approvals.rules.verdict import Rule
from app.domain.people.queries import people_of_account, people_of_console
from app.domain.people.rules.roles import permissions_of
from app.domain.reports.queries import catalogue
from app.web.kit.area import PLATFORM, Area
from app.web.kit.pages import form_page, see_other
from app.web.kit.policy_form import SELECTS, STEPS, TRIGGERS, blame, rule_form, rule_of
from app.web.kit.policy_page import PolicyPage, of_reseller, position_of

area = Area("admin_policy_rules", __name__, side=PLATFORM, url_prefix="/admin/policies/<owner>/rules")


@area.route("/new", methods=["GET", "POST"], can="policy:edit")
def add_rule(owner: str) -> ResponseReturnValue:
    """One more sentence at the end of the draft."""
    return _edit(of_reseller(owner), None, 0)


@area.route("/<int:position>", methods=["GET", "POST"], can="policy:edit")
def change_rule(owner: str, position: int) -> ResponseReturnValue:
    """Another wording of a sentence."""
    policy = of_reseller(owner)
    return _edit(policy, position_of(policy, position), position)


def _edit(policy: PolicyPage, rule: Rule | None, position: int) -> ResponseReturnValue:
    trigger = _one_of(request.args.get("trigger"), TRIGGERS, rule.trigger if rule else "window_spend")
    selects = _one_of(request.args.get("selects"), SELECTS, (rule.selects if rule else None) or "family")
    q = request.args.get("q", "")[:80]
    form = rule_form(
        rule,
        trigger,
        layer="reseller",
        currency=policy.account.currency if policy.account else g.arrival.shop.currency,
        colleagues=_who_decide(people_of_console()),
        approvers=_who_decide(people_of_account(policy.account.id)) if policy.account else {},
    )
    targets = _targets(trigger, selects, q, rule)
    form.selects_id.choices = [(str(row.id), row.name) for row in targets]
    if form.taken():
        index = position - 1 if rule else len(policy.rules)
        try:
            made = rule_of(form, selects=selects, selected={str(row.id): row.name for row in targets})
            rules = list(policy.rules)
            rules[index : index + 1] = [made]
            policy.save(rules)
            flash(_("It is in the draft. Nothing is in force before you publish it."), "good")
            return see_other("admin_policies.show_policy", owner=policy.owner)
        except Invalid as invalid:
            blame(form, invalid, index)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
    return form_page(
        "admin/policies/rule.html",
        form,
        policy=policy,
        rule=rule,
        position=position,
        trigger=trigger,
        triggers=TRIGGERS,
        selects=selects,
        selectors=SELECTS,
        q=q,
        targets=targets,
        steps=STEPS,
        query=request.query_string.decode("ascii", "ignore"),
    )


def _one_of(asked: str | None, offered: list[tuple[str, Any]], usual: str) -> str:
    return asked if asked in dict(offered) else usual


def _who_decide(people: list[Any]) -> dict[str, str]:
    """Names by id of those who may sign in and decide."""
    return {
        str(person.id): person.name
        for person in people
        if person.is_active and "approval:decide" in permissions_of(person.realm, person.roles)
    }


def _targets(trigger: str, selects: str, q: str, rule: Rule | None) -> list[Any]:
    """What may be selected; the one that a rule names stays on the list whatever is searched."""
    if trigger not in ("selection", "quantity", "margin_under"):
        return []
    market = g.arrival.shop.country
    found = catalogue.targets(selects, market=market, q=q)
    if rule is not None and rule.selects == selects and rule.selects_id not in {row.id for row in found}:
        found = [*catalogue.targets(selects, market=market, target_id=rule.selects_id), *found]
    return found
