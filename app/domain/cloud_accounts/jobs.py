"""The worker's part of accounts at vendors. Each job claims, calls outside any unit, stores."""

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from app.core import clock, scope
from app.core.db import session
from app.core.errors import NotFound
from app.core.faults import fault
from app.core.jobs import job
from app.core.unit import unit
from app.domain.catalog.models import Vendor
from app.domain.cloud_accounts.actions import calling
from app.domain.cloud_accounts.models import CloudAccountRequest
from app.domain.orders import ports
from app.domain.vendors import (
    VendorAccount,
    VendorNotConnected,
    VendorPort,
    VendorRejected,
    VendorUnavailable,
)

log = logging.getLogger("awning.cloud_accounts")


@job("cloud_accounts.call")
def call(tenant_id: str, request_id: str) -> None:
    """Opens, links or gives up one account at its vendor, once however often this runs."""
    whose, wanted = scope.tenant(UUID(tenant_id)), UUID(request_id)
    with unit(whose, read_only=True):
        vendor_key = _vendor_of(wanted)
    try:
        port = ports.vendors().port_for(vendor_key)
    except VendorNotConnected as failure:
        log.warning("request %s waits: %s", wanted, failure)
        with unit(whose):
            calling.wait_for_connection(wanted)
        return
    with unit(whose):
        claim = calling.claim(wanted, port)
    if claim is None:
        return
    fault("before_vendor_call")
    try:
        answer = _make(claim, port)
    except VendorRejected as refusal:
        with unit(whose):
            calling.store_rejection(claim, refusal.code, refusal.reason)
    except VendorUnavailable as failure:
        with unit(whose):
            calling.store_failure(claim, failure, idempotency=port.idempotency)
    else:
        fault("after_vendor_call")
        with unit(whose):
            calling.store_done(claim, answer)


def _make(claim: calling.Claim, port: VendorPort) -> VendorAccount:
    if claim.kind == "provision":
        return port.open_account(claim.order)
    if claim.kind == "link":
        return port.link_account(claim.order)
    return port.close_account(claim.order)


def _vendor_of(request_id: UUID) -> str:
    found = session().scalar(
        select(Vendor.key)
        .join(CloudAccountRequest, CloudAccountRequest.vendor_id == Vendor.id)
        .where(CloudAccountRequest.id == request_id)
    )
    if found is None:
        raise NotFound
    return found


@job("cloud_accounts.find_lost", cron="*/10 * * * *")
def find_lost() -> None:
    """Brings requests back whose job has vanished."""
    with unit(scope.everyone(reason="requests for accounts that nobody works on"), read_only=True):
        lost = (
            session()
            .execute(
                text("""
                SELECT s.tenant_id, s.cloud_account_request_id FROM cloud_account_step s
                WHERE s.state IN ('ready', 'calling', 'unknown') AND s.needs_person_since IS NULL
                  AND coalesce(s.last_called_at, s.created_at) < :quiet
                  AND coalesce(s.next_at, s.created_at) < :quiet
                  AND NOT EXISTS (
                    SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')
                      AND j.lock = 'cloud-account-request:' || s.cloud_account_request_id)
                LIMIT 500
            """),
                {"quiet": clock.now() - timedelta(minutes=5)},
            )
            .all()
        )
    for tenant_id, request_id in lost:
        with unit(scope.tenant(tenant_id)):
            calling.bring_back(request_id)
