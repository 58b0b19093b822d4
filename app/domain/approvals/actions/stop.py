"""Requests that end without a decision: withdrawn by whoever asked, or expired because nobody decided in time."""

from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, Forbidden
from app.domain.approvals.actions.decide import close, how_it_ended, lock_request


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
    """Ends the request if it still waits and its time is over; answers whether it did."""
    request = lock_request(request_id)
    if request.state != "pending" or request.expires_at > clock.now():
        return False
    close(request, "expired", "Nobody decided in time.", SYSTEM)
    return True
