"""The worker's part of a request: claim the call and commit, (call outside any unit,) store the answer.

The life of the call itself is `vendors/actions.py`, the same as for purchases and changes of subscriptions.
"""

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import clock, events
from app.core.actor import SYSTEM
from app.core.db import session
from app.core.numbers import next_number
from app.domain.approvals.actions import gate
from app.domain.cloud_accounts.actions.requesting import defer, digest_now, lock_request, told
from app.domain.cloud_accounts.models import (
    CLOUD_ACCOUNT,
    CLOUD_REQUEST,
    CloudAccount,
    CloudAccountRequest,
    CloudAccountStep,
)
from app.domain.people.models import Account
from app.domain.vendors import (
    AccountOrder,
    Idempotency,
    VendorAccount,
    VendorCustomer,
    VendorPort,
    VendorUnavailable,
)
from app.domain.vendors import actions as calls


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to act on one request until its lease ends."""

    request_id: UUID
    kind: str
    attempt: int
    was_uncertain: bool
    order: AccountOrder


def _locked(request_id: UUID) -> tuple[CloudAccountRequest, CloudAccountStep]:
    request = lock_request(request_id)
    step = (
        session()
        .scalars(
            select(CloudAccountStep)
            .where(CloudAccountStep.cloud_account_request_id == request_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    return request, step


def claim(request_id: UUID, port: VendorPort) -> Claim | None:
    """Takes the call, if it may be made now; otherwise sees to it that somebody comes back. None: nothing to do now."""
    request, step = _locked(request_id)
    now = clock.now()
    move = calls.what_next(step, port, now)
    if move.what == "nothing":
        return None
    if move.what == "wait":
        defer(request, move.at or now)
        return None
    if move.what != "call":
        # an account cannot be looked up by our reference: a person looks at the vendor's own pages
        calls.leave_to_a_person(step, "The vendor did not say whether this was done, and cannot be asked.")
        _note_unknown(request, step)
        step.needs_person_since = step.needs_person_since or now
        return None
    if digest_now(request) != request.approved_digest:
        events.record("cloud_account_request.mismatched", request, SYSTEM, told(request))
        calls.fail(step)
        _fail(request, "This request is no longer what was approved, so nothing was done.")
        return None
    was_uncertain = step.state != "ready"
    calls.take_up(step, move.what, port, now)
    if request.state in ("confirmed", "unknown"):
        CLOUD_REQUEST.move(request, "in_progress")
    return Claim(request.id, request.kind, step.attempt, was_uncertain, _order(request, step))


def _order(request: CloudAccountRequest, step: CloudAccountStep) -> AccountOrder:
    account = session().get_one(Account, request.account_id)
    customer = VendorCustomer(str(account.id), account.name, account.country, request.email)
    return AccountOrder(str(step.key), customer, request.domain, request.vendor_account_id)


def store_done(claim: Claim, answer: VendorAccount) -> None:
    """The vendor did it: the account is there, or given up."""
    request, step = _locked(claim.request_id)
    if step.state in ("done", "failed"):
        return
    calls.finish(step, asdict(answer))
    if request.state == "unknown":
        CLOUD_REQUEST.move(request, "in_progress")
    if request.kind == "deletion":
        account = session().get_one(CloudAccount, request.cloud_account_id)
        if account.state == "active":
            CLOUD_ACCOUNT.move(account, "closed")
            account.closed_at = clock.now()
            events.record("cloud_account.closed", account, SYSTEM, {"number": account.number})
    elif not _keep(request, answer):
        _fail(request, "This account belongs to a customer already.")
        return
    CLOUD_REQUEST.move(request, "completed")
    request.closed_at = clock.now()
    events.record("cloud_account_request.completed", request, SYSTEM, told(request))


def _keep(request: CloudAccountRequest, answer: VendorAccount) -> bool:
    account = CloudAccount(
        tenant_id=request.tenant_id,
        account_id=request.account_id,
        number=next_number(request.tenant_id, "A"),
        vendor_id=request.vendor_id,
        vendor_account_id=answer.vendor_account_id,
        domain=answer.domain,
        opened_at=clock.now(),
    )
    try:
        with session().begin_nested():
            session().add(account)
            session().flush()
    except IntegrityError:
        return False
    data = {"number": account.number, "domain": account.domain, "vendor_account": account.vendor_account_id}
    events.record("cloud_account.opened", account, SYSTEM, data)
    return True


def store_rejection(claim: Claim, code: str, reason: str) -> None:
    """The vendor said no, for good: the request has failed with the vendor's sentence."""
    request, step = _locked(claim.request_id)
    if step.state in ("done", "failed") or not calls.is_ours(step, claim.attempt):
        return
    step.error = f"{code}: {reason}"
    calls.fail(step)
    _fail(request, reason)


def store_failure(claim: Claim, failure: VendorUnavailable, *, idempotency: Idempotency) -> None:
    """No usable answer: again soon, or, if it may have happened, being checked."""
    request, step = _locked(claim.request_id)
    if not calls.is_ours(step, claim.attempt):
        return
    calls.put_off(step, failure, what="call", was_uncertain=claim.was_uncertain, idempotency=idempotency)
    if step.state == "unknown":
        _note_unknown(request, step)
        if calls.has_climbed_the_ladder(step):
            step.needs_person_since = step.needs_person_since or clock.now()
    defer(request, step.next_at)


def wait_for_connection(request_id: UUID) -> None:
    """No connector is plugged in for the vendor, or none that can do this: come back, less often each time."""
    request, step = _locked(request_id)
    if step.state not in ("done", "failed"):
        calls.wait_for_connection(step)
        defer(request, step.next_at)


def bring_back(request_id: UUID) -> None:
    """Defers the work on an unsettled request anew."""
    request, step = _locked(request_id)
    if step.state not in ("done", "failed"):
        defer(request, clock.now())


def _note_unknown(request: CloudAccountRequest, step: CloudAccountStep) -> None:
    if request.state == "confirmed":
        CLOUD_REQUEST.move(request, "in_progress")
    if request.state == "in_progress":
        CLOUD_REQUEST.move(request, "unknown")
        data = told(request) | {"error": step.error}
        events.record("cloud_account_request.unknown", request, SYSTEM, data)


def _fail(request: CloudAccountRequest, reason: str) -> None:
    CLOUD_REQUEST.move(request, "failed")
    request.closed_at, request.reason = clock.now(), reason[:1000]
    gate.release(request.id)
    events.record("cloud_account_request.failed", request, SYSTEM, told(request) | {"reason": reason})
