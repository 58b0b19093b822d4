"""Storing what a vendor said: bought, refused, or no usable answer. Promises P1 and P2."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock, events, jobs
from app.core.actor import SYSTEM
from app.domain.orders.actions.provisioning.claims import Claim
from app.domain.orders.actions.provisioning.common import (
    activate_line,
    come_back,
    fail,
    fail_line,
    locked,
    note_person,
    roll_up,
    told,
)
from app.domain.orders.models import LINE
from app.domain.orders.rules.provisioning import READING_WAITS
from app.domain.vendors import Idempotency, Provisioned, VendorUnavailable
from app.domain.vendors import actions as calls
from app.domain.vendors.rules.calls import rung


def store_purchase(claim: Claim, answer: Provisioned) -> None:
    """The vendor bought it. True even when the lease ran out meanwhile: the same key is the same purchase."""
    order, line, step = locked(claim.line_id)
    if step.state in ("done", "failed"):
        return
    calls.finish(step, answer_dict(answer))
    line.vendor_order_id = answer.vendor_order_id
    line.vendor_subscription_id = answer.vendor_subscription_id
    line.error = ""
    if line.state != "provisioning":
        LINE.move(line, "provisioning")
    data = told(order, line) | {"answer": step.answer}
    if answer.state == "active":
        activate_line(line)
        events.record("order_line.provisioned", line, SYSTEM, data)
        roll_up(order)
        return
    events.record("order_line.provisioned", line, SYSTEM, data)
    jobs.defer(
        "orders.activate",
        tenant_id=order.tenant_id,
        line_id=line.id,
        times=0,
        lock=f"line:{line.id}",
        at=clock.now() + READING_WAITS[0],
    )


def store_rejection(claim: Claim, code: str, reason: str) -> None:
    """The vendor said no, for good: the line has failed, with the vendor's sentence."""
    order, line, step = locked(claim.line_id)
    if step.state in ("done", "failed") or not calls.is_ours(step, claim.attempt):
        return
    step.error = f"{code}: {reason}"
    fail(order, line, step, reason)


def store_failure(claim: Claim, failure: VendorUnavailable, *, idempotency: Idempotency) -> None:
    """No usable answer. Certainly nothing happened: try again soon. Perhaps it did: unknown, shown as being checked."""
    order, line, step = locked(claim.line_id)
    if not calls.is_ours(step, claim.attempt):
        return
    calls.put_off(step, failure, what=claim.what, was_uncertain=claim.was_uncertain, idempotency=idempotency)
    if step.state == "unknown":
        if line.state != "unknown":
            LINE.move(line, "unknown")
            events.record("order_line.unknown", line, SYSTEM, told(order, line) | {"error": step.error})
        if calls.has_climbed_the_ladder(step):
            note_person(order, line, step)
    assert step.next_at is not None
    come_back(line, step.next_at)


def store_reading(line_id: UUID, state: str, reason: str = "", *, times: int = 0) -> None:
    """What a read-back said about a purchase that was pending: `active`, `failed`, or anything else: look again later."""
    order, line, _ = locked(line_id)
    if line.state not in ("provisioning", "unknown"):
        return
    if state == "active":
        activate_line(line)
        events.record("order_line.activated", line, SYSTEM, told(order, line))
        roll_up(order)
    elif state in ("failed", "cancelled", "expired"):
        fail_line(order, line, reason or "The vendor could not deliver this.")
    else:
        jobs.defer(
            "orders.activate",
            tenant_id=order.tenant_id,
            line_id=line.id,
            times=times + 1,
            lock=f"line:{line.id}",
            at=clock.now() + rung(times + 1, READING_WAITS),
        )


def answer_dict(answer: Provisioned) -> dict[str, Any]:
    """The vendor's answer as plain JSON values; instants as ISO texts."""
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(answer).items()
    }
