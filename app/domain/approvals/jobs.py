"""The clock's work on approvals: requests whose time is over, or nearly."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock, scope
from app.core.errors import AwningError
from app.core.jobs import job
from app.core.unit import unit
from app.domain.approvals.actions.rehearse import run_rehearsal
from app.domain.approvals.actions.stop import expire
from app.domain.approvals.actions.talk import remind_by_itself
from app.domain.approvals.models import ApprovalRequest

log = logging.getLogger("awning.approvals")

BATCH = 500


@job("approvals.expire", cron="*/5 * * * *")
def expire_requests() -> None:
    """Expires, or hands on, what nobody decided in time."""
    _each_due(ApprovalRequest.expires_at, expire, "requests whose time is over")


@job("approvals.remind", cron="2-59/10 * * * *")
def remind_of_requests() -> None:
    """Reminds whoever is asked, once per step, before its time is over."""
    _each_due(ApprovalRequest.remind_at, remind_by_itself, "requests whose time is nearly over")


def _each_due(due_at: Any, act: Callable[[UUID], bool], reason: str) -> None:
    """Each request in a unit of its own; one that fails does not keep the others."""
    with unit(scope.everyone(reason=reason), read_only=True) as session:
        due = session.execute(
            select(ApprovalRequest.tenant_id, ApprovalRequest.id)
            .where(ApprovalRequest.state == "pending", due_at <= clock.now())
            .order_by(due_at)
            .limit(BATCH)
        ).all()
    for tenant_id, request_id in due:
        try:
            with unit(scope.tenant(tenant_id)):
                act(request_id)
        except AwningError as error:
            log.warning("request %s: %s", request_id, error)


@job("approvals.rehearse")
def rehearse(rehearsal_id: str, tenant_id: str) -> None:
    """Replays the past under a draft."""
    run_rehearsal(UUID(rehearsal_id), UUID(tenant_id))
