"""What answers to a decision, a question or an offer that could not be taken, in both doors; and what must be remembered of it:
that is written in a unit of its own, after the refused one is over.
"""

from collections.abc import Callable
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue

from app.core import unit
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.domain.approvals import actions as approvals
from app.domain.approvals.errors import SelfDecision
from app.domain.people.models import Person


def attempt(
    request_id: UUID,
    act: Callable[[], ResponseReturnValue],
    late: Callable[[Conflict], ResponseReturnValue],
    wrong: Callable[[Invalid], ResponseReturnValue],
) -> ResponseReturnValue:
    """What `act` answers. When somebody was faster or the ask changed, `late` shows the request again; when something typed
    cannot be taken, `wrong` does. Whoever stands behind the request is refused (403), and that is remembered.
    """
    try:
        return act()
    except Conflict as conflict:
        unit.start_over()
        return late(conflict)
    except SelfDecision:
        note_self_decision(request_id)
        raise
    except Invalid as invalid:
        unit.start_over()
        return wrong(invalid)


def note_self_decision(request_id: UUID) -> None:
    """The security event of somebody who tried to decide their own request (promise P8). The page goes on, read-only."""
    scope = session().scope
    assert scope is not None
    unit.close(keep=False)
    with unit.unit(scope):
        approvals.note_self_decision(request_id, g.arrival.actor)
    unit.enter(scope, read_only=True)
    g.arrival.person = session().get(Person, g.arrival.actor.person_id)
