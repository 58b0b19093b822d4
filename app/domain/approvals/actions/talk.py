"""What goes to and fro before a decision: a question and its answer, an offer to approve less, a reminder."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import SYSTEM, Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.approvals import ports
from app.domain.approvals.actions.decide import close
from app.domain.approvals.actions.prices import check_digest
from app.domain.approvals.actions.standing import entitle, how_it_ended, lock_request
from app.domain.approvals.models import PROPOSAL, ApprovalMessage, ApprovalProposal, ApprovalRequest
from app.domain.approvals.queries.calendars import working_calendar
from app.domain.approvals.rules.calendar import reminder_of

MAX_MESSAGE = 2000
MAX_MESSAGES = 100


def send_back(request_id: UUID, question: str, *, step: int, by: Actor) -> ApprovalMessage:
    """Asks those who asked something before deciding. Only somebody who may decide the step `step` now.

    Raises what `entitle` does, and Invalid (`comment`).
    """
    request = lock_request(request_id)
    entitle(request, step, by)
    message = _say(request, "question", question, "comment", by)
    request.is_sent_back = True
    events.record(
        "approval_request.questioned",
        request,
        by,
        {"number": request.subject_number, "question": message.content, "message_id": message.id},
    )
    return message


def answer(request_id: UUID, text: str, *, by: Actor) -> ApprovalMessage:
    """Answers a question. Only people who stand behind the request; whoever decides then has at least a working day.

    Raises NotFound, Forbidden, Conflict (decided by now), Invalid (`answer`).
    """
    request = lock_request(request_id)
    _only_requesters(request, by)
    _still_waits(request)
    message = _say(request, "answer", text, "answer", by)
    request.is_sent_back = False
    _give_a_day(request)
    events.record(
        "approval_request.answered",
        request,
        by,
        {"number": request.subject_number, "answer": message.content, "message_id": message.id},
    )
    return message


def offer_less(
    request_id: UUID,
    quantities: Mapping[UUID, int],
    *,
    digest: str,
    step: int,
    comment: str = "",
    by: Actor,
) -> ApprovalProposal:
    """Offers to approve lower quantities, by line (0: leave it out). Nothing changes until those who asked agree.

    Raises what `entitle` does, StaleAsk, and Invalid (`quantity-<line id>`, or without a field).
    """
    request = lock_request(request_id)
    entitle(request, step, by)
    check_digest(request, digest)
    wanted = _lowered(request, quantities)
    current = session()
    for open_one in current.scalars(
        select(ApprovalProposal).where(
            ApprovalProposal.approval_request_id == request.id, ApprovalProposal.state == "open"
        )
    ):
        PROPOSAL.move(open_one, "lapsed")
        open_one.answered_at = clock.now()
    current.flush()
    proposal = ApprovalProposal(
        account_id=request.account_id,
        approval_request_id=request.id,
        digest=digest,
        quantities=wanted,
        comment=comment.strip()[:MAX_MESSAGE],
        person_id=by.person_id,
        person_name=by.name,
    )
    current.add(proposal)
    request.is_sent_back = True
    events.record(
        "approval_request.less_offered",
        request,
        by,
        {"number": request.subject_number, "quantities": wanted, "comment": proposal.comment},
    )
    return proposal


def _lowered(request: ApprovalRequest, quantities: Mapping[UUID, int]) -> list[dict[str, object]]:
    subject = ports.subject(request.subject_type)
    if not isinstance(subject, ports.Reducible):
        raise Conflict("Quantities of this cannot be lowered. Refuse it and say why.")
    lines = subject.quantities(request.subject_id)
    problems, wanted = {}, []
    for line in lines:
        after = quantities.get(line.line_id, line.quantity)
        if not 0 <= after <= line.quantity:
            problems[f"quantity-{line.line_id}"] = f"Give a number from 0 to {line.quantity}."
        elif after < line.quantity:
            wanted.append(
                {"line_id": str(line.line_id), "title": line.title, "before": line.quantity, "after": after}
            )
    if problems:
        raise Invalid(problems)
    if not wanted:
        raise Invalid("Lower at least one quantity.")
    if all(quantities.get(line.line_id, line.quantity) == 0 for line in lines):
        raise Invalid("That leaves nothing. Refuse it instead, and say why.")
    return wanted


def accept_less(proposal_id: UUID, *, by: Actor) -> str:
    """Agrees to lower quantities: the request is taken back and asked anew, with its own digest. Answers the new number.

    Only people who stand behind the request. Raises NotFound, Forbidden, Conflict (not open any more, asked otherwise by now).
    """
    proposal, request = _answerable(proposal_id, by)
    if proposal.digest != request.digest:
        raise Conflict("What you asked has changed since this was offered.")
    subject = ports.subject(request.subject_type)
    assert isinstance(subject, ports.Reducible)
    PROPOSAL.move(proposal, "accepted")
    proposal.answered_at, proposal.answered_by_name = clock.now(), by.name
    session().flush()
    close(request, "withdrawn", f"Asked anew with lower quantities, as {proposal.person_name} offered.", by)
    number = subject.ask_for_less(
        request.subject_id, {UUID(one["line_id"]): int(one["after"]) for one in proposal.quantities}, by
    )
    events.record(
        "approval_request.less_accepted", request, by, {"number": request.subject_number, "as": number}
    )
    return number


def decline_less(proposal_id: UUID, *, by: Actor) -> None:
    """Holds on to what was asked; whoever decides goes on with that. Raises as `accept_less` does."""
    proposal, request = _answerable(proposal_id, by)
    PROPOSAL.move(proposal, "declined")
    proposal.answered_at, proposal.answered_by_name = clock.now(), by.name
    request.is_sent_back = False
    _give_a_day(request)
    events.record("approval_request.less_declined", request, by, {"number": request.subject_number})


def _answerable(proposal_id: UUID, by: Actor) -> tuple[ApprovalProposal, ApprovalRequest]:
    request_id = session().scalar(
        select(ApprovalProposal.approval_request_id).where(ApprovalProposal.id == proposal_id)
    )
    if request_id is None:
        raise NotFound
    request = lock_request(request_id)
    _only_requesters(request, by)
    proposal = session().get_one(ApprovalProposal, proposal_id, populate_existing=True)
    _still_waits(request)
    if proposal.state != "open":
        raise Conflict("This offer is no longer open.")
    return proposal, request


def remind(request_id: UUID, *, by: Actor) -> None:
    """Reminds whoever is asked. People who stand behind the request may, once a day of the reseller's calendar.

    Raises NotFound, Forbidden, Conflict (decided by now, or reminded today already).
    """
    request = lock_request(request_id)
    _only_requesters(request, by)
    _still_waits(request)
    zone = working_calendar(request.account_id).time_zone
    if request.buyer_reminded_at is not None and clock.day_of(request.buyer_reminded_at, zone) == clock.today(
        zone
    ):
        raise Conflict("They have been reminded today already. You can remind them again tomorrow.")
    request.buyer_reminded_at = clock.now()
    events.record("approval_request.reminded", request, by, {"number": request.subject_number})


def remind_by_itself(request_id: UUID) -> bool:
    """The one reminder of a step that comes by itself, before its time is over; answers whether it was due."""
    request = lock_request(request_id)
    if request.state != "pending" or request.remind_at is None or request.remind_at > clock.now():
        return False
    request.remind_at = None
    events.record("approval_request.reminded", request, SYSTEM, {"number": request.subject_number})
    return True


def _only_requesters(request: ApprovalRequest, by: Actor) -> None:
    if not by.people & set(request.requester_ids):
        raise Forbidden("Only whoever asked can do this.")


def _still_waits(request: ApprovalRequest) -> None:
    if request.state != "pending":
        raise Conflict(how_it_ended(request))


def _give_a_day(request: ApprovalRequest) -> None:
    now, calendar = clock.now(), working_calendar(request.account_id)
    least = calendar.after(now, 1)
    if request.expires_at < least:
        request.expires_at = least
        request.remind_at = reminder_of(calendar, now, least)


def _say(request: ApprovalRequest, kind: str, text: str, field: str, by: Actor) -> ApprovalMessage:
    text = text.strip()
    if not text:
        raise Invalid({field: "Write something."})
    if len(text) > MAX_MESSAGE:
        raise Invalid({field: f"Use at most {MAX_MESSAGE} characters."})
    said = session().scalars(
        select(ApprovalMessage.id).where(ApprovalMessage.approval_request_id == request.id)
    )
    if len(said.all()) >= MAX_MESSAGES:
        raise Conflict("Enough was said about this one; somebody has to decide it.")
    message = ApprovalMessage(
        account_id=request.account_id,
        approval_request_id=request.id,
        kind=kind,
        content=text,
        person_id=by.person_id,
        person_name=by.name,
        realm=by.realm,
    )
    session().add(message)
    session().flush()
    return message
