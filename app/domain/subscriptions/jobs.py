"""The worker's part of subscriptions: changing and reading them at vendors. Each job claims, calls outside any unit, stores."""

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.core import clock, jobs, scope
from app.core.actor import SYSTEM
from app.core.errors import Conflict, NotFound
from app.core.events import Event
from app.core.faults import fault
from app.core.jobs import job
from app.core.unit import unit
from app.domain.orders import ports
from app.domain.subscriptions.actions import applying
from app.domain.subscriptions.actions.drifting import compare, missing_at_vendor
from app.domain.subscriptions.actions.repricing import reprice_if_due, tell_rises
from app.domain.subscriptions.actions.requesting import withdraw_change
from app.domain.subscriptions.models import Subscription
from app.domain.subscriptions.queries.working import (
    at_vendor,
    lost_steps,
    subscription_of_change,
    to_read,
    to_reprice,
    waiting_changes,
)
from app.domain.vendors import (
    Ability,
    VendorConflict,
    VendorNotConnected,
    VendorPort,
    VendorRejected,
    VendorSubscription,
    VendorUnavailable,
)

log = logging.getLogger("awning.subscriptions")

READ_EVERY = timedelta(hours=20)
NOT_FOUND = ("20003", "not_found", "404")


@job("subscriptions.change")
def change(tenant_id: str, change_id: str, step: str = "apply") -> None:
    """Makes one change at its vendor, exactly once however often this runs."""
    whose, changed = scope.tenant(UUID(tenant_id)), UUID(change_id)
    try:
        with unit(whose, read_only=True):
            there = at_vendor(subscription_of_change(changed))
            port = ports.vendors().port_for(there.vendor_key)
    except VendorNotConnected as failure:
        log.warning("change %s waits: %s", changed, failure)
        with unit(whose):
            applying.wait_for_connection(changed, step)
        return
    with unit(whose):
        claim = applying.claim(changed, step, port)
    if claim is not None:
        _act(claim, port, whose)


def _act(claim: applying.Claim, port: VendorPort, whose: scope.Scope) -> None:
    fault("before_vendor_call")
    try:
        answer = _look_up_or_call(claim, port, whose)
    except VendorConflict as conflict:
        fault("after_vendor_call")
        with unit(whose):
            applying.store_conflict(claim, conflict)
    except VendorRejected as refusal:
        fault("after_vendor_call")
        with unit(whose):
            applying.store_rejection(claim, refusal)
    except VendorUnavailable as failure:
        with unit(whose):
            applying.store_failure(claim, failure, idempotency=port.idempotency)
    else:
        fault("after_vendor_call")
        if answer is not None:
            with unit(whose):
                applying.store_done(claim, answer)


def _look_up_or_call(
    claim: applying.Claim, port: VendorPort, whose: scope.Scope
) -> VendorSubscription | None:
    """The subscription as changed, or None when the claim was lost to somebody else on the way."""
    if claim.what == "look_up":
        truth = port.subscription(claim.vendor_subscription_id)
        if applying.has_happened(claim.order, truth):
            return truth
        with unit(whose):
            if not applying.renew(claim, port):
                return None
    return applying.send(port, claim.vendor_subscription_id, claim.order)


@job("subscriptions.read")
def read(tenant_id: str, subscription_id: str) -> None:
    """Reads one subscription at its vendor, takes what it says, and writes differences down."""
    whose, wanted = scope.tenant(UUID(tenant_id)), UUID(subscription_id)
    with unit(whose, read_only=True):
        there = at_vendor(wanted)
    if there.state not in ("active", "suspended"):
        return
    vendors = ports.vendors()
    if not vendors.can(there.vendor_key, Ability.SUBSCRIPTION):
        return
    fault("before_vendor_read")
    try:
        truth = vendors.port_for(there.vendor_key).subscription(there.vendor_subscription_id)
    except VendorUnavailable as failure:
        log.info("subscription %s is read another time: %s", wanted, failure)
        return
    except VendorRejected as refusal:
        log.warning("subscription %s cannot be read: %s", wanted, refusal)
        if refusal.code in NOT_FOUND:
            with unit(whose):
                missing_at_vendor(wanted)
        return
    with unit(whose):
        compare(wanted, truth)


@job("subscriptions.read_due", cron="*/15 * * * *")
def read_due() -> None:
    """Asks for a reading of what was not read for most of a day, and of terms that are over."""
    with unit(scope.everyone(reason="subscriptions to be compared with their vendors"), read_only=True):
        due = to_read(clock.now(), READ_EVERY)
    for tenant_id, subscription_id in due:
        with unit(scope.tenant(tenant_id)):
            jobs.defer(
                "subscriptions.read",
                tenant_id=tenant_id,
                subscription_id=subscription_id,
                lock=f"subscription:{subscription_id}",
            )


@job("subscriptions.find_lost", cron="*/10 * * * *")
def find_lost() -> None:
    """Brings changes back whose job has vanished: no acknowledged change is forgotten (promise P2)."""
    with unit(scope.everyone(reason="changes whose work nobody does"), read_only=True):
        lost = lost_steps(clock.now())
    for tenant_id, change_id, step in lost:
        log.warning("change %s (%s) had no job any more and gets one", change_id, step)
        try:
            with unit(scope.tenant(tenant_id)):
                applying.bring_back(change_id, step)
        except NotFound:
            continue


@job("subscriptions.withdraw_waiting")
def withdraw_waiting(event_id: str, tenant_id: str) -> None:
    """A subscription ended or began another term: what waits for approval about the old one is taken back."""
    whose = scope.tenant(UUID(tenant_id))
    with unit(whose, read_only=True):
        waiting = waiting_changes(UUID(event_id))
    for change_id in waiting:
        try:
            with unit(whose):
                withdraw_change(
                    change_id, reason="The subscription has ended or begun another term.", by=SYSTEM
                )
        except Conflict as late:
            log.info("change %s is not taken back: %s", change_id, late)


@job("subscriptions.tell_rises")
def tell_rises_job(event_id: str, tenant_id: str | None) -> None:
    """A reseller's price book was published: customers who will pay more for what they run are told."""
    if tenant_id is None:
        return
    with unit(scope.tenant(UUID(tenant_id))) as session:
        event = session.scalar(select(Event).where(Event.id == UUID(event_id)))
        if event is not None:
            tell_rises(event)


@job("subscriptions.reprice_due", cron="40 0 * * *")
def reprice_due() -> None:
    """Each night: longer terms whose next charge begins today take the price in force, where the settings say so."""
    with unit(scope.everyone(reason="running terms that change with their next charge"), read_only=True):
        due = to_reprice()
    for tenant_id, subscription_id in due:
        with unit(scope.tenant(tenant_id)) as session:
            found = session.get(Subscription, subscription_id, with_for_update=True)
            if found is not None and found.state in ("active", "suspended"):
                reprice_if_due(found, clock.today())
