"""Requests for accounts as subjects of approvals: what granting, refusing and expiring does to them."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.money import Money
from app.domain.approvals import ports
from app.domain.approvals.ports import PriceNow
from app.domain.cloud_accounts.actions.requesting import defer, digest_now, lock_request, told
from app.domain.cloud_accounts.models import CLOUD_REQUEST, CloudAccountRequest, CloudAccountStep
from app.domain.people.models import Account

REASONS = {"refused": "Refused", "withdrawn": "Withdrawn", "expired": "Nobody decided in time"}


class CloudAccountSubject:
    """What `approvals.ports.Subject` asks of a request for an account. It costs nothing, so no price can move."""

    def price_now(self, subject_id: UUID) -> PriceNow:
        request = session().get_one(CloudAccountRequest, subject_id)
        account = session().get_one(Account, request.account_id)
        return PriceNow(Money(Decimal(0), account.currency), (), clock.now() + timedelta(days=14))

    def take_price_now(self, subject_id: UUID, by: Actor) -> tuple[Mapping[str, Any], Money]:
        raise Conflict("This has no price.")

    def current_digest(self, subject_id: UUID) -> str:
        return digest_now(session().get_one(CloudAccountRequest, subject_id, populate_existing=True))

    def granted(self, subject_id: UUID, digest: str, by: Actor) -> None:
        request = lock_request(subject_id)
        CLOUD_REQUEST.move(request, "confirmed")
        request.confirmed_at, request.approved_digest = clock.now(), digest
        session().add(
            CloudAccountStep(
                tenant_id=request.tenant_id,
                account_id=request.account_id,
                cloud_account_request_id=request.id,
                name=request.kind,
                state="ready",
                key=new_id(),
                client_reference=f"{request.number}/{request.id.hex[-12:]}",
            )
        )
        defer(request)
        events.record("cloud_account_request.approved", request, by, told(request) | {"digest": digest})

    def closed(self, subject_id: UUID, state: str, reason: str, by: Actor) -> None:
        request = lock_request(subject_id)
        CLOUD_REQUEST.move(request, "canceled")
        request.closed_at = clock.now()
        request.reason = f"{REASONS[state]}: {reason}" if state == "refused" else reason
        events.record(f"cloud_account_request.{state}", request, by, told(request) | {"reason": reason})


ports.plug("cloud_account", CloudAccountSubject())
