"""Deciding a request: once, by somebody who is asked and is not behind it, over exactly what they saw (P7, P8).

What the decision does to the subject is the subject's own matter (`ports.Subject`).
"""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import update

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Invalid
from app.domain.approvals import ports
from app.domain.approvals.actions.gate import release
from app.domain.approvals.actions.prices import check_digest, settle_price
from app.domain.approvals.actions.standing import Right, entitle, lock_request
from app.domain.approvals.models import REQUEST, ApprovalProposal, ApprovalRequest, Decision
from app.domain.approvals.queries.calendars import working_calendar
from app.domain.approvals.rules.calendar import reminder_of
from app.domain.approvals.rules.steps import Step

MAX_COMMENT = 2000
AFTER_ESCALATION = 100
"""The place of the decision over a step that has escalated; a step names at most ten people."""


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
    right = entitle(request, step, by)
    comment = _checked(answer, comment)
    check_digest(request, digest)
    decision = _decision(request, right, answer, digest, comment, by)
    if answer == "approved":
        settle_price(request, at_amount, is_customer=right.own.realm == "storefront", by=by)
        decision.granted_digest = request.digest
        decision.granted_amount = request.total_amount
    session().add(decision)
    session().flush()
    if answer == "refused":
        close(request, "refused", comment, by)
    else:
        _go_on(request, right, comment, by)
    return decision


def _checked(answer: str, comment: str) -> str:
    if answer not in ("approved", "refused"):
        raise Invalid({"answer": "Approve it or refuse it."})
    comment = comment.strip()
    if len(comment) > MAX_COMMENT:
        raise Invalid({"comment": f"Use at most {MAX_COMMENT} characters."})
    if answer == "refused" and not comment:
        raise Invalid({"comment": "Say why, so that the buyer knows what to do."})
    return comment


def _decision(
    request: ApprovalRequest, right: Right, answer: str, digest: str, comment: str, by: Actor
) -> Decision:
    absent = right.stands_in_for
    return Decision(
        account_id=request.account_id,
        approval_request_id=request.id,
        step=request.step,
        place=_place(request, right),
        answer=answer,
        digest=digest,
        currency=request.currency,
        asked_amount=request.total_amount,
        comment=comment,
        person_id=by.person_id,
        person_name=by.name,
        for_person_id=None if absent is None else next(iter(absent.person_ids)),
        for_person_name="" if absent is None else absent.name,
        realm=by.realm,
        decider_ids=sorted(right.people),
        decided_at=clock.now(),
    )


def _place(request: ApprovalRequest, right: Right) -> int:
    """Which of the step's places the decision takes: the only one, or that of the named person whose right it is."""
    step = Step.from_dict(request.steps[request.step])
    named = step.people_ids
    if step.was_escalated:  # some of all may have answered before it escalated
        return AFTER_ESCALATION
    if step.needs != "all" or named is None:
        return 0
    return next(index for index, person in enumerate(named) if person in right.whose.person_ids)


def _go_on(request: ApprovalRequest, right: Right, comment: str, by: Actor) -> None:
    step = Step.from_dict(request.steps[request.step])
    data = {
        "number": request.subject_number,
        "comment": comment,
        "digest": request.digest,
        "step": request.step,
    }
    if step.needs == "all":
        left = [person for person in request.asked_ids or () if person not in right.whose.person_ids]
        if left:
            request.asked_ids = left
            events.record("approval_request.agreed", request, by, data | {"left": len(left)})
            return
    next_step = request.step + 1
    if next_step < len(request.steps):
        ahead = Step.from_dict(request.steps[next_step])
        request.step = next_step
        begin_step(request, ahead)
        events.record(
            "approval_request.passed_on", request, by, data | {"asks": request.asks, "role": request.role}
        )
        return
    REQUEST.move(request, "approved")
    request.closed_at = clock.now()
    _lapse_proposals(request)
    events.record("approval_request.approved", request, by, data)
    ports.subject(request.subject_type).granted(request.subject_id, request.digest, by)


def begin_step(request: ApprovalRequest, step: Step) -> None:
    """From now on `step` is what the request waits for; its days are counted from here."""
    now, calendar = clock.now(), working_calendar(request.account_id)
    request.asks, request.role, request.asked_ids = step.asks, step.role, step.people_ids
    request.step_began_at = now
    request.expires_at = calendar.after(now, step.days)
    request.remind_at = reminder_of(calendar, now, request.expires_at)


def close(request: ApprovalRequest, state: str, reason: str, by: Actor) -> None:
    """Ends a pending request as `refused`, `withdrawn` or `expired`, and tells the subject. The request is locked."""
    REQUEST.move(request, state)
    request.closed_at = clock.now()
    request.closing_reason = reason
    release(request.subject_id)
    _lapse_proposals(request)
    events.record(
        f"approval_request.{state}", request, by, {"number": request.subject_number, "reason": reason}
    )
    ports.subject(request.subject_type).closed(request.subject_id, state, reason, by)


def _lapse_proposals(request: ApprovalRequest) -> None:
    session().execute(
        update(ApprovalProposal)
        .where(ApprovalProposal.approval_request_id == request.id, ApprovalProposal.state == "open")
        .values(state="lapsed", answered_at=clock.now())
    )
