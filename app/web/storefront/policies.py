"""A customer's own approval rules: what its approvers ask of its buyers, besides what the shop asks. Draft, then publish."""

from typing import Any

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.errors import Conflict, Invalid
from app.domain.approvals.queries import in_force
from app.domain.approvals.rules.verdict import Rule
from app.domain.people.queries import people_of_account
from app.domain.people.rules.roles import permissions_of
from app.domain.reports.queries import catalogue
from app.web.kit.area import SHOP, Area
from app.web.kit.pages import see_other
from app.web.kit.policies import sentences, then, when
from app.web.kit.policy_form import CUSTOMER_TRIGGERS, SELECTS, STEPS, blame, moved, rule_form, rule_of
from app.web.kit.policy_page import EmptyForm, PlaceForm, PolicyPage, PublishForm, of_customer, position_of
from app.web.storefront.frame import shop_page
from app.web.storefront.tellings import rule_words

area = Area("policies", __name__, side=SHOP, url_prefix="/approval-rules")


def _policy() -> PolicyPage:
    return of_customer(g.arrival.account)


@area.get("", can="policy:edit")
def show_policy() -> ResponseReturnValue:
    """The rules of one's own company, the draft, and what the shop asks besides."""
    policy = _policy()
    theirs = in_force(g.arrival.account.id).that_counts
    return shop_page(
        "shop/policy.html",
        policy=policy,
        theirs=sentences_for(theirs.rules) if theirs else [],
        form=PublishForm(formdata=None, data={"version": str(policy.draft.version)}),
        when=when,
        then=then,
    )


def sentences_for(rules: Any) -> list[str]:
    """The shop's rules as its customer reads them."""
    return [rule_words(rule, g.arrival.shop.name) for rule in rules] or sentences([])


@area.post("/publication", can="policy:edit")
def publish() -> ResponseReturnValue:
    """Puts the draft in force for what is asked from now on."""
    policy = _policy()
    form = PublishForm()
    if policy.draft.rules is None:
        raise Conflict(_("There is no draft. Change a rule first."))
    if form.taken():
        if form.version.data != str(policy.draft.version):
            flash(_("Somebody has changed the draft since you opened this page. Look at it again."), "bad")
        else:
            policy.publish(form.note.data or "")
            flash(_("The rules are in force for what is ordered from now on."), "good")
    return see_other(".show_policy")


@area.post("/draft/removal", can="policy:edit")
def discard_draft() -> ResponseReturnValue:
    """Throws the draft away."""
    if EmptyForm().taken():
        _policy().discard()
        flash(_("The draft is thrown away. What is in force stays as it is."), "good")
    return see_other(".show_policy")


@area.post("/rules/<int:position>/removal", can="policy:edit")
def remove_rule(position: int) -> ResponseReturnValue:
    """Takes a sentence out of the draft."""
    policy = _policy()
    gone = position_of(policy, position)
    if EmptyForm().taken():
        policy.save([rule for rule in policy.rules if rule is not gone])
    return see_other(".show_policy")


@area.post("/rules/<int:position>/place", can="policy:edit")
def move_rule(position: int) -> ResponseReturnValue:
    """Moves a sentence one place up or down."""
    policy = _policy()
    position_of(policy, position)
    form = PlaceForm()
    if form.taken():
        policy.save(moved(policy.rules, position, form.direction.data == "up"))
    return see_other(".show_policy")


@area.route("/rules/new", methods=["GET", "POST"], can="policy:edit")
def add_rule() -> ResponseReturnValue:
    """One more sentence at the end of the draft."""
    return _edit(_policy(), None, 0)


@area.route("/rules/<int:position>", methods=["GET", "POST"], can="policy:edit")
def change_rule(position: int) -> ResponseReturnValue:
    """Another wording of a sentence."""
    policy = _policy()
    return _edit(policy, position_of(policy, position), position)


def _edit(policy: PolicyPage, rule: Rule | None, position: int) -> ResponseReturnValue:
    account = g.arrival.account
    trigger = _one_of(request.args.get("trigger"), CUSTOMER_TRIGGERS, rule.trigger if rule else "order_total")
    selects = _one_of(request.args.get("selects"), SELECTS[:4], (rule.selects if rule else None) or "family")
    q = request.args.get("q", "")[:80]
    approvers = {
        str(person.id): person.name
        for person in people_of_account(account.id)
        if person.is_active and "approval:decide" in permissions_of(person.realm, person.roles)
    }
    form = rule_form(
        rule, trigger, layer="customer", currency=account.currency, colleagues={}, approvers=approvers
    )
    targets: list[Any] = []
    if trigger in ("selection", "quantity"):
        targets = catalogue.targets(selects, market=account.country, q=q)
        if (
            rule is not None
            and rule.selects == selects
            and rule.selects_id not in {row.id for row in targets}
        ):
            targets = [
                *catalogue.targets(selects, market=account.country, target_id=rule.selects_id),
                *targets,
            ]
    form.selects_id.choices = [(str(row.id), row.name) for row in targets]
    if form.taken():
        index = position - 1 if rule else len(policy.rules)
        try:
            made = rule_of(form, selects=selects, selected={str(row.id): row.name for row in targets})
            rules = list(policy.rules)
            rules[index : index + 1] = [made]
            policy.save(rules)
            flash(_("It is in the draft. Nothing is in force before you publish it."), "good")
            return see_other(".show_policy")
        except Invalid as invalid:
            blame(form, invalid, index)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
    return shop_page(
        "shop/policy_rule.html",
        422 if form.has_errors else 200,
        form=form,
        policy=policy,
        rule=rule,
        position=position,
        trigger=trigger,
        triggers=CUSTOMER_TRIGGERS,
        selects=selects,
        selectors=SELECTS[:4],
        q=q,
        targets=targets,
        steps=STEPS,
        query=request.query_string.decode("ascii", "ignore"),
    )


def _one_of(asked: str | None, offered: list[tuple[str, Any]], usual: str) -> str:
    return asked if asked in dict(offered) else usual
