"""The one inbox: everything that waits or waited, for the reseller's people and for a customer's own approvers.

The scope decides whose requests are seen (all customers' in the console, one customer's in the shop); `mine` narrows them
to what the reader may decide now.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import and_, exists, false, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.core import clock
from app.core.actor import Actor
from app.core.db import session, streamed
from app.core.money import Money
from app.core.paging import ALL, PAGE_SIZE, Page, like
from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.approvals.rules.entitlement import DECIDE
from app.domain.people.models import Account
from app.domain.people.rules.roles import permissions_of

OLDEST, NEWEST = ApprovalRequest.created_at, ApprovalRequest.created_at.desc()
SORTS = {
    "asked": (OLDEST,),
    "amount": (ApprovalRequest.total_amount, OLDEST),
    "expires": (ApprovalRequest.expires_at, OLDEST),
    "account": (Account.name, OLDEST),
    "number": (ApprovalRequest.subject_number,),
}


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One line of the inbox. `asks` is who the current step asks: `customer` or `reseller`, there `role` if it names one."""

    id: UUID
    subject_type: str
    subject_id: UUID
    subject_number: str
    summary: str
    account_id: UUID
    account_name: str
    state: str
    total: Money
    asks: str
    role: str | None
    step: int
    steps: int
    requested_by_name: str
    requested_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    decided_by_name: str | None
    is_mine: bool
    digest: str = ""
    step_began_at: datetime | None = None
    is_sent_back: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests wait in the reader's scope, and how many of them the reader may decide."""

    waiting: int
    mine: int


def mine_to_decide(by: Actor) -> ColumnElement[bool]:
    """Whether the current step of a pending request asks this person, themselves or in the place of somebody who is away,
    and it is not their own request.
    """
    asks = {"storefront": "customer", "console": "reseller"}.get(by.realm)
    if asks is None or not by.can(DECIDE) or not by.people:
        return false()
    rights = []
    if DECIDE in permissions_of(by.realm, by.roles):
        rights.append(_asks(by.people, by.roles, asks))
    for absent in by.stands_in_for:
        if DECIDE in permissions_of(by.realm, absent.roles):
            rights.append(
                and_(
                    _asks({absent.person_id}, absent.roles, asks),
                    *_not_behind({absent.person_id}, absent.email),
                    ~_has_decided({absent.person_id}),
                )
            )
    asked = [ApprovalRequest.state == "pending", ApprovalRequest.asks == asks, or_(*rights)]
    if asks == "customer":
        asked.append(ApprovalRequest.account_id == by.account_id)
    return and_(*asked, *_not_behind(by.people, by.email), ~_has_decided(by.people))


def _asks(people: Collection[UUID], roles: Collection[str], asks: str) -> ColumnElement[bool]:
    """The current step names these people, or asks everybody of a role that they hold."""
    everybody: list[ColumnElement[bool]] = [ApprovalRequest.asked_ids.is_(None)]
    if asks == "reseller" and "owner" not in roles:
        everybody.append(or_(ApprovalRequest.role.is_(None), ApprovalRequest.role.in_(sorted(roles))))
    return or_(ApprovalRequest.asked_ids.overlap(sorted(people)), and_(*everybody))


def _not_behind(people: Collection[UUID], email: str) -> list[ColumnElement[bool]]:
    found = [~ApprovalRequest.requester_ids.overlap(sorted(people))]
    if email:
        found.append(~ApprovalRequest.requester_emails.contains([email]))
    return found


def _has_decided(people: Collection[UUID]) -> ColumnElement[bool]:
    return and_(
        or_(ApprovalRequest.step > 0, ApprovalRequest.asked_ids.is_not(None)),
        exists()
        .where(
            Decision.approval_request_id == ApprovalRequest.id, Decision.decider_ids.overlap(sorted(people))
        )
        .correlate(ApprovalRequest),
    )


def waiting_counts(by: Actor) -> Counts:
    """For the number in the header. One query."""
    waiting, mine = (
        session()
        .execute(
            select(func.count(), func.count().filter(mine_to_decide(by)))
            .select_from(ApprovalRequest)
            .where(ApprovalRequest.state == "pending")
        )
        .one()
    )
    return Counts(waiting, mine)


