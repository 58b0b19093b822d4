"""The price at the moment of granting: worked out again, and only ever what somebody explicitly chose."""

import json
from decimal import Decimal

from sqlalchemy import func, select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.money import Money
from app.domain.approvals import ports
from app.domain.approvals.actions.gate import restate
from app.domain.approvals.errors import PriceMoved, StaleAsk
from app.domain.approvals.models import ApprovalRequest, Decision, FrozenAsk
from app.domain.approvals.rules.frozen import canonical, difference, digest_of


def check_digest(request: ApprovalRequest, digest: str) -> None:
    """Raises StaleAsk unless `digest` is what is asked, and the subject's own rows still give it."""
    subject = ports.subject(request.subject_type)
    if digest == request.digest and subject.current_digest(request.subject_id) == request.digest:
        return
    asks = {
        row.digest: row.content
        for row in session().scalars(
            select(FrozenAsk).where(
                FrozenAsk.approval_request_id == request.id, FrozenAsk.digest.in_([digest, request.digest])
            )
        )
    }
    if digest in asks and digest != request.digest:
        raise StaleAsk(difference(json.loads(asks[digest]), json.loads(asks[request.digest])))
    raise StaleAsk(())


def settle_price(
    request: ApprovalRequest, at_amount: Decimal | None, *, is_customer: bool, by: Actor
) -> None:
    """Works the price out again; when it moved, only an explicit choice of a total goes on.

    The reseller may always keep the promise that was made, and may let the buyer have a lower price; a higher one needs the
    customer's yes, which a customer's approver can give. What somebody has agreed to already never becomes dearer.
    """
    subject = ports.subject(request.subject_type)
    now = subject.price_now(request.subject_id)
    asked = Money(request.total_amount, request.currency).rounded()
    if not now.moved and now.total == asked:
        if at_amount is not None and at_amount != asked.amount:
            raise PriceMoved(asked, now, (asked,))
        return
    has_agreed = session().scalar(
        select(func.count()).select_from(Decision).where(Decision.approval_request_id == request.id)
    )
    choices = price_choices(asked, now, is_customer=is_customer, is_agreed=bool(has_agreed))
    if at_amount is None or at_amount not in [choice.amount for choice in choices]:
        raise PriceMoved(asked, now, choices)
    if at_amount == asked.amount:
        return
    content, total = subject.take_price_now(request.subject_id, by)
    text = canonical(content)
    number = len(
        session().scalars(select(FrozenAsk.id).where(FrozenAsk.approval_request_id == request.id)).all()
    )
    request.digest, request.total_amount = digest_of(text), total.amount
    session().add(
        FrozenAsk(
            account_id=request.account_id,
            approval_request_id=request.id,
            number=number + 1,
            content=text,
            digest=request.digest,
        )
    )
    restate(request.subject_id, total)
    events.record(
        "approval_request.repriced",
        request,
        by,
        {"number": request.subject_number, "asked": str(asked), "now": str(total), "digest": request.digest},
    )


def price_choices(
    asked: Money, now: ports.PriceNow, *, is_customer: bool, is_agreed: bool = False
) -> list[Money]:
    """The totals somebody may approve at, after the price moved. `is_agreed`: somebody has approved it before."""
    total = None if now.total is None or now.total.currency != asked.currency else now.total
    if total is not None and is_agreed and total > asked:
        total = None
    if is_customer:
        keep = clock.now() < now.is_binding_until
        return ([asked] if keep else []) + ([total] if total is not None and total != asked else [])
    return [asked] + ([total] if total is not None and total < asked else [])
