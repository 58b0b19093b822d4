"""The worker's part of orders: buying at vendors and reading back. Each job claims, calls outside any unit, stores."""

import logging
from uuid import UUID

from app.core import clock, scope
from app.core.errors import NotFound
from app.core.faults import fault
from app.core.jobs import job
from app.core.unit import unit
from app.domain.orders import actions as _actions  # noqa: F401  orders answer for themselves in approvals
from app.domain.orders import ports
from app.domain.orders.actions import provisioning
from app.domain.orders.queries.provisioning import line_at_vendor, lost_lines
from app.domain.vendors import (
    Provisioned,
    VendorNotConnected,
    VendorPort,
    VendorRejected,
    VendorUnavailable,
)

log = logging.getLogger("awning.orders")


@job("orders.provision")
def provision(tenant_id: str, line_id: str) -> None:
    """Buys one order line at its vendor, exactly once however often this runs (`docs/decisions/bought-exactly-once.md`)."""
    whose, line = scope.tenant(UUID(tenant_id)), UUID(line_id)
    try:
        with unit(whose, read_only=True):
            port = ports.vendors().port_for(line_at_vendor(line).vendor_key)
    except VendorNotConnected as failure:
        log.warning("line %s waits: %s", line, failure)
        with unit(whose):
            provisioning.wait_for_connection(line)
        return
    with unit(whose):
        claim = provisioning.claim(line, port)
    if claim is None:
        return
    _act(claim, port, whose)


def _act(claim: provisioning.Claim, port: VendorPort, whose: scope.Scope) -> None:
    fault("before_vendor_call")
    try:
        answer = _look_up_or_call(claim, port, whose)
    except VendorRejected as refusal:
        fault("after_vendor_call")
        with unit(whose):
            provisioning.store_rejection(claim, refusal.code, refusal.reason)
        return
    except VendorUnavailable as failure:
        with unit(whose):
            provisioning.store_failure(claim, failure, idempotency=port.idempotency)
        return
    fault("after_vendor_call")
    if answer is not None:
        with unit(whose):
            provisioning.store_purchase(claim, answer)


def _look_up_or_call(claim: provisioning.Claim, port: VendorPort, whose: scope.Scope) -> Provisioned | None:
    """The purchase, or None when the claim was lost to somebody else on the way."""
    if claim.what == "look_up":
        found = port.lookup(key=claim.request.key, client_reference=claim.request.client_reference)
        if found is not None:
            return found
        with unit(whose):
            if not provisioning.renew(claim, port):
                return None
    return port.provision(claim.request)


@job("orders.activate")
def activate(tenant_id: str, line_id: str, times: int = 0) -> None:
    """Reads a purchase that was pending at the vendor back, until it is active or the vendor gives up on it."""
    whose, line = scope.tenant(UUID(tenant_id)), UUID(line_id)
    with unit(whose, read_only=True):
        there = line_at_vendor(line)
    if there.state not in ("provisioning", "unknown") or not there.vendor_subscription_id:
        return
    fault("before_vendor_read")
    try:
        found = ports.vendors().port_for(there.vendor_key).subscription(there.vendor_subscription_id)
    except VendorRejected as refusal:
        log.warning("line %s cannot be read back: %s", line, refusal)
        state, reason = "unreadable", ""
    except VendorUnavailable as failure:
        log.info("line %s is read back later: %s", line, failure)
        state, reason = "unreadable", ""
    else:
        state, reason = found.state, found.failure or ""
    with unit(whose):
        provisioning.store_reading(line, state, reason, times=times)


@job("orders.find_lost", cron="*/10 * * * *")
def find_lost() -> None:
    """Brings lines back whose job has vanished: no acknowledged order is forgotten (promise P2)."""
    with unit(scope.everyone(reason="order lines whose work nobody does"), read_only=True):
        lost = lost_lines(clock.now())
    for tenant_id, line_id in lost:
        log.warning("line %s had no job any more and gets one", line_id)
        try:
            with unit(scope.tenant(tenant_id)):
                provisioning.bring_back(line_id)
        except NotFound:
            continue
