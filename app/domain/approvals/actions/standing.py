"""Who is deciding, and in whose right: read afresh and held to the end of the unit, never taken from a session (P8, P16)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, NotFound
from app.domain.approvals.errors import SelfDecision
from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.approvals.rules.entitlement import Standing, is_self, right_of
from app.domain.people.models import Person
from app.domain.people.queries import absent_of
from app.domain.people.rules.roles import permissions_of
from app.domain.tenants.models import Tenant

security_log = logging.getLogger("awning.security")


def lock_request(request_id: UUID) -> ApprovalRequest:
    """The request, locked to the end of the unit and read afresh; NotFound when it is not in scope."""
    request = (
        session()
        .scalars(
            select(ApprovalRequest)
            .where(ApprovalRequest.id == request_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if request is None:
        raise NotFound
    return request


@dataclass(frozen=True, slots=True)
class Right:
    """Whoever decides (`own`), and in whose right: the same standing, or that of somebody who is away."""

    own: Standing
    whose: Standing

    @property
    def stands_in_for(self) -> Standing | None:
        """Who is away, where it is not the decider's own right."""
        return None if self.whose is self.own else self.whose

    @property
    def people(self) -> frozenset[UUID]:
        """Everyone whose decision this is."""
        return self.own.person_ids | self.whose.person_ids


def entitle(request: ApprovalRequest, step: int, by: Actor) -> Right:
    """In whose right `by` may act on the current step of a locked request; `step` is the one that the page showed.

    Raises SelfDecision, Conflict (no longer pending, another step, expired, decided an earlier step), Forbidden (not asked).
    """
    own = _standing(by)
    if is_self(own, request.requester_ids, request.requester_emails):
        security_log.warning("self-decision refused: request %s, person %s", request.id, by.person_id)
        raise SelfDecision
    if request.state != "pending" or request.step != step:
        raise Conflict(how_it_ended(request, step))
    taken = _decided_before(request)
    asked = {
        "asks": request.asks,
        "role": request.role,
        "account_id": request.account_id,
        "people": request.asked_ids,
        "requester_ids": request.requester_ids,
        "requester_emails": request.requester_emails,
    }
    absent = _absent(by, own)
    whose = right_of(own, absent, **asked, taken=taken)
    if whose is None or own.person_ids & taken:
        if own.person_ids & taken or right_of(own, absent, **asked) is not None:
            raise Conflict(
                "You have decided an earlier step of this request, so somebody else decides this one."
            )
        raise Forbidden("This request does not ask you.")
    if request.expires_at <= clock.now():
        raise Conflict("This request has expired and can no longer be decided.")
    return Right(own, whose)


def _standing(by: Actor) -> Standing:
    """What the decider is at this moment, from the database: a role taken away a second ago is gone (promise P16)."""
    if by.person_id is None:
        raise Forbidden("Only people decide requests.")
    found = _held([by.person_id])
    if not found:
        raise Forbidden("This request does not ask you.")
    return _as_standing(found[0], by.people)


def _absent(by: Actor, own: Standing) -> list[Standing]:
    """Those in whose place the decider acts today; only people of the same place can be meant."""
    assert by.person_id is not None
    ids = [UUID(row["id"]) for row in absent_of(by.person_id)]
    return [
        _as_standing(person, frozenset({person.id}))
        for person in (_held(ids) if ids else ())
        if own.is_active and person.realm == own.realm and person.account_id == own.account_id
    ]


def _held(ids: Sequence[UUID]) -> Sequence[Person]:
    return (
        session()
        .scalars(
            select(Person)
            .where(Person.id.in_(ids))
            .order_by(Person.id)
            .with_for_update(read=True)
            .execution_options(populate_existing=True)
        )
        .all()
    )


def _as_standing(person: Person, ids: frozenset[UUID]) -> Standing:
    return Standing(
        person_ids=ids,
        email=person.email,
        realm=person.realm,
        account_id=person.account_id,
        roles=frozenset(person.roles),
        permissions=permissions_of(person.realm, person.roles),
        is_active=person.is_active,
        name=person.name,
    )


def _decided_before(request: ApprovalRequest) -> frozenset[UUID]:
    rows = session().scalars(select(Decision.decider_ids).where(Decision.approval_request_id == request.id))
    return frozenset(person for ids in rows for person in ids)


def how_it_ended(request: ApprovalRequest, step: int = 0) -> str:
    """The sentence for whoever came late: "Decided by Bea at 14:02." in the reseller's time zone."""
    found = (
        session()
        .execute(
            select(Decision, Tenant.time_zone)
            .join(Tenant, Tenant.id == Decision.tenant_id)
            .where(Decision.approval_request_id == request.id, Decision.step >= step)
            .order_by(Decision.step)
            .limit(1)
        )
        .first()
    )
    if found is not None:
        decision, zone = found
        return f"Decided by {decision.person_name} at {_clock_time(decision.decided_at, zone)}: {decision.answer}."
    if request.state == "pending":
        return "This request is at another step by now. Look at it again."
    return f"This request was {request.state} and can no longer be decided."


def _clock_time(instant: datetime, zone: str) -> str:
    there, today = instant.astimezone(ZoneInfo(zone)), clock.today(zone)
    return f"{there:%H:%M}" if there.date() == today else f"{there:%H:%M on %d %B %Y}"


def note_self_decision(request_id: UUID, by: Actor) -> None:
    """Writes the security event of a refused self-decision. For doors: in a unit of its own, after SelfDecision."""
    request = session().get(ApprovalRequest, request_id)
    if request is None:
        raise NotFound
    events.record(
        "security.self_decision_refused",
        request,
        by,
        {"number": request.subject_number, "impersonated_by": by.impersonated_by},
    )
