"""Which event tells whom. `TELLS` is the whole list: one line makes an event tellable, and `app/reactions.py` reads it.

A line says by which kind (`kinds/`), to whom (a function of the event) and about what (a function that answers a `Story`:
the placeholders' values and the page on either side of the house).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.core.db import session
from app.core.events import Event
from app.domain.approvals.models import ApprovalRequest
from app.domain.approvals.queries.requests import deciders
from app.domain.notices import actions as notices
from app.domain.notices.kinds import kind_of
from app.domain.notices.stories import (
    Story,
    mail_story,
    margin_story,
    order_story,
    price_story,
    request_story,
)
from app.domain.orders.models import Order
from app.domain.people.actions import INVITATION
from app.domain.people.models import Person
from app.domain.people.rules.roles import ROLES

People = Callable[[Event], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Tell:
    """One line: this kind, to these people (ids), with this story. `only_if` may look at the event and say no."""

    kind: str
    to: People
    story: Callable[[Event], Story | None]
    only_if: Callable[[Event], bool] = field(default=lambda _event: True)


def tell(event: Event) -> None:
    """Tells everybody whom `event` concerns; those who were told before are not told twice. Whoever did it knows already."""
    for line in TELLS[event.name]:
        if isinstance(line, Tell):
            _tell(event, line)
        else:
            line(event)


def _tell(event: Event, line: Tell) -> None:
    if not line.only_if(event):
        return
    story = line.story(event)
    if story is None:
        return
    for person in _people(line.to(event)):
        notices.notify(
            line.kind,
            to=person,
            facts=story.facts,
            path=story.path(console=person.realm != "storefront", decides=kind_of(line.kind).decides),
            event_id=event.id,
        )


def _people(ids: Iterable[Any]) -> list[Person]:
    rows = session().scalars(
        select(Person)
        .where(Person.id.in_(list(ids)), Person.is_active, Person.password_hash != "")
        .order_by(Person.name, Person.id)
    )
    return list(rows)


# -- to whom ------------------------------------------------------------------------------------------------------------


def buyer(event: Event) -> list[Any]:
    """Whoever placed the order that the event is about."""
    order = session().get(Order, event.subject_id)
    return [order.placed_by_id] if order else []


def requester(event: Event) -> list[Any]:
    """Whoever made the request that the event is about."""
    request = session().get(ApprovalRequest, event.subject_id)
    return [request.requested_by_id] if request and request.requested_by_id else []


def able_to_decide(event: Event) -> list[Any]:
    """Everybody who may decide the request that the event is about, while it waits."""
    request = session().get(ApprovalRequest, event.subject_id)
    if request is None or request.state != "pending":
        return []
    return [decider.id for decider in deciders(request) if decider.id != event.person_id]


def named(key: str) -> People:
    """Those whose ids stand in the event's data under `key`: one, or a list."""

    def people(event: Event) -> list[Any]:
        found = event.data.get(key) or []
        return list(found) if isinstance(found, list) else [found]

    return people


def staff_who_can(permission: str) -> People:
    """The reseller's people with this permission, but for whoever did it."""

    def people(event: Event) -> Sequence[Any]:
        able = {role for role, can in ROLES["console"].items() if permission in can}
        rows = session().execute(
            select(Person.id, Person.roles).where(
                Person.tenant_id == event.tenant_id, Person.realm == "console", Person.is_active
            )
        )
        return [key for key, roles in rows if able & set(roles) and key != event.person_id]

    return people


def customers_who(permission: str) -> People:
    """The people with this permission of the customer that the event is about."""

    def people(event: Event) -> Sequence[Any]:
        able = {role for role, can in ROLES["storefront"].items() if permission in can}
        rows = session().execute(
            select(Person.id, Person.roles).where(
                Person.account_id == event.account_id, Person.realm == "storefront", Person.is_active
            )
        )
        return [key for key, roles in rows if able & set(roles)]

    return people


# -- when ---------------------------------------------------------------------------------------------------------------


def _waits(event: Event) -> bool:
    order = session().get(Order, event.subject_id)
    return order is not None and order.state == "on_hold"


def _goes_through(event: Event) -> bool:
    return not _waits(event)


def _is_no_order(event: Event) -> bool:
    request = session().get(ApprovalRequest, event.subject_id)
    return request is not None and request.subject_type != "order"  # orders tell of themselves


def _by_the_customer(event: Event) -> bool:
    return event.realm == "storefront"


def _invited(event: Event) -> None:
    person = session().get(Person, event.subject_id)
    if person is not None and person.state == "invited":
        notices.send(
            "invitation",
            to=person,
            facts={"inviter_name": event.person_name},
            event_id=event.id,
            link_purpose=INVITATION,
        )


TELLS: Mapping[str, Sequence[Tell | Callable[[Event], None]]] = {
    "person.invited": [_invited],
    "order.placed": [
        Tell("order_placed", buyer, order_story, _goes_through),
        Tell("order_waiting", buyer, order_story, _waits),
        Tell("order_received", staff_who_can("order:manage"), order_story, _by_the_customer),
    ],
    "order.approved": [Tell("order_approved", buyer, order_story)],
    "order.refused": [Tell("order_refused", buyer, order_story)],
    "order.expired": [Tell("order_expired", buyer, order_story)],
    "order.completed": [Tell("order_delivered", buyer, order_story)],
    "order.failed": [
        Tell("order_failed", buyer, order_story),
        Tell("order_stuck", staff_who_can("order:manage"), order_story),
    ],
    "approval_request.made": [Tell("approval_asked", able_to_decide, request_story)],
    "approval_request.passed_on": [Tell("approval_asked", able_to_decide, request_story)],
    "approval_request.reminded": [Tell("approval_reminder", able_to_decide, request_story)],
    "approval_request.escalated": [Tell("approval_escalated", able_to_decide, request_story)],
    "approval_request.questioned": [Tell("approval_question", requester, request_story)],
    "approval_request.less_offered": [Tell("quantity_offered", requester, request_story)],
    "approval_request.answered": [Tell("approval_answered", able_to_decide, request_story)],
    "approval_request.approved": [Tell("request_approved", requester, request_story, _is_no_order)],
    "approval_request.refused": [Tell("request_refused", requester, request_story, _is_no_order)],
    "approval_request.expired": [Tell("request_expired", requester, request_story, _is_no_order)],
    "price_notice.made": [Tell("prices_rise", customers_who("subscription:read"), price_story)],
    "margin_guard.found": [Tell("margins_gone", staff_who_can("pricing:edit"), margin_story)],
    "mail.refused": [Tell("mail_refused", staff_who_can("mail:read"), mail_story)],
}
