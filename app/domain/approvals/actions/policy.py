"""Writing and publishing a policy. A publication adds a version; it never touches what already waits (attack E-05)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.approvals.models import Policy, PolicyRule, PolicyVersion
from app.domain.approvals.rules.sentences import in_order, problems_of, rule_to
from app.domain.approvals.rules.verdict import Rule
from app.domain.people.models import Account, Person

MAX_RULES = 50


@dataclass(frozen=True, slots=True, init=False)
class RuleDraft(Rule):
    """A sentence before it has its place in a policy: `RuleDraft("order_total", amount=…, currency=…)`."""

    def __init__(
        self,
        trigger: str,
        asks: str = "reseller",
        amount: Decimal | None = None,
        currency: str | None = None,
        window_days: int | None = None,
        role: str | None = None,
        expires_after_days: int = 7,
        **more: Any,
    ):
        Rule.__init__(self, 0, trigger, asks, amount, currency, window_days, role, expires_after_days, **more)


def publish_policy(
    account_id: UUID | None,
    rules: Sequence[Rule],
    *,
    note: str = "",
    layer: str = "reseller",
    lift: bool = False,
    by: Actor,
) -> PolicyVersion:
    """Publishes `rules` as the policy for one customer, or for all (None). An empty list asks for nothing, on purpose.

    Takes effect at once, for what is asked from now on. `layer` `customer`: what a customer's own approver asks of its buyers,
    besides the reseller's. `lift`: from now on it is as if this policy had never been published (only one of a customer).
    Invalid names fields as `rules-<index>-<field>`.
    """
    _may_write(account_id, layer, by)
    if lift and account_id is None:
        raise Invalid("The policy for all customers can be changed, not lifted.")
    found = () if lift else in_order(rules)
    _check(found, layer)
    _check_people(found, account_id)
    policy = _policy(account_id, layer)
    current = session()
    number = current.execute(
        select(func.coalesce(func.max(PolicyVersion.number), 0)).where(PolicyVersion.policy_id == policy.id)
    ).scalar_one()
    version = PolicyVersion(
        policy_id=policy.id,
        number=number + 1,
        published_at=clock.now(),
        published_by_id=by.person_id,
        published_by_name=by.name,
        publisher_ids=sorted(by.people),
        note=note.strip()[:1000],
        is_lifted=lift,
    )
    policy.draft, policy.draft_saved_at = None, None
    current.add(version)
    current.flush()
    current.add_all(_row(version, rule) for rule in found)
    events.record(
        "policy.published",
        policy,
        by,
        {
            "version": version.number,
            "rules": len(found),
            "note": version.note,
            "layer": layer,
            "is_lifted": lift,
        },
        account_id=account_id,
    )
    return version


def save_policy_draft(
    account_id: UUID | None, rules: Sequence[Rule], *, version: int, layer: str = "reseller", by: Actor
) -> int:
    """Keeps `rules` as the draft; nothing is in force by that. `version` is what the page showed; answers the new one.

    Raises Conflict when somebody else has saved since, Invalid as `publish_policy` does.
    """
    _may_write(account_id, layer, by)
    found = in_order(rules)
    _check(found, layer)
    _check_people(found, account_id)
    policy = _policy(account_id, layer)
    if policy.version != version and version and policy.draft is not None:
        raise Conflict(
            f"{policy.draft_saved_by_name} has changed this draft since you opened it. Look at it again."
        )
    policy.draft = [rule_to(rule) for rule in found]
    policy.draft_saved_at, policy.draft_saved_by_name = clock.now(), by.name
    session().flush()
    return policy.version


def discard_policy_draft(account_id: UUID | None, *, layer: str = "reseller", by: Actor) -> None:
    """Throws the draft away; what is in force stays as it is."""
    _may_write(account_id, layer, by)
    policy = _policy(account_id, layer)
    policy.draft, policy.draft_saved_at = None, None


def _may_write(account_id: UUID | None, layer: str, by: Actor) -> None:
    """The reseller's people write the reseller's policies; a customer's approver writes what is asked of its own buyers."""
    if by.realm == "system":
        return
    if layer == "customer":
        if by.realm != "storefront" or by.account_id != account_id or not by.can("policy:edit"):
            raise Forbidden("Only approvers of this company can write its own rules.")
    elif by.realm != "console" or not by.can("policy:edit"):
        raise Forbidden("Only people who may edit policies can publish one.")
    if account_id is not None and session().get(Account, account_id) is None:
        raise NotFound


def _policy(account_id: UUID | None, layer: str) -> Policy:
    """The policy's row, locked; made when there is none yet."""
    current = session()
    owner = Policy.account_id.is_(None) if account_id is None else Policy.account_id == account_id
    statement = select(Policy).where(owner, Policy.layer == layer).with_for_update()
    policy = current.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if policy is None:
        policy = Policy(account_id=account_id, layer=layer)
        current.add(policy)
        current.flush()
    return policy


def _row(version: PolicyVersion, rule: Rule) -> PolicyRule:
    return PolicyRule(
        policy_version_id=version.id,
        position=rule.position,
        trigger=rule.trigger,
        amount=rule.amount,
        currency=rule.currency,
        window_days=rule.window_days,
        period=rule.period,
        selects=rule.selects,
        selects_id=rule.selects_id,
        selects_name=rule.selects_name,
        quantity=rule.quantity,
        percent=rule.percent,
        subject_type=rule.subject_type,
        steps=[step.to_dict() for step in rule.steps],
    )


def _check(rules: Sequence[Rule], layer: str) -> None:
    if len(rules) > MAX_RULES:
        raise Invalid(f"A policy has at most {MAX_RULES} rules.")
    problems = {
        f"rules-{index}-{field}": message
        for index, rule in enumerate(rules)
        for field, message in problems_of(rule, layer)
    }
    if problems:
        raise Invalid(problems)


def _check_people(rules: Sequence[Rule], account_id: UUID | None) -> None:
    """Whoever is named works where the step says: at the reseller, or at the customer whose policy it is. At most one query."""
    named: dict[UUID, list[tuple[int, str, str]]] = {}
    for index, rule in enumerate(rules):
        for step in rule.asking:
            for asks, people, field in (
                (step.asks, step.people, "people"),
                (step.to_asks, step.to_people, "to"),
            ):
                for person in people or ():
                    named.setdefault(UUID(person), []).append((index, asks or "", field))
    if not named:
        return
    rows = session().execute(select(Person.id, Person.realm, Person.account_id).where(Person.id.in_(named)))
    found = {row.id: (row.realm, row.account_id) for row in rows}
    problems = {}
    for person, places in named.items():
        realm, home = found.get(person, ("", None))
        for index, asks, field in places:
            fits = realm == "console" if asks == "reseller" else realm == "storefront" and home == account_id
            if not fits or (asks == "customer" and account_id is None):
                problems[f"rules-{index}-{field}"] = "Name people who work there."
    if problems:
        raise Invalid(problems)


__all__ = ["MAX_RULES", "RuleDraft", "discard_policy_draft", "publish_policy", "save_policy_draft"]
