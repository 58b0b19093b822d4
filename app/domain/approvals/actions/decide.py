"""Deciding a request: once, by somebody who is asked and is not behind it, over exactly what they saw (P7, P8).

What the decision does to the subject is the subject's own matter (`ports.Subject`).
"""

import json
import logging
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.money import Money
from app.domain.approvals import ports
from app.domain.approvals.actions.gate import release, restate
from app.domain.approvals.errors import PriceMoved, SelfDecision, StaleAsk
from app.domain.approvals.models import REQUEST, ApprovalRequest, Decision, FrozenAsk
from app.domain.approvals.rules.entitlement import Standing, is_asked, is_self
from app.domain.approvals.rules.frozen import canonical, difference, digest_of
from app.domain.people.models import Person
from app.domain.people.rules.roles import permissions_of
from app.domain.tenants.models import Tenant

security_log = logging.getLogger("awning.security")

MAX_COMMENT = 2000


def decide(
    request_id: UUID,
    answer: str,
    *,
    digest: str,
    step: int = 0,
    comment: str = "",
    at_amount: Decimal | None = None,
    by: Actor,
) -> Decision:
    """Answers the current step of a request: `approved` or `refused` (then with a comment that says why).

    `digest` and `step` are what the page showed. `at_amount` is the total to approve at: needed when the price has moved
    since it was asked (PriceMoved carries both prices and what this person may choose).

    Raises NotFound (not in scope), SelfDecision, Forbidden (not asked), StaleAsk, PriceMoved, Conflict (decided already,
    withdrawn, expired), Invalid.
    """
    request = lock_request(request_id)
    standing = _standing(by)
    if is_self(standing, request.requester_ids, request.requester_emails):
        security_log.warning("self-decision refused: request %s, person %s", request.id, by.person_id)
        raise SelfDecision
    if request.state != "pending" or request.step != step:
        raise Conflict(how_it_ended(request, step))
    if not is_asked(standing, asks=request.asks, role=request.role, account_id=request.account_id):
        raise Forbidden("This request does not ask you.")
    if request.expires_at <= clock.now():
        raise Conflict("This request has expired and can no longer be decided.")
    if _decided_before(request, by):
        raise Conflict("You have decided an earlier step of this request, so somebody else decides this one.")
    if answer not in ("approved", "refused"):
        raise Invalid({"answer": "Approve it or refuse it."})
    comment = comment.strip()
    if len(comment) > MAX_COMMENT:
        raise Invalid({"comment": f"Use at most {MAX_COMMENT} characters."})
    if answer == "refused" and not comment:
        raise Invalid({"comment": "Say why, so that the buyer knows what to do."})
    _check_digest(request, digest)
    decision = Decision(
        account_id=request.account_id,
        approval_request_id=request.id,
        step=request.step,
        answer=answer,
        digest=digest,
        currency=request.currency,
        asked_amount=request.total_amount,
        comment=comment,
        person_id=by.person_id,
        person_name=by.name,
        realm=by.realm,
        decider_ids=sorted(by.people),
        decided_at=clock.now(),
    )
    if answer == "approved":
        _settle_price(request, standing, at_amount, by)
        decision.granted_digest = request.digest
        decision.granted_amount = request.total_amount
    session().add(decision)
    session().flush()
    if answer == "refused":
        close(request, "refused", comment, by)
    else:
        _go_on(request, comment, by)
    return decision


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


