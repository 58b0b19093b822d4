"""The gate: holds what somebody is about to do against the customer's policy, and asks when it must (promise P6).

It stands in the actions that place or change something, so that no door can walk round it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import execute, session
from app.core.errors import Conflict, NotFound
from app.core.money import Money
from app.domain.approvals.models import ApprovalRequest, Commitment, FrozenAsk
from app.domain.approvals.ports import Ask
from app.domain.approvals.queries.calendars import working_calendar
from app.domain.approvals.queries.policies import PolicyInForce, in_force
from app.domain.approvals.queries.spending import measure
from app.domain.approvals.rules.calendar import reminder_of
from app.domain.approvals.rules.frozen import canonical, digest_of
from app.domain.approvals.rules.verdict import (
    ALWAYS_ASKED,
    HELD,
    NO_POLICY,
    Asked,
    Verdict,
    evaluate,
    strictest,
)

MAX_WAITING_PER_PERSON = 200
"""So that nobody buries one large request under many small ones (attack E-13)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gate says: `request` None means go ahead."""

    verdict: Verdict
    digest: str
    request: ApprovalRequest | None


_LOCK = text("SELECT id FROM account WHERE id = :account FOR NO KEY UPDATE")


def lock_account(account_id: UUID) -> None:
    """From here to the end of the unit, nobody else adds to what this customer has committed to.

    Must come before any sum is read: a sum read first is a sum that a rival has already made wrong (measured: 999 breaches
    in 1000 races without it). NO KEY UPDATE, so that inserts of the account's other rows do not wait.
    Whoever has locked it in this transaction already does not ask again.
    """
    current = session()
    held = current.get_transaction(), account_id
    if current.info.get("locked_account") == held:
        return
    if execute(_LOCK, {"account": account_id}).scalar_one_or_none() is None:
        raise NotFound
    if not current.in_nested_transaction():  # a savepoint may give the lock back
        current.info["locked_account"] = held


def ask(what: Ask, *, by: Actor) -> Outcome:
    """Holds `what` against the policy; writes the commitment, and a request with its frozen ask when somebody must decide.

    The caller acts on the outcome in the same unit.
    """
    if by.account_id is not None and by.account_id != what.account_id:
        raise NotFound
    lock_account(what.account_id)
    now = clock.now()
    people = by.people | what.editor_ids
    policies = _policies(what.account_id, people)
    rules = [rule for policy in policies if policy for rule in policy.rules]
    measured = measure(what.account_id, what.commitment, rules, now)
    asked = Asked(measured.amounts, what.items, what.subject_type, measured.is_first)
    verdict = strictest(
        [
            NO_POLICY if policy is None else evaluate(policy.rules, asked, measured.spent)
            for policy in policies
        ]
    )
    if what.is_held:
        verdict = strictest([verdict, HELD])
    if what.is_always_asked:
        verdict = strictest([verdict, ALWAYS_ASKED])
    content = canonical(what.content)
    digest = digest_of(content)
    session().add(
        Commitment(
            account_id=what.account_id,
            subject_type=what.subject_type,
            subject_id=what.subject_id,
            currency=what.commitment.currency,
            amount=what.commitment.amount,
            counted={
                currency: str(amount) for currency, amount in measured.amounts.items() if amount is not None
            },
            is_unasked=not verdict.must_ask,
            items=None if what.items is None else [item.to_list() for item in what.items],
            placed_at=now,
            verdict=verdict.to_dict()
            | {"versions": [str(policy.version_id) for policy in policies if policy]},
        )
    )
    request = _make_request(what, verdict, content, digest, people, now, by) if verdict.must_ask else None
    return Outcome(verdict, digest, request)


def _policies(account_id: UUID, people: frozenset[UUID]) -> list[PolicyInForce | None]:
    """The reseller's policy that counts, and the customer's own on top; and, for people who published one of these, what
    would count without them.

    So nobody gets their own spend through by loosening a rule (promise P8); somebody else's publication settles it.
    """
    found = in_force(account_id)
    policies: list[PolicyInForce | None] = [found.that_counts]
    without = found
    if people & found.publisher_ids:
        without = in_force(account_id, ignoring=sorted(people))
        if without.that_counts is not None:
            policies.append(without.that_counts)
    policies += [layer for layer in (found.inner, without.inner) if layer is not None]
    return list({id(policy) if policy is None else policy.version_id: policy for policy in policies}.values())


# How many of the person's requests wait, and the addresses of everyone who stands behind this one.
_ASKING = text("""
    SELECT (SELECT count(*) FROM approval_request WHERE state = 'pending' AND requested_by_id = CAST(:person AS uuid)),
           ARRAY(SELECT email FROM person WHERE id = ANY(CAST(:people AS uuid[])))
""")


def _make_request(
    what: Ask,
    verdict: Verdict,
    content: str,
    digest: str,
    people: frozenset[UUID],
    now: datetime,
    by: Actor,
) -> ApprovalRequest:
    current = session()
    waiting, emails = execute(_ASKING, {"person": by.person_id, "people": list(people)}).one()
    if waiting >= MAX_WAITING_PER_PERSON:
        raise Conflict(f"{waiting} of your requests already wait for a decision. Withdraw some first.")
    steps = [step.without(people) for step in verdict.steps]
    first = steps[0]
    calendar = working_calendar(what.account_id)
    expires_at = calendar.after(now, first.days)
    request = ApprovalRequest(
        account_id=what.account_id,
        subject_type=what.subject_type,
        subject_id=what.subject_id,
        subject_number=what.number,
        summary=what.summary[:300],
        currency=what.commitment.currency,
        total_amount=what.commitment.amount,
        digest=digest,
        steps=[step.to_dict() for step in steps],
        asks=first.asks,
        role=first.role,
        asked_ids=first.people_ids,
        verdict=verdict.to_dict(),
        requested_by_id=by.person_id,
        requested_by_name=by.name,
        requester_ids=sorted(people),
        requester_emails=sorted({*emails, *([by.email] if by.email else [])}),
        created_at=now,
        step_began_at=now,
        expires_at=expires_at,
        remind_at=reminder_of(calendar, now, expires_at),
    )
    current.add(request)
    current.flush()
    current.add(
        FrozenAsk(
            account_id=what.account_id,
            approval_request_id=request.id,
            number=1,
            content=content,
            digest=digest,
        )
    )
    events.record(
        "approval_request.made",
        request,
        by,
        {
            "subject_type": what.subject_type,
            "subject_id": what.subject_id,
            "number": what.number,
            "total": str(what.commitment),
            "asks": first.asks,
            "role": first.role,
            "reasons": [reason.sentence for reason in verdict.met],
            "digest": digest,
        },
    )
    return request


def release(subject_id: UUID) -> None:
    """What was committed to with this subject no longer counts: it was canceled, refused, or failed as a whole."""
    row = session().scalars(select(Commitment).where(Commitment.subject_id == subject_id)).one_or_none()
    if row is not None and row.released_at is None:
        row.released_at = clock.now()


def restate(subject_id: UUID, commitment: Money) -> None:
    """The commitment of a decided subject, after its price was taken as it is now."""
    row = session().scalars(select(Commitment).where(Commitment.subject_id == subject_id)).one()
    row.amount = commitment.amount
