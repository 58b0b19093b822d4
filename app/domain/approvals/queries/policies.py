"""Reading policies: which version is in force for a customer, and what was published before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.core.db import session
from app.domain.approvals.models import Policy, PolicyRule, PolicyVersion
from app.domain.approvals.rules.verdict import Rule


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """One version with its rules. `account_id` None: it is the reseller's policy for every customer without its own."""

    policy_id: UUID
    version_id: UUID
    number: int
    account_id: UUID | None
    published_at: datetime
    published_by_name: str
    publisher_ids: frozenset[UUID]
    note: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Policies:
    """What stands for one customer: `own` goes before `general`."""

    own: PolicyInForce | None
    general: PolicyInForce | None

    @property
    def that_counts(self) -> PolicyInForce | None:
        return self.own or self.general


def in_force(account_id: UUID, *, ignoring: Collection[UUID] = ()) -> Policies:
    """The newest version of the customer's own policy and of the general one. One query.

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
    found = _read(PolicyVersion.id.in_(newest))
    return Policies(
        next((policy for policy in found if policy.account_id is not None), None),
        next((policy for policy in found if policy.account_id is None), None),
    )


def policy_overview() -> list[PolicyInForce]:
    """The version in force of every policy of the reseller, the general one first. One query."""
    newest = (
        select(PolicyVersion.id)
        .ext(distinct_on(PolicyVersion.policy_id))
        .order_by(PolicyVersion.policy_id, PolicyVersion.number.desc())
    )
    return sorted(_read(PolicyVersion.id.in_(newest)), key=lambda policy: policy.account_id is not None)


def policy_history(account_id: UUID | None) -> list[PolicyInForce]:
    """Every version ever published for this customer (None: for all), newest first. One query."""
    owner = Policy.account_id.is_(None) if account_id is None else Policy.account_id == account_id
    return sorted(_read(owner), key=lambda policy: -policy.number)


def _read(condition: object) -> list[PolicyInForce]:
    rows = session().execute(
        select(PolicyVersion, Policy.account_id, PolicyRule)
        .join(Policy, (Policy.tenant_id == PolicyVersion.tenant_id) & (Policy.id == PolicyVersion.policy_id))
        .outerjoin(PolicyRule, PolicyRule.policy_version_id == PolicyVersion.id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(PolicyVersion.id, PolicyRule.position)
    )
    versions: dict[UUID, tuple[PolicyVersion, UUID | None, list[PolicyRule]]] = {}
    for version, account_id, rule in rows:
        entry = versions.setdefault(version.id, (version, account_id, []))
        if rule is not None:
            entry[2].append(rule)
    return [_frozen(*entry) for entry in versions.values()]


def _frozen(version: PolicyVersion, account_id: UUID | None, rules: Sequence[PolicyRule]) -> PolicyInForce:
    return PolicyInForce(
        policy_id=version.policy_id,
        version_id=version.id,
        number=version.number,
        account_id=account_id,
        published_at=version.published_at,
        published_by_name=version.published_by_name,
        publisher_ids=frozenset(version.publisher_ids),
        note=version.note,
        rules=tuple(
            Rule(
                id=rule.id,
                position=rule.position,
                trigger=rule.trigger,
                asks=rule.asks,
                amount=rule.amount,
                currency=rule.currency,
                window_days=rule.window_days,
                role=rule.role,
                expires_after_days=rule.expires_after_days,
            )
            for rule in rules
        ),
    )