def _standing(by: Actor) -> Standing:
    """What the decider is at this moment, from the database: a role taken away a second ago is gone (promise P16)."""
    if by.person_id is None:
        raise Forbidden("Only people decide requests.")
    person = (
        session()
        .scalars(
            select(Person)
            .where(Person.id == by.person_id)
            .with_for_update(read=True)
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if person is None:
        raise Forbidden("This request does not ask you.")
    return Standing(
        person_ids=by.people,
        email=person.email,
        realm=person.realm,
        account_id=person.account_id,
        roles=frozenset(person.roles),
        permissions=permissions_of(person.realm, person.roles),
        is_active=person.is_active,
    )


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


def _decided_before(request: ApprovalRequest, by: Actor) -> bool:
    earlier = (
        session()
        .scalars(select(Decision.decider_ids).where(Decision.approval_request_id == request.id))
        .all()
    )
    return any(set(ids) & by.people for ids in earlier)


def _check_digest(request: ApprovalRequest, digest: str) -> None:
    subject = ports.subject(request.subject_type)
    if digest == request.digest and subject.current_digest(request.subject_id) == request.digest:
        return
    asks = {
        row.digest: row.content
        for row in session().scalars(
            select(FrozenAsk).where(
                FrozenAsk.approval_request_id == request.id, FrozenAsk.digest.in_([digest, request.digest])
            )
        )
    }
    if digest in asks and digest != request.digest:
        raise StaleAsk(difference(json.loads(asks[digest]), json.loads(asks[request.digest])))
    raise StaleAsk(())


def _settle_price(request: ApprovalRequest, standing: Standing, at_amount: Decimal | None, by: Actor) -> None:
    """Works the price out again; when it moved, only an explicit choice of a total goes on.

    The reseller may always keep the promise that was made, and may let the buyer have a lower price; a higher one needs the
    customer's yes, which a customer's approver can give.
    """
    subject = ports.subject(request.subject_type)
    now = subject.price_now(request.subject_id)
    asked = Money(request.total_amount, request.currency).rounded()
    if not now.moved and now.total == asked:
        if at_amount is not None and at_amount != asked.amount:
            raise PriceMoved(asked, now, (asked,))
        return
    choices = price_choices(asked, now, is_customer=standing.realm == "storefront")
    if at_amount is None or at_amount not in [choice.amount for choice in choices]:
        raise PriceMoved(asked, now, choices)
    if at_amount == asked.amount:
        return
    content, total = subject.take_price_now(request.subject_id, by)
    text = canonical(content)
    number = len(
        session().scalars(select(FrozenAsk.id).where(FrozenAsk.approval_request_id == request.id)).all()
    )
    request.digest, request.total_amount = digest_of(text), total.amount
    session().add(
        FrozenAsk(
            account_id=request.account_id,
            approval_request_id=request.id,
            number=number + 1,
            content=text,
            digest=request.digest,
        )
    )
    restate(request.subject_id, total)
    events.record(
        "approval_request.repriced",
        request,
        by,
        {"number": request.subject_number, "asked": str(asked), "now": str(total), "digest": request.digest},
    )


def price_choices(asked: Money, now: ports.PriceNow, *, is_customer: bool) -> list[Money]:
    """The totals somebody may approve at, after the price moved."""
    total = None if now.total is None or now.total.currency != asked.currency else now.total
    if is_customer:
        keep = clock.now() < now.is_binding_until
        return ([asked] if keep else []) + ([total] if total is not None and total != asked else [])
    return [asked] + ([total] if total is not None and total < asked else [])


def _go_on(request: ApprovalRequest, comment: str, by: Actor) -> None:
    next_step = request.step + 1
    data = {
        "number": request.subject_number,
        "comment": comment,
        "digest": request.digest,
        "step": request.step,
    }
    if next_step < len(request.steps):
        ahead = request.steps[next_step]
        request.step, request.asks, request.role = next_step, ahead["asks"], ahead["role"]
        request.expires_at = clock.now() + timedelta(days=ahead["days"])
        events.record(
            "approval_request.passed_on", request, by, data | {"asks": request.asks, "role": request.role}
        )
        return
    REQUEST.move(request, "approved")
    request.closed_at = clock.now()
    events.record("approval_request.approved", request, by, data)
    ports.subject(request.subject_type).granted(request.subject_id, request.digest, by)


def close(request: ApprovalRequest, state: str, reason: str, by: Actor) -> None:
    """Ends a pending request as `refused`, `withdrawn` or `expired`, and tells the subject. The request is locked."""
    REQUEST.move(request, state)
    request.closed_at = clock.now()
    request.closing_reason = reason
    release(request.subject_id)
    events.record(
        f"approval_request.{state}", request, by, {"number": request.subject_number, "reason": reason}
    )
    ports.subject(request.subject_type).closed(request.subject_id, state, reason, by)


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
