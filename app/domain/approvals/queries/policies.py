"""Reading policies: which version is in force for a customer, and what was published before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import session
from app.core.errors import NotFound
from app.domain.approvals.models import Policy, PolicyRule, PolicyVersion
from app.domain.approvals.rules.sentences import rule_from
from app.domain.approvals.rules.verdict import Rule, Step


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """One version with its rules. `account_id` None: it is the reseller's policy for every customer without its own.

    `layer` `customer`: what the customer's own approvers ask of its buyers, besides the reseller's.
    """

    policy_id: UUID
    version_id: UUID
    number: int
    account_id: UUID | None
    published_at: datetime
    published_by_name: str
    publisher_ids: frozenset[UUID]
    note: str
    rules: tuple[Rule, ...]
    layer: str = "reseller"
    is_lifted: bool = False


@dataclass(frozen=True, slots=True)
class Policies:
    """What stands for one customer: `own` goes before `general`, and `inner`, the customer's own, comes on top of either."""

    own: PolicyInForce | None
    general: PolicyInForce | None
    inner: PolicyInForce | None = None
    publisher_ids: frozenset[UUID] = frozenset()  # who published the newest versions, lifted ones included

    @property
    def that_counts(self) -> PolicyInForce | None:
        """The reseller's."""
        return self.own or self.general


def policies_of(found: Sequence[PolicyInForce]) -> Policies:
    """Sorts the versions in force of one customer into their layers; a lifted one is as if it had never been."""
    standing = [policy for policy in found if not policy.is_lifted]
    return Policies(
        own=next((one for one in standing if one.layer == "reseller" and one.account_id is not None), None),
        general=next((one for one in standing if one.account_id is None), None),
        inner=next((one for one in standing if one.layer == "customer"), None),
        publisher_ids=frozenset(person for one in found for person in one.publisher_ids),
    )


def in_force(account_id: UUID, *, ignoring: Collection[UUID] = ()) -> Policies:
    """The newest version of each policy that concerns the customer. One query.

    `ignoring`: as if these people had never published anything.
    """
    newest = (
        select(PolicyVersion.id)
        .join(Policy, (Policy.tenant_id == PolicyVersion.tenant_id) & (Policy.id == PolicyVersion.policy_id))
        .where(or_(Policy.account_id == account_id, Policy.account_id.is_(None)))
        .ext(distinct_on(PolicyVersion.policy_id))
        .order_by(PolicyVersion.policy_id, PolicyVersion.number.desc())
    )
    if ignoring:
        newest = newest.where(~PolicyVersion.publisher_ids.overlap(list(ignoring)))
    return policies_of(_read(PolicyVersion.id.in_(newest)))


@dataclass(frozen=True, slots=True)
class PoliciesByAccount:
    """What stands for each customer of a reseller."""

    general: PolicyInForce | None
    own: Mapping[UUID, PolicyInForce]
    inner: Mapping[UUID, PolicyInForce]

    def inner_rules_of(self, account_id: UUID) -> tuple[Rule, ...]:
        """The customer's own rules for its buyers."""
        inner = self.inner.get(account_id)
        return inner.rules if inner else ()

    def rules_of(self, account_id: UUID) -> list[Rule] | None:
        """All rules that hold for a customer; None: nothing was ever published by the reseller, so everything waits."""
        counts = self.own.get(account_id) or self.general
        if counts is None:
            return None
        behind = len(counts.rules)
        inner = self.inner_rules_of(account_id)
        return [*counts.rules, *(replace(rule, position=behind + rule.position) for rule in inner)]


def policies_by_account() -> PoliciesByAccount:
    """Every policy in force of the tenant in scope. One query."""
    newest = (
        select(PolicyVersion.id)
        .ext(distinct_on(PolicyVersion.policy_id))
        .order_by(PolicyVersion.policy_id, PolicyVersion.number.desc())
    )
    found = [one for one in _read(PolicyVersion.id.in_(newest)) if not one.is_lifted]
    return PoliciesByAccount(
        next((one for one in found if one.account_id is None), None),
        {one.account_id: one for one in found if one.account_id and one.layer == "reseller"},
        {one.account_id: one for one in found if one.account_id and one.layer == "customer"},
    )


def policy_overview() -> list[PolicyInForce]:
    """The version in force of every policy of the reseller, the general one first; no customer's inner one. One query."""
    newest = (
        select(PolicyVersion.id)
        .ext(distinct_on(PolicyVersion.policy_id))
        .order_by(PolicyVersion.policy_id, PolicyVersion.number.desc())
    )
    found = [
        one
        for one in _read(PolicyVersion.id.in_(newest))
        if one.layer == "reseller" and not (one.is_lifted and one.account_id is not None)
    ]
    return sorted(found, key=lambda policy: policy.account_id is not None)


def policy_history(account_id: UUID | None, layer: str = "reseller") -> list[PolicyInForce]:
    """Every version ever published for this customer (None: for all), newest first. One query."""
    return sorted(_read(_owner(account_id, layer)), key=lambda policy: -policy.number)


def policy_version(version_id: UUID) -> PolicyInForce:
    """One version, in force or not; NotFound otherwise."""
    found = _read(PolicyVersion.id == version_id)
    if not found:
        raise NotFound
    return found[0]


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """What is being written; `rules` None: nothing is. `version` goes up with every change."""

    rules: tuple[Rule, ...] | None
    saved_at: datetime | None = None
    saved_by_name: str = ""
    version: int = 0


def policy_draft(account_id: UUID | None, layer: str = "reseller") -> PolicyDraft:
    """The draft of a policy. One query."""
    policy = session().scalars(select(Policy).where(_owner(account_id, layer))).one_or_none()
    if policy is None:
        return PolicyDraft(None)
    rules = None if policy.draft is None else tuple(rule_from(one) for one in policy.draft)
    return PolicyDraft(rules, policy.draft_saved_at, policy.draft_saved_by_name, policy.version)


def _owner(account_id: UUID | None, layer: str) -> ColumnElement[bool]:
    owner = Policy.account_id.is_(None) if account_id is None else Policy.account_id == account_id
    return and_(owner, Policy.layer == layer)


def _read(condition: object) -> list[PolicyInForce]:
    rows = session().execute(
        select(PolicyVersion, Policy.account_id, Policy.layer, PolicyRule)
        .join(Policy, (Policy.tenant_id == PolicyVersion.tenant_id) & (Policy.id == PolicyVersion.policy_id))
        .outerjoin(PolicyRule, PolicyRule.policy_version_id == PolicyVersion.id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(PolicyVersion.id, PolicyRule.position)
    )
    versions: dict[UUID, tuple[PolicyVersion, UUID | None, str, list[PolicyRule]]] = {}
    for version, account_id, layer, rule in rows:
        entry = versions.setdefault(version.id, (version, account_id, layer, []))
        if rule is not None:
            entry[3].append(rule)
    return [_frozen(*entry) for entry in versions.values()]


def _frozen(
    version: PolicyVersion, account_id: UUID | None, layer: str, rules: Sequence[PolicyRule]
) -> PolicyInForce:
    return PolicyInForce(
        policy_id=version.policy_id,
        version_id=version.id,
        number=version.number,
        account_id=account_id,
        published_at=version.published_at,
        published_by_name=version.published_by_name,
        publisher_ids=frozenset(version.publisher_ids),
        note=version.note,
        rules=tuple(_rule(rule) for rule in rules),
        layer=layer,
        is_lifted=version.is_lifted,
    )


def _rule(rule: PolicyRule) -> Rule:
    return Rule(
        id=rule.id,
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
        steps=tuple(Step.from_dict(step) for step in rule.steps),
    )
