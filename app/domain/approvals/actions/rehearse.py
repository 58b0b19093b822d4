"""Rehearsing a draft: replaying past orders under it and under what is in force, by a job that says how far it is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.core import clock, jobs, scope
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Forbidden, Invalid
from app.core.unit import unit
from app.domain.approvals.models import Commitment, Policy, PolicyVersion, Rehearsal
from app.domain.approvals.queries.policies import policies_by_account
from app.domain.approvals.queries.rehearsals import pace_of_steps
from app.domain.approvals.queries.spending import Rates
from app.domain.approvals.rules.asked import Item
from app.domain.approvals.rules.replay import Answer, Past, Replay
from app.domain.approvals.rules.sentences import rule_from, rule_to
from app.domain.approvals.rules.steps import Step
from app.domain.approvals.rules.verdict import Rule
from app.domain.people.models import Account
from app.domain.tenants.models import Tenant

DAYS = 90
BATCH = 40
"""Customers that are replayed at a time; after each batch the page sees how far it is."""
EXAMPLES = 25


def start_rehearsal(
    account_id: UUID | None, rules: Sequence[Rule], *, days: int = DAYS, by: Actor
) -> Rehearsal:
    """Begins to replay the last `days` days under `rules`; `account_id` None: for every customer without a policy of its own."""
    if not by.can("policy:edit"):
        raise Forbidden("Only people who may edit policies can rehearse one.")
    if not 1 <= days <= 366:
        raise Invalid({"days": "Give a number of days from 1 to 366."})
    row = Rehearsal(
        account_id=account_id,
        rules=[rule_to(rule) for rule in rules],
        days=days,
        started_by_name=by.name,
        result={},
    )
    session().add(row)
    session().flush()
    jobs.defer("approvals.rehearse", rehearsal_id=row.id, tenant_id=row.tenant_id)
    return row


@dataclass
class _Result:
    """What adds up over all customers."""

    orders: int = 0
    waiting: int = 0
    waiting_now: int = 0
    newly: int = 0
    no_longer: int = 0
    seconds: float = 0.0
    by_rule: Counter[int] = field(default_factory=Counter)
    by_step: Counter[Step] = field(default_factory=Counter)
    by_account: dict[str, list[int]] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def take(self, account_id: UUID, draft: Answer, now: Answer, pace: dict[str, float]) -> None:
        waits, waited = bool(draft.steps), bool(now.steps)
        self.orders += 1
        self.waiting += waits
        self.waiting_now += waited
        self.newly += waits and not waited
        self.no_longer += waited and not waits
        counts = self.by_account.setdefault(str(account_id), [0, 0, 0])
        counts[0] += 1
        counts[1] += waits
        counts[2] += waited
        if waits:
            self.by_rule.update(draft.met)
            self.by_step.update(draft.steps)
            self.seconds += sum(pace.get(step.asks, 0.0) for step in draft.steps)
        if waits != waited:
            self.examples.append(
                {
                    "subject_id": str(draft.past.subject_id),
                    "account_id": str(account_id),
                    "placed_at": draft.past.placed_at.isoformat(),
                    "waits": waits,
                    "rules": list(draft.met if waits else now.met),
                }
            )
            del self.examples[:-EXAMPLES]

    def to_dict(self, pace: dict[str, float]) -> dict[str, Any]:
        busiest = sorted(self.by_account.items(), key=lambda pair: (-pair[1][1], -pair[1][0]))[:12]
        return {
            "orders": self.orders,
            "waiting": self.waiting,
            "waiting_now": self.waiting_now,
            "newly": self.newly,
            "no_longer": self.no_longer,
            "seconds": round(self.seconds / self.waiting) if self.waiting else 0,
            "by_rule": {str(position): count for position, count in sorted(self.by_rule.items())},
            "by_step": [
                {"step": step.to_dict(), "count": count, "seconds": round(pace.get(step.asks, 0.0))}
                for step, count in self.by_step.most_common()
            ],
            "by_account": [[account_id, *counts] for account_id, counts in busiest],
            "examples": self.examples[::-1],
        }


def run_rehearsal(rehearsal_id: UUID, tenant_id: UUID) -> None:
    """The job: replays batch by batch, each in a unit of its own, and notes how far it is. Run again, it starts over."""
    whose = scope.tenant(tenant_id)
    try:
        _run(rehearsal_id, whose)
    except Exception:
        _note(whose, rehearsal_id, state="failed")
        raise


def _run(rehearsal_id: UUID, whose: scope.Scope) -> None:
    with unit(whose, read_only=True):
        row = session().get(Rehearsal, rehearsal_id)
        if row is None or row.state != "running":
            return
        rules, days, account_id = [rule_from(one) for one in row.rules], row.days, row.account_id
        until = row.created_at
        zone = session().scalars(select(Tenant.time_zone).where(Tenant.id == whose.tenant_id)).one()
        pace = pace_of_steps(until - timedelta(days=days))
        accounts = _accounts(account_id, until - timedelta(days=days))
        in_force = policies_by_account()
    since = until - timedelta(days=days)
    draft, result = Replay(rules, zone), _Result()
    total, done = sum(count for _, count in accounts), 0
    for start in range(0, len(accounts), BATCH):
        batch = accounts[start : start + BATCH]
        with unit(whose, read_only=True):
            present = {one: Replay(in_force.rules_of(one), zone) for one, _ in batch}
            inner = {one: in_force.inner_rules_of(one) for one, _ in batch}
            with_inner = {
                one: draft if not added else Replay([*rules, *_after(added, len(rules))], zone)
                for one, added in inner.items()
            }
            reach = max(replay.reach for replay in (draft, *present.values(), *with_inner.values()))
            currencies = set().union(
                *(replay.currencies for replay in (draft, *present.values(), *with_inner.values()))
            )
            for one, pasts in _pasts([one for one, _ in batch], since - reach, until, currencies):
                answers = zip(
                    with_inner[one].of_customer(pasts), present[one].of_customer(pasts), strict=True
                )
                for would, now in answers:
                    if would.past.placed_at >= since:
                        result.take(one, would, now, pace)
        done += sum(count for _, count in batch)
        _note(whose, rehearsal_id, done=done, total=total)
    _note(whose, rehearsal_id, done=total, total=total, state="done", result=result.to_dict(pace))


def _after(rules: Sequence[Rule], count: int) -> list[Rule]:
    """A customer's own rules, behind the reseller's."""
    return [replace(rule, position=count + rule.position) for rule in rules]


def _note(whose: scope.Scope, rehearsal_id: UUID, **values: Any) -> None:
    with unit(whose):
        row = session().get(Rehearsal, rehearsal_id)
        if row is not None:
            for name, value in values.items():
                setattr(row, name, value)


def _accounts(account_id: UUID | None, since: datetime) -> list[tuple[UUID, int]]:
    """Whom the draft would concern, with how many orders they placed since then."""
    own = select(Policy.account_id).where(Policy.account_id.is_not(None), Policy.layer == "reseller")
    concerned = Account.id == account_id if account_id is not None else Account.id.not_in(_standing(own))
    rows = session().execute(
        select(Commitment.account_id, func.count())
        .join(Account, (Account.tenant_id == Commitment.tenant_id) & (Account.id == Commitment.account_id))
        .where(concerned, Commitment.placed_at >= since)
        .group_by(Commitment.account_id)
        .order_by(Commitment.account_id)
    )
    return [(row[0], row[1]) for row in rows]


def _standing(own: Any) -> Any:
    newest = (
        select(PolicyVersion.is_lifted)
        .where(PolicyVersion.policy_id == Policy.id)
        .order_by(PolicyVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return own.where(newest.is_(False))


def _pasts(
    account_ids: Sequence[UUID], since: datetime, until: datetime, currencies: set[str]
) -> Iterator[tuple[UUID, list[Past]]]:
    """What these customers asked for, in order. One statement, and one for rates."""
    first = (
        select(Commitment.account_id, func.min(Commitment.placed_at).label("at"))
        .where(Commitment.account_id.in_(account_ids), Commitment.subject_type == "order")
        .group_by(Commitment.account_id)
        .subquery()
    )
    rows = (
        session()
        .execute(
            select(
                Commitment.account_id,
                Commitment.subject_id,
                Commitment.subject_type,
                Commitment.placed_at,
                Commitment.currency,
                Commitment.amount,
                Commitment.counted,
                Commitment.items,
                first.c.at,
            )
            .outerjoin(first, first.c.account_id == Commitment.account_id)
            .where(
                Commitment.account_id.in_(account_ids),
                Commitment.placed_at >= since,
                Commitment.placed_at <= until,
            )
            .order_by(Commitment.account_id, Commitment.placed_at, Commitment.id)
        )
        .all()
    )
    rates = Rates(currencies | {row.currency for row in rows}, clock.now())
    for account_id, group in groupby(rows, key=lambda row: row.account_id):
        yield (
            account_id,
            [
                Past(
                    row.subject_id,
                    row.subject_type,
                    row.placed_at,
                    {
                        currency: Decimal(row.counted[currency])
                        if currency in row.counted
                        else rates.convert(row.amount, row.currency, currency)
                        for currency in currencies
                    },
                    None if row.items is None else tuple(Item.from_list(one) for one in row.items),
                    row.at == row.placed_at,
                )
                for row in group
            ],
        )
