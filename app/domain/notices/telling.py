"""Which event tells whom, and by which letter. One function per event; `TELLS` is the whole list."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from app.core.db import session
from app.core.events import Event
from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.approvals.queries.requests import deciders
from app.domain.notices import actions as notices
from app.domain.orders.models import Order, OrderLine
from app.domain.people.actions import INVITATION
from app.domain.people.models import Account, Person


def tell(event: Event) -> None:
    """Writes the mails that `event` calls for; those that were written before are not written twice."""
    TELLS[event.name](event)


def _invited(event: Event) -> None:
    person = session().get(Person, event.subject_id)
    if person is not None and person.state == "invited":
        inviter = event.person_name
        account = session().get(Account, person.account_id) if person.account_id else None
        notices.send(
            "invitation",
            to=person,
            context={"inviter": inviter, "account": account},
            event_id=event.id,
            link_purpose=INVITATION,
        )


def _approval_asked(event: Event) -> None:
    request = session().get(ApprovalRequest, event.subject_id)
    if request is None or request.state != "pending":
        return
    able = [decider.id for decider in deciders(request)]
    account = session().get(Account, request.account_id)
    for person in _people(able):
        notices.send(
            "approval_asked", to=person, context={"ask": request, "account": account}, event_id=event.id
        )


def _order(template: str) -> Callable[[Event], None]:
    def tell_buyer(event: Event) -> None:
        order = session().get(Order, event.subject_id)
        if order is None:
            return
        for person in _people([order.placed_by_id]):
            notices.send(template, to=person, context=_about(order, event), event_id=event.id)

    return tell_buyer


def _about(order: Order, event: Event) -> dict[str, Any]:
    lines = session().scalars(
        select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    )
    decision = None
    if order.approval_request_id is not None:
        decision = (
            session()
            .scalars(
                select(Decision)
                .where(Decision.approval_request_id == order.approval_request_id)
                .order_by(Decision.step.desc())
                .limit(1)
            )
            .first()
        )
    account = session().get(Account, order.account_id)
    return {
        "order": order,
        "lines": list(lines),
        "account": account,
        "decision": decision,
        "reason": event.data.get("reason", "") or order.reason,
    }


def _people(ids: Iterable[Any]) -> list[Person]:
    rows = session().scalars(
        select(Person).where(Person.id.in_(list(ids)), Person.is_active, Person.password_hash != "")
    )
    return list(rows)


TELLS: dict[str, Callable[[Event], None]] = {
    "person.invited": _invited,
    "approval_request.made": _approval_asked,
    "approval_request.passed_on": _approval_asked,
    "order.placed": _order("order_placed"),
    "order.approved": _order("order_approved"),
    "order.refused": _order("order_refused"),
    "order.expired": _order("order_expired"),
    "order.completed": _order("order_delivered"),
    "order.failed": _order("order_failed"),
}
