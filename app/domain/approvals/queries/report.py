"""What was decided in a period: how long it took by kind and by person, who decided what, and what went out of the ordinary."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.core.db import session, streamed
from app.core.events import Event
from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.people.models import Account

Before = aliased(Decision)


@dataclass(frozen=True, slots=True)
class Pace:
    """Answers of one kind of request or of one person; `median` and `slow` (the 90th percentile) are seconds."""

    name: str
    approved: int
    refused: int
    median: float
    slow: float
    realm: str = ""
    stood_in: int = 0

    @property
    def count(self) -> int:
        """All answers."""
        return self.approved + self.refused


@dataclass(frozen=True, slots=True)
class Exceptions:
    """How often something went out of the ordinary."""

    expired: int
    escalated: int
    stood_in: int
    repriced: int


@dataclass(frozen=True, slots=True)
class Report:
    """A period's decisions. `kinds` count requests that were decided, `people` answers that were given."""

    kinds: tuple[Pace, ...]
    people: tuple[Pace, ...]
    exceptions: Exceptions


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer with what it was about; `seconds` it took since its step was asked."""

    request_id: UUID
    number: str
    summary: str
    kind: str
    account_name: str
    answer: str
    person_name: str
    for_name: str
    currency: str
    asked: Decimal
    granted: Decimal | None
    decided_at: datetime
    seconds: float


def report(since: datetime) -> Report:
    """Everything decided from `since` on, in the reader's scope. Three statements."""
    return Report(_kinds(since), _people(since), _exceptions(since))


def answered(since: datetime) -> Iterator[Answered]:
    """Every answer from `since` on, the newest first, to be gone through once. One statement."""
    rows = streamed(
        select(
            ApprovalRequest.id,
            ApprovalRequest.subject_number,
            ApprovalRequest.summary,
            ApprovalRequest.subject_type,
            Account.name,
            Decision.answer,
            Decision.person_name,
            Decision.for_person_name,
            Decision.currency,
            Decision.asked_amount,
            Decision.granted_amount,
            Decision.decided_at,
            _took(),
        )
        .join(ApprovalRequest, _ITS_REQUEST)
        .join(
            Account,
            and_(Account.tenant_id == ApprovalRequest.tenant_id, Account.id == ApprovalRequest.account_id),
        )
        .where(Decision.decided_at >= since)
        .order_by(Decision.decided_at.desc(), Decision.id)
    )
    return (Answered(*row[:-1], float(row[-1])) for row in rows)


_ITS_REQUEST = and_(
    ApprovalRequest.tenant_id == Decision.tenant_id, ApprovalRequest.id == Decision.approval_request_id
)


def _took() -> Any:
    """A column: seconds from the last answer to an earlier step, or else from the request, to this answer."""
    asked_at = (
        select(func.max(Before.decided_at))
        .where(Before.approval_request_id == Decision.approval_request_id, Before.step < Decision.step)
        .correlate(Decision)
        .scalar_subquery()
    )
    return func.extract("epoch", Decision.decided_at - func.coalesce(asked_at, ApprovalRequest.created_at))


def _spread(seconds: Any) -> list[Any]:
    return [func.percentile_cont(part).within_group(seconds) for part in (0.5, 0.9)]


def _kinds(since: datetime) -> tuple[Pace, ...]:
    took = func.extract("epoch", ApprovalRequest.closed_at - ApprovalRequest.created_at)
    rows = session().execute(
        select(
            ApprovalRequest.subject_type,
            func.count().filter(ApprovalRequest.state == "approved"),
            func.count().filter(ApprovalRequest.state == "refused"),
            *_spread(took),
        )
        .where(ApprovalRequest.closed_at >= since, ApprovalRequest.state.in_(("approved", "refused")))
        .group_by(ApprovalRequest.subject_type)
        .order_by(func.count().desc(), ApprovalRequest.subject_type)
    )
    return tuple(Pace(*row) for row in rows)


def _people(since: datetime) -> tuple[Pace, ...]:
    answers = (
        select(
            Decision.person_id,
            Decision.person_name,
            Decision.realm,
            Decision.answer,
            Decision.for_person_id,
            _took().label("took"),
        )
        .join(ApprovalRequest, _ITS_REQUEST)
        .where(Decision.decided_at >= since)
        .subquery()
    )
    rows = session().execute(
        select(
            func.max(answers.c.person_name),
            func.count().filter(answers.c.answer == "approved"),
            func.count().filter(answers.c.answer == "refused"),
            *_spread(answers.c.took),
            answers.c.realm,
            func.count(answers.c.for_person_id),
        )
        .group_by(answers.c.person_id, answers.c.realm)
        .order_by(func.count().desc(), func.max(answers.c.person_name))
    )
    return tuple(Pace(*row) for row in rows)


def _exceptions(since: datetime) -> Exceptions:
    expired = select(func.count()).where(
        ApprovalRequest.state == "expired", ApprovalRequest.closed_at >= since
    )
    escalated = select(func.count(Event.subject_id.distinct())).where(
        Event.name == "approval_request.escalated", Event.created_at >= since
    )
    decided = select(func.count()).where(Decision.decided_at >= since)
    row = session().execute(
        select(
            expired.scalar_subquery(),
            escalated.scalar_subquery(),
            decided.where(Decision.for_person_id.is_not(None)).scalar_subquery(),
            decided.where(Decision.granted_amount != Decision.asked_amount).scalar_subquery(),
        )
    )
    return Exceptions(*row.one())
