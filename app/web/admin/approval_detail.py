"""The page of one request, as it is looked at and as it answers a decision that could not be taken."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue

from app.core import events
from app.domain.approvals import ports
from app.domain.approvals import queries as approvals
from app.domain.approvals.actions.prices import price_choices
from app.domain.approvals.queries import RequestDetail
from app.domain.reports.queries import orders
from app.web.kit.happenings import timeline
from app.web.kit.inbox import KINDS, DecisionForm
from app.web.kit.pages import page
from app.web.kit.policies import reason_inside, who
from app.web.kit.prices import steps_of
from app.web.kit.subjects import subject_of


@dataclass
class Trouble:
    """Why something was not taken: a sentence, what changed meanwhile, and what was typed beside which fields."""

    status: int = 200
    problem: str = ""
    changes: Any = ()
    errors: Any = None
    typed: str = ""
    quantities: Any = None


def detail_page(
    request_id: UUID, form: DecisionForm | None = None, trouble: Trouble | None = None
) -> ResponseReturnValue:
    """The request `request_id` with the form to decide it."""
    trouble = trouble or Trouble()
    found = approvals.request_detail(request_id, g.arrival.actor)
    return page(
        "admin/approvals/detail.html",
        trouble.status,
        **_deciding(found, form, trouble),
        **_around(found),
        trouble=trouble,
    )


def small_page(
    request_id: UUID, form: DecisionForm | None = None, trouble: Trouble | None = None
) -> ResponseReturnValue:
    """Only what a decision needs: where the link of a mail leads."""
    trouble = trouble or Trouble()
    found = approvals.request_detail(request_id, g.arrival.actor)
    return page(
        "admin/approvals/decision.html", trouble.status, **_deciding(found, form, trouble), trouble=trouble
    )


def _deciding(found: RequestDetail, form: DecisionForm | None, trouble: Trouble) -> dict[str, Any]:
    now = choices = None
    if found.row.state == "pending":
        now = ports.subject(found.row.subject_type).price_now(found.row.subject_id)
        if now.moved or now.total != found.row.total:
            choices = price_choices(found.row.total, now, is_customer=False, is_agreed=bool(found.decisions))
    if form is None or trouble.problem:
        typed = form.comment.data if form is not None else trouble.typed
        form = DecisionForm(
            formdata=None, data={"digest": found.digest, "step": str(found.row.step), "comment": typed}
        )
    form.at_amount.choices = [(str(choice.amount), choice) for choice in choices or ()]
    return {
        "found": found,
        "row": found.row,
        "form": form,
        "now": now,
        "choices": choices,
        "kinds": dict(KINDS),
        "reason_told": reason_inside if g.arrival.actor.can("cost:read") else lambda reason: reason.sentence,
        "who": who,
    }


def _around(found: RequestDetail) -> dict[str, Any]:
    actor = g.arrival.actor
    is_order = found.row.subject_type == "order"
    return {
        "detail": orders.order_by_id(found.row.subject_id) if is_order else None,
        **subject_of(found.row.subject_type, found.row.subject_id),
        "steps_of": lambda line: steps_of(line.quote, with_cost=actor.can("cost:read")),
        "recent": orders.orders(account_id=found.row.account_id, size=6),
        "events": timeline(events.timeline(found.row.id)),
        "is_behind": bool(actor.people & found.requester_ids),
        "can_reduce": isinstance(ports.subject(found.row.subject_type), ports.Reducible),
        "facts": facts_of(found.content),
    }


def facts_of(content: Any) -> list[tuple[str, str]]:
    """The plain values of a frozen ask as a list of facts, for kinds of request that have no page of their own yet."""
    return [
        (str(key).replace("_", " ").capitalize(), str(value))
        for key, value in content.items()
        if isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    ]
