"""Requests that nobody decided: withdrawn by whoever asked, expired, or handed on to others when their time was over."""

from uuid import UUID

from app.core import clock, events
from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, Forbidden
from app.domain.approvals.actions.decide import begin_step, close
from app.domain.approvals.actions.standing import how_it_ended, lock_request
from app.domain.approvals.models import ApprovalRequest
from app.domain.approvals.rules.steps import Step


def withdraw(request_id: UUID, *, reason: str = "", by: Actor) -> None:
    """Takes a pending request back. Only people who stand behind it, or the reseller's people who manage orders.

    Raises NotFound, Forbidden, Conflict (somebody decided first).
    """
    request = lock_request(request_id)
    if not (by.people & set(request.requester_ids) or by.can("order:manage") or by.realm == "system"):
        raise Forbidden("Only whoever asked can take this back.")
    if request.state != "pending":
        raise Conflict(how_it_ended(request))
    close(request, "withdrawn", reason.strip()[:500] or f"Withdrawn by {by.name}.", by)


def expire(request_id: UUID) -> bool:
    """What happens when nobody decided in time, if that is so: it escalates where its step says so, once, else it ends.

    Answers whether anything happened.
    """
    request = lock_request(request_id)
    if request.state != "pending" or request.expires_at > clock.now():
        return False
    step = Step.from_dict(request.steps[request.step])
    if step.on_expiry == "escalate":
        _escalate(request, step)
    else:
        close(request, "expired", "Nobody decided in time.", SYSTEM)
    return True


def _escalate(request: ApprovalRequest, step: Step) -> None:
    """Others are asked instead, for as many days again. What was decided within the step by some of all counts no more."""
    ahead = step.escalated()
    request.steps = [
        ahead.to_dict() if number == request.step else one for number, one in enumerate(request.steps)
    ]
    begin_step(request, ahead)
    events.record(
        "approval_request.escalated",
        request,
        SYSTEM,
        {"number": request.subject_number, "asks": ahead.asks, "role": ahead.role, "step": request.step},
    )
