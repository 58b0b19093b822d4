"""One request with everything a person needs to decide it: the frozen ask, the arithmetic, who decided, who may."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, cast, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from app.core.actor import Actor
from app.core.db import session
from app.core.errors import NotFound
from app.core.money import Money
from app.domain.approvals.models import ApprovalRequest, Decision, FrozenAsk
from app.domain.approvals.queries.inbox import RequestRow, mine_to_decide
from app.domain.approvals.queries.inbox import _row as row_of
from app.domain.approvals.rules.entitlement import DECIDE, REALM_OF
from app.domain.approvals.rules.verdict import Step, Verdict
from app.domain.people.models import Account, Person
from app.domain.people.rules.roles import ROLES


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody who may decide the current step."""

    id: UUID
    name: str
    email: str
    locale: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One answer that was given. `granted` is None for a refusal."""

    step: int
    answer: str
    comment: str
    person_name: str
    realm: str
    decided_at: datetime
    asked: Money
    granted: Money | None


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """A request as a page shows it. `digest` and `row.step` go into the form that decides; `content` is the frozen ask."""

    row: RequestRow
    digest: str
    content: Mapping[str, Any]
    verdict: Verdict
    steps: tuple[Step, ...]
    decisions: tuple[DecisionRow, ...]
    deciders: tuple[Decider, ...]
    closing_reason: str


def request_detail(request_id: UUID, by: Actor) -> RequestDetail:
    """The request, in the reader's scope; NotFound otherwise. Four queries, whatever it holds."""
    found = (
        session()
        .execute(
            select(ApprovalRequest, Account.name, mine_to_decide(by), FrozenAsk.content)
            .join(
                Account,
                and_(
                    Account.tenant_id == ApprovalRequest.tenant_id, Account.id == ApprovalRequest.account_id
                ),
            )
            .join(
                FrozenAsk,
                and_(
                    FrozenAsk.approval_request_id == ApprovalRequest.id,
                    FrozenAsk.digest == ApprovalRequest.digest,
                ),
            )
            .where(ApprovalRequest.id == request_id)
            .order_by(FrozenAsk.number.desc())
            .limit(1)
        )
        .first()
    )
    if found is None:
        raise NotFound
    request, account_name, is_mine, content = found
    decisions = (
        session()
        .scalars(select(Decision).where(Decision.approval_request_id == request_id).order_by(Decision.step))
        .all()
    )
    return RequestDetail(
        row=row_of(request, account_name, is_mine, decisions[-1].person_name if decisions else None),
        digest=request.digest,
        content=json.loads(content),
        verdict=Verdict.from_dict(request.verdict),
        steps=tuple(Step(**step) for step in request.steps),
        decisions=tuple(_decision(decision) for decision in decisions),
        deciders=tuple(deciders(request)) if request.state == "pending" else (),
        closing_reason=request.closing_reason,
    )


def _decision(decision: Decision) -> DecisionRow:
    granted = decision.granted_amount
    return DecisionRow(
        step=decision.step,
        answer=decision.answer,
        comment=decision.comment,
        person_name=decision.person_name,
        realm=decision.realm,
        decided_at=decision.decided_at,
        asked=Money(decision.asked_amount, decision.currency).rounded(),
        granted=None if granted is None else Money(granted, decision.currency).rounded(),
    )


def deciders(request: ApprovalRequest) -> list[Decider]:
    """Who may decide the current step, by name; empty means that nobody can, and it waits (fail closed). One query."""
    realm = REALM_OF[request.asks]
    able = sorted(role for role, permissions in ROLES[realm].items() if DECIDE in permissions)
    conditions = [
        Person.realm == realm,
        Person.is_active,
        _holds_one_of(able),
        ~Person.id.in_(request.requester_ids),
        ~Person.email.in_(request.requester_emails),
    ]
    if request.asks == "customer":
        conditions.append(Person.account_id == request.account_id)
    elif request.role is not None:
        conditions.append(_holds_one_of([request.role, "owner"]))
    rows = session().execute(
        select(Person.id, Person.name, Person.email, Person.locale)
        .where(Person.tenant_id == request.tenant_id, *conditions)
        .order_by(Person.name)
    )
    return [Decider(*row) for row in rows]


def _holds_one_of(roles: list[str]) -> ColumnElement[bool]:
    return Person.roles.op("&&", is_comparison=True)(cast(roles, ARRAY(String(20))))
