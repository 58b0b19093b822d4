"""What must be remembered of a request that was refused: it is written in a unit of its own, after the refused one is over."""

from uuid import UUID

from flask import g

from app.core import unit
from app.core.db import session
from app.domain.approvals import actions as approvals
from app.domain.people.models import Person


def note_self_decision(request_id: UUID) -> None:
    """The security event of somebody who tried to decide their own request (promise P8). The page goes on, read-only."""
    scope = session().scope
    assert scope is not None
    unit.close(keep=False)
    with unit.unit(scope):
        approvals.note_self_decision(request_id, g.arrival.actor)
    unit.enter(scope, read_only=True)
    g.arrival.person = session().get(Person, g.arrival.actor.person_id)
