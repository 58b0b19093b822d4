"""One request with everything a person needs to decide it: the frozen ask, the arithmetic, who decided, who may."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, String, and_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.core import clock
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import NotFound
from app.core.money import Money
from app.domain.approvals.models import (
    ApprovalMessage,
    ApprovalProposal,
    ApprovalRequest,
    Decision,
    FrozenAsk,
)
from app.domain.approvals.queries.inbox import RequestRow, mine_to_decide
from app.domain.approvals.queries.inbox import _row as row_of
from app.domain.approvals.rules.entitlement import DECIDE, REALM_OF
from app.domain.approvals.rules.verdict import Step, Verdict
from app.domain.people.models import Account, Person
from app.domain.people.rules.roles import ROLES
from app.domain.tenants.models import Tenant

Absent = aliased(Person)


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody who may decide the current step."""

    id: UUID
    name: str
    email: str
    locale: str
    for_name: str = ""  # in whose place, where it is not in their own right


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was said: a decider's `question`, or an `answer` from those who asked."""

    kind: str
    content: str
    person_name: str
    realm: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Less:
    """An offer to approve less. `quantities` are {"line_id", "title", "before", "after"}."""

    id: UUID
    quantities: tuple[Mapping[str, Any], ...]
    comment: str
    person_name: str
    at: datetime


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
    for_name: str = ""
    digest: str = ""
    granted_digest: str | None = None


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
    messages: tuple[Message, ...] = ()
    less: Less | None = None
    requester_ids: frozenset[UUID] = frozenset()
    buyer_reminded_at: datetime | None = None


def request_detail(request_id: UUID, by: Actor) -> RequestDetail:
    """The request, in the reader's scope; NotFound otherwise. Three queries, whatever it holds."""
    found = (
        session()
        .execute(
            select(
                ApprovalRequest, Account.name, mine_to_decide(by), FrozenAsk.content, _thread(), _open_offer()
            )
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
    request, account_name, is_mine, content, thread, offer = found
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
        steps=tuple(Step.from_dict(step) for step in request.steps),
        decisions=tuple(_decision(decision) for decision in decisions),
        deciders=tuple(deciders(request)) if request.state == "pending" else (),
        closing_reason=request.closing_reason,
        messages=tuple(_message(said) for said in thread or ()),
        less=_less(offer) if offer else None,
        requester_ids=frozenset(request.requester_ids),
        buyer_reminded_at=request.buyer_reminded_at,
    )


def _thread() -> ColumnElement[Any]:
    """A column: what was said about a request, as JSON."""
    said = func.json_build_object(
        "kind", ApprovalMessage.kind, "content", ApprovalMessage.content, "person_name", ApprovalMessage.person_name,
        "realm", ApprovalMessage.realm, "at", ApprovalMessage.created_at,
    )  # fmt: skip
    return (
        select(func.json_agg(aggregate_order_by(said, ApprovalMessage.created_at, ApprovalMessage.id)))
        .where(ApprovalMessage.approval_request_id == ApprovalRequest.id)
        .correlate(ApprovalRequest)
        .scalar_subquery()
    )


def _open_offer() -> ColumnElement[Any]:
    """A column: the open offer to approve less, as JSON."""
    return (
        select(
            func.json_build_object(
                "id",
                ApprovalProposal.id,
                "quantities",
                ApprovalProposal.quantities,
                "comment",
                ApprovalProposal.comment,
                "person_name",
                ApprovalProposal.person_name,
                "at",
                ApprovalProposal.created_at,
            )
        )
        .where(ApprovalProposal.approval_request_id == ApprovalRequest.id, ApprovalProposal.state == "open")
        .correlate(ApprovalRequest)
        .limit(1)
        .scalar_subquery()
    )


def _message(said: Mapping[str, Any]) -> Message:
    return Message(**{**said, "at": datetime.fromisoformat(said["at"])})


def _less(offer: Mapping[str, Any]) -> Less:
    return Less(
        UUID(offer["id"]),
        tuple(offer["quantities"]),
        offer["comment"],
        offer["person_name"],
        datetime.fromisoformat(offer["at"]),
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
        for_name=decision.for_person_name,
        digest=decision.digest,
        granted_digest=decision.granted_digest,
    )


def deciders(request: ApprovalRequest) -> list[Decider]:
    """Who may decide the current step, by name, with those who stand in for somebody today. Empty means that nobody can, and
    it waits (fail closed). Two queries.
    """
    realm = REALM_OF[request.asks]
    able = sorted(role for role, permissions in ROLES[realm].items() if DECIDE in permissions)
    conditions = [Person.realm == realm, Person.is_active, _holds_one_of(able)]
    if request.asks == "customer":
        conditions.append(Person.account_id == request.account_id)
    if request.asked_ids is not None:
        conditions.append(Person.id.in_(request.asked_ids))
    elif request.asks == "reseller" and request.role is not None:
        conditions.append(_holds_one_of([request.role, "owner"]))
    taken = select(func.unnest(Decision.decider_ids)).where(Decision.approval_request_id == request.id)
    whose = (
        select(Person.id)
        .where(
            Person.tenant_id == request.tenant_id, *conditions, *_not_behind(request), Person.id.not_in(taken)
        )
        .scalar_subquery()
    )
    today = cast(
        func.timezone(
            select(Tenant.time_zone).where(Tenant.id == request.tenant_id).scalar_subquery(), clock.now()
        ),
        Date,
    )
    standing_in = func.standing_in(func.array(whose), today).table_valued("person_id", "for_id")
    for_name = select(Absent.name).where(Absent.id == standing_in.c.for_id).scalar_subquery()
    own = select(Person.id, Person.name, Person.email, Person.locale, literal("")).where(Person.id.in_(whose))
    others = (
        select(Person.id, Person.name, Person.email, Person.locale, for_name)
        .join(standing_in, standing_in.c.person_id == Person.id)
        .where(*_not_behind(request), Person.id.not_in(taken), Person.id.not_in(whose))
    )
    rows = session().execute(own.union_all(others)).all()
    return sorted(
        {row[0]: Decider(*row) for row in reversed(rows)}.values(), key=lambda decider: decider.name
    )


def _not_behind(request: ApprovalRequest) -> list[ColumnElement[bool]]:
    return [~Person.id.in_(request.requester_ids), ~Person.email.in_(request.requester_emails)]


def _holds_one_of(roles: list[str]) -> ColumnElement[bool]:
    return Person.roles.op("&&", is_comparison=True)(cast(roles, ARRAY(String(20))))
