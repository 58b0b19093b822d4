"""Deciding several requests at once: each over its own digest, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.actor import Actor
from app.core.errors import AwningError, Conflict, Invalid
from app.domain.approvals.actions.decide import decide
from app.domain.approvals.errors import SelfDecision

MAX_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """One request as the list showed it."""

    request_id: UUID
    step: int
    digest: str


class NotAll(Conflict):
    """At least one of the chosen requests cannot be decided like that, so none is. `problems` says why, by request.

    `own_ids` are those that the decider stands behind (promise P8).
    """

    def __init__(self, problems: dict[UUID, str], own_ids: Sequence[UUID]):
        super().__init__("Nothing was decided, because some of these cannot be decided like this.")
        self.problems = problems
        self.own_ids = tuple(own_ids)


def decide_all(chosen: Sequence[Chosen], answer: str, *, comment: str = "", by: Actor) -> int:
    """Answers every chosen request alike; answers how many. The unit must be rolled back when it raises NotAll or Invalid.

    A request whose price has moved is not decided here: which price to take is a choice of its own.
    """
    if not chosen:
        raise Invalid("Choose at least one request.")
    if len(chosen) > MAX_AT_ONCE:
        raise Invalid(f"Decide at most {MAX_AT_ONCE} at once.")
    problems: dict[UUID, str] = {}
    own = []
    for one in sorted({one.request_id: one for one in chosen}.values(), key=lambda one: one.request_id):
        try:
            decide(one.request_id, answer, digest=one.digest, step=one.step, comment=comment, by=by)
        except Invalid:
            raise
        except SelfDecision as error:
            problems[one.request_id] = error.message
            own.append(one.request_id)
        except AwningError as error:
            problems[one.request_id] = error.message
    if problems:
        raise NotAll(problems, own)
    return len({one.request_id for one in chosen})
