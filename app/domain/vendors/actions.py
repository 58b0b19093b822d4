"""The life of one call to a vendor: begun under a lease, then done, failed, tried again, or of unknown outcome.

Works on the row that holds the call (`models.VendorCall`), which its owner has locked. What all this means for an order or a
subscription is the owner's own matter.
"""

from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from app.domain.vendors.models import CALL, VendorCall
from app.domain.vendors.ports import Idempotency, VendorPort, VendorUnavailable
from app.domain.vendors.rules.calls import (
    LADDER,
    LEASE_MARGIN,
    SAFE_REPEATS,
    WAITS,
    Facts,
    Next,
    next_move,
    rung,
)


def what_next(call: VendorCall, port: VendorPort, now: datetime) -> Next:
    """What may be done about the call now (`rules/calls.py`)."""
    return next_move(
        Facts(call.state, call.lease_until, call.first_called_at, call.last_called_at, call.next_at),
        port.idempotency.value,
        key_retention=port.key_retention,
        max_in_flight=port.max_in_flight,
        now=now,
    )


def take_up(call: VendorCall, what: str, port: VendorPort, now: datetime) -> None:
    """Takes the call for one attempt, under a lease. `what` is `call` or `look_up`."""
    CALL.move(call, "calling")
    call.attempt += 1
    call.next_at = None
    call.lease_until = now + port.max_in_flight + LEASE_MARGIN
    if what == "call":
        call.first_called_at = call.first_called_at or now
        call.last_called_at = now


def is_ours(call: VendorCall, attempt: int) -> bool:
    """Whether this attempt still holds the call: nobody took it over since."""
    return call.state == "calling" and call.attempt == attempt


def extend(call: VendorCall, port: VendorPort, now: datetime) -> None:
    """After a look-up that found nothing, the call is made within the same attempt."""
    call.last_called_at = now
    call.lease_until = now + port.max_in_flight + LEASE_MARGIN


def finish(call: VendorCall, answer: dict[str, Any]) -> None:
    """The vendor did it. True even when the lease ran out meanwhile: the same key is the same work."""
    if call.state != "calling":
        CALL.move(call, "calling")
    CALL.move(call, "done")
    call.done_at, call.lease_until, call.next_at, call.needs_person_since = clock.now(), None, None, None
    call.error, call.answer = "", answer


def fail(call: VendorCall) -> None:
    """It will not happen any more."""
    CALL.move(call, "failed")
    call.lease_until, call.next_at, call.needs_person_since = None, None, None


def put_off(
    call: VendorCall,
    failure: VendorUnavailable,
    *,
    what: str,
    was_uncertain: bool,
    idempotency: Idempotency,
) -> None:
    """No usable answer. Certainly nothing happened: `ready`, soon again. Perhaps it did: `unknown`. `next_at` says when.

    `was_uncertain`: an earlier attempt may have happened, and so nothing is certain now either.
    """
    now = clock.now()
    call.error, call.lease_until = failure.reason[:500], None
    if what == "look_up" or failure.may_have_happened or was_uncertain:
        CALL.move(call, "unknown")
        is_idempotent = idempotency is Idempotency.IDEMPOTENT_KEY
        pause = rung(call.checks, SAFE_REPEATS if is_idempotent else LADDER)
        call.checks += 1
    else:
        CALL.move(call, "ready")
        call.first_called_at = None
        pause = rung(call.attempt - 1, WAITS)
    if failure.retry_after is not None:
        pause = max(pause, min(failure.retry_after, timedelta(hours=1)))
    call.next_at = now + pause


def has_climbed_the_ladder(call: VendorCall) -> bool:
    """Whether an unknown outcome was looked at so often that a person is asked too."""
    return call.state == "unknown" and call.checks > len(LADDER)


def leave_to_a_person(call: VendorCall, reason: str) -> None:
    """Nothing may be done by machine any more."""
    if call.state != "unknown":
        CALL.move(call, "unknown")
    call.error, call.lease_until = reason, None


def wait_for_connection(call: VendorCall) -> None:
    """No connector is plugged in for the vendor: nothing happened; `next_at` comes less often each time."""
    call.checks += 1
    call.error = "The vendor is not connected at the moment."
    call.next_at = clock.now() + rung(call.checks - 1, WAITS)
