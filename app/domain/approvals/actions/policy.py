"""Publishing a policy. A publication adds a version; it never touches what already waits (attack E-05)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.money import CURRENCIES, MAX_AMOUNT
from app.domain.approvals.models import ASKS, TRIGGERS, Policy, PolicyRule, PolicyVersion
from app.domain.approvals.rules.entitlement import DECIDE
from app.domain.people.models import Account
from app.domain.people.rules.roles import ROLES

MAX_RULES = 50


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """One sentence as a form gives it: `trigger` always | order_total | window_spend; `asks` customer | reseller."""

    trigger: str
    asks: str = "reseller"
    amount: Decimal | None = None
    currency: str | None = None
    window_days: int | None = None
    role: str | None = None
    expires_after_days: int = 7


def publish_policy(
    account_id: UUID | None, rules: Sequence[RuleDraft], *, note: str = "", by: Actor
) -> PolicyVersion:
    """Publishes `rules` as the policy for one customer, or for all (None). An empty list asks for nothing, on purpose.

    Takes effect at once, for orders placed from now on. Invalid names fields as `rules-<index>-<field>`.
    """
    if by.realm != "system" and not by.can("policy:edit"):
        raise Forbidden("Only people who may edit policies can publish one.")
    current = session()
    if account_id is not None and current.get(Account, account_id) is None:
        raise NotFound
    _check(rules)
    owner = Policy.account_id.is_(None) if account_id is None else Policy.account_id == account_id
    policy = current.scalars(select(Policy).where(owner).with_for_update()).one_or_none()
    if policy is None:
        policy = Policy(account_id=account_id)
        current.add(policy)
        current.flush()
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
    )
    current.add(version)
    current.flush()
    current.add_all(_row(version, position, rule) for position, rule in enumerate(rules, start=1))
    events.record(
        "policy.published",
        policy,
        by,
        {"version": version.number, "rules": len(rules), "note": version.note},
        account_id=account_id,
    )
    return version


def _row(version: PolicyVersion, position: int, rule: RuleDraft) -> PolicyRule:
    has_amount = rule.trigger != "always"
    return PolicyRule(
        policy_version_id=version.id,
        position=position,
        trigger=rule.trigger,
        amount=rule.amount if has_amount else None,
        currency=rule.currency if has_amount else None,
        window_days=rule.window_days if rule.trigger == "window_spend" else None,
        asks=rule.asks,
        role=rule.role,
        expires_after_days=rule.expires_after_days,
    )


def _check(rules: Sequence[RuleDraft]) -> None:
    problems: dict[str, str] = {}
    if len(rules) > MAX_RULES:
        raise Invalid(f"A policy has at most {MAX_RULES} rules.")
    for index, rule in enumerate(rules):
        for field, message in _problems(rule):
            problems[f"rules-{index}-{field}"] = message
    if problems:
        raise Invalid(problems)


def _problems(rule: RuleDraft) -> list[tuple[str, str]]:
    found = []
    if rule.trigger not in TRIGGERS:
        found.append(("trigger", "Choose when this rule applies."))
    if rule.asks not in ASKS:
        found.append(("asks", "Choose who is asked."))
    if rule.trigger in ("order_total", "window_spend"):
        if rule.amount is None or not rule.amount.is_finite() or not 0 <= rule.amount <= MAX_AMOUNT:
            found.append(("amount", "Give an amount of zero or more."))
        if rule.currency not in CURRENCIES:
            found.append(("currency", "Choose a currency."))
    if rule.trigger == "window_spend" and not (rule.window_days and 1 <= rule.window_days <= 366):
        found.append(("window_days", "Give a number of days from 1 to 366."))
    if rule.role is not None and (
        rule.asks != "reseller" or DECIDE not in ROLES["console"].get(rule.role, frozenset())
    ):
        found.append(("role", "People with this role cannot decide requests."))
    if not 1 <= rule.expires_after_days <= 90:
        found.append(("expires_after_days", "Give a number of days from 1 to 90."))
    return found
