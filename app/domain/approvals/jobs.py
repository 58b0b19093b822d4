"""The clock's work on approvals: requests whose time is over."""

import logging

from sqlalchemy import select

from app.core import clock, scope
from app.core.errors import AwningError
from app.core.jobs import job
from app.core.unit import unit
from app.domain.approvals.actions.stop import expire
from app.domain.approvals.models import ApprovalRequest

log = logging.getLogger("awning.approvals")

BATCH = 500


@job("approvals.expire", cron="*/5 * * * *")
def expire_requests() -> None:
    """Expires what nobody decided in time, each request in a unit of its own; one that fails does not keep the others."""
    with unit(scope.everyone(reason="requests whose time is over"), read_only=True) as session:
        due = session.execute(
            select(ApprovalRequest.tenant_id, ApprovalRequest.id)
            .where(ApprovalRequest.state == "pending", ApprovalRequest.expires_at <= clock.now())
            .order_by(ApprovalRequest.expires_at)
            .limit(BATCH)
        ).all()
    for tenant_id, request_id in due:
        try:
            with unit(scope.tenant(tenant_id)):
                expire(request_id)
        except AwningError as error:
            log.warning("request %s could not expire: %s", request_id, error)
