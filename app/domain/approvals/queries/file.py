"""The complete file of one request, for whoever looks into it years later: the request, what held it, all that was said."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, and_, cast, select

from app.core.actor import Actor
from app.core.db import session
from app.domain.approvals.models import ApprovalProposal, Commitment, FrozenAsk, Policy, PolicyVersion
from app.domain.approvals.queries.requests import RequestDetail, request_detail


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A published version that the request was held against. `layer`: whose it is; `is_own`: written for this customer."""

    layer: str
    is_own: bool
    number: int
    published_at: datetime
    published_by_name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to approve less, whatever became of it. `quantities` are {"title", "before", "after"} in order."""

    state: str
    quantities: tuple[dict[str, object], ...]
    comment: str
    person_name: str
    at: datetime
    answered_at: datetime | None
    answered_by_name: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """One frozen ask: canonical JSON, and its SHA-256 digest in hexadecimal. The last one counts."""

    number: int
    content: str
    digest: str


@dataclass(frozen=True, slots=True)
class RequestFile:
    """Everything that is kept about a request."""

    found: RequestDetail
    held_by: tuple[HeldBy, ...]
    offers: tuple[Offer, ...]
    asks: tuple[Frozen, ...]


def request_file(request_id: UUID, by: Actor) -> RequestFile:
    """The file of `request_id`, in the reader's scope; NotFound otherwise. Three statements besides the request's own."""
    found = request_detail(request_id, by)
    versions = session().execute(
        select(
            Policy.layer,
            Policy.account_id.is_not(None),
            PolicyVersion.number,
            PolicyVersion.published_at,
            PolicyVersion.published_by_name,
        )
        .join(Policy, and_(Policy.tenant_id == PolicyVersion.tenant_id, Policy.id == PolicyVersion.policy_id))
        .join(
            Commitment,
            and_(
                Commitment.tenant_id == PolicyVersion.tenant_id,
                Commitment.verdict["versions"].op("?", is_comparison=True)(cast(PolicyVersion.id, String)),
            ),
        )
        .where(Commitment.subject_id == found.row.subject_id)
        .order_by(Policy.layer.desc(), PolicyVersion.number)
    )
    offers = session().scalars(
        select(ApprovalProposal)
        .where(ApprovalProposal.approval_request_id == request_id)
        .order_by(ApprovalProposal.created_at, ApprovalProposal.id)
    )
    asks = session().execute(
        select(FrozenAsk.number, FrozenAsk.content, FrozenAsk.digest)
        .where(FrozenAsk.approval_request_id == request_id)
        .order_by(FrozenAsk.number)
    )
    return RequestFile(
        found,
        tuple(HeldBy(*row) for row in versions),
        tuple(
            Offer(
                offer.state,
                tuple(offer.quantities),
                offer.comment,
                offer.person_name,
                offer.created_at,
                offer.answered_at,
                offer.answered_by_name,
            )
            for offer in offers
        ),
        tuple(Frozen(*row) for row in asks),
    )