@dataclass(frozen=True, slots=True)
class Narrow:
    """What of the inbox is looked for; everything as it is leaves nothing out.

    `kind` is a subject type, `older_than` days since it was asked; amounts are in whatever currency a request has.
    """

    kind: str = ""
    account_id: UUID | None = None
    older_than: int = 0
    least: Decimal | None = None
    most: Decimal | None = None
    q: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.kind:
            found.append(ApprovalRequest.subject_type == self.kind)
        if self.account_id is not None:
            found.append(ApprovalRequest.account_id == self.account_id)
        if self.older_than:
            found.append(ApprovalRequest.created_at <= clock.now() - timedelta(days=self.older_than))
        if self.least is not None:
            found.append(ApprovalRequest.total_amount >= self.least)
        if self.most is not None:
            found.append(ApprovalRequest.total_amount <= self.most)
        if self.q:
            found.append(_mentions(like(self.q)))
        return found


def _mentions(found: str) -> ColumnElement[bool]:
    accounts = select(Account.id).where(func.plain(Account.name).like(func.plain(found), escape="\\"))
    return or_(
        ApprovalRequest.subject_number.ilike(found, escape="\\"),
        func.plain(ApprovalRequest.summary).like(func.plain(found), escape="\\"),
        func.plain(ApprovalRequest.requested_by_name).like(func.plain(found), escape="\\"),
        ApprovalRequest.account_id.in_(accounts),
    )


def inbox(
    by: Actor,
    *,
    state: str = "pending",
    mine: bool = False,
    narrow: Narrow | None = None,
    sort: str = "",
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page[RequestRow]:
    """One page of requests. `state`: a state of a request, `closed` (all but pending), or empty for all.

    `sort`: a key of SORTS, with `-` in front for descending; by default what waits comes oldest first and what is closed
    newest first. A `size` of `ALL` streams every row, uncounted. Two queries.
    """
    conditions: list[ColumnElement[bool]] = []
    if state == "closed":
        conditions.append(ApprovalRequest.state != "pending")
    elif state:
        conditions.append(ApprovalRequest.state == state)
    if mine:
        conditions.append(mine_to_decide(by))
    conditions += (narrow or Narrow()).conditions()
    joined = (
        select(
            ApprovalRequest,
            Account.name,
            mine_to_decide(by),
            select(Decision.person_name)
            .where(Decision.approval_request_id == ApprovalRequest.id)
            .order_by(Decision.step.desc())
            .limit(1)
            .correlate(ApprovalRequest)
            .scalar_subquery(),
        )
        .join(
            Account,
            and_(Account.tenant_id == ApprovalRequest.tenant_id, Account.id == ApprovalRequest.account_id),
        )
        .where(*conditions)
    )
    joined = joined.order_by(*_order(sort, state), ApprovalRequest.id)
    if size == ALL:
        return Page(cast(Any, (_row(*row) for row in streamed(joined))), 0, 1, ALL)
    total = session().scalar(select(func.count()).select_from(ApprovalRequest).where(*conditions)) or 0
    rows = session().execute(joined.limit(size).offset((page - 1) * size))
    return Page([_row(*row) for row in rows], total, page, size)


def _order(sort: str, state: str) -> tuple[ColumnElement[object], ...]:
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key not in SORTS:
        return (OLDEST,) if state == "pending" else (NEWEST,)  # type: ignore[return-value]
    first, *rest = SORTS[key]
    return (first.desc() if descending else first, *rest)  # type: ignore[return-value]


def _row(
    request: ApprovalRequest, account_name: str, is_mine: bool, decided_by_name: str | None
) -> RequestRow:
    return RequestRow(
        id=request.id,
        subject_type=request.subject_type,
        subject_id=request.subject_id,
        subject_number=request.subject_number,
        summary=request.summary,
        account_id=request.account_id,
        account_name=account_name,
        state=request.state,
        total=_money(request.total_amount, request.currency),
        asks=request.asks,
        role=request.role,
        step=request.step,
        steps=len(request.steps),
        requested_by_name=request.requested_by_name,
        requested_at=request.created_at,
        expires_at=request.expires_at,
        closed_at=request.closed_at,
        decided_by_name=decided_by_name,
        is_mine=bool(is_mine),
        digest=request.digest,
        step_began_at=request.step_began_at,
        is_sent_back=request.is_sent_back,
    )


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount, currency).rounded()
