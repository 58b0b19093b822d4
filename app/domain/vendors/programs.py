"""Resellers' requests to be let into vendors' programs: asked in the console, decided by the distributor, once."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.numbers import next_number
from app.domain.catalog.models import Vendor
from app.domain.pricing.actions import join_program
from app.domain.pricing.models import Program, ProgramMember
from app.domain.tenants.models import Tenant
from app.domain.vendors.models import PROGRAM_REQUEST, ProgramRequest

MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """A program as a reseller sees it: whether it is in, and whether it has asked."""

    program: Program
    vendor_name: str
    is_member: bool
    is_asked: bool


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request with the names it needs."""

    request: ProgramRequest
    program_name: str
    vendor_name: str
    reseller: str


def programs_for(tenant_id: UUID) -> list[ProgramRow]:
    """All programs, by vendor and name. One statement."""
    now = clock.now()
    member = (
        select(ProgramMember.id)
        .where(
            ProgramMember.tenant_id == tenant_id,
            ProgramMember.program_id == Program.id,
            ProgramMember.starts_at <= now,
            (ProgramMember.ends_at.is_(None)) | (ProgramMember.ends_at > now),
        )
        .exists()
    )
    asked = (
        select(ProgramRequest.id)
        .where(
            ProgramRequest.tenant_id == tenant_id,
            ProgramRequest.program_id == Program.id,
            ProgramRequest.state == "pending",
        )
        .exists()
    )
    rows = session().execute(
        select(Program, Vendor.name, member, asked)
        .join(Vendor, Vendor.id == Program.vendor_id)
        .order_by(Vendor.name, Program.name)
    )
    return [ProgramRow(*row) for row in rows]


def program_requests(*, state: str = "", limit: int = 200) -> list[RequestRow]:
    """The scope's requests, the newest first. One statement."""
    statement = _requests().order_by(ProgramRequest.requested_at.desc(), ProgramRequest.id).limit(limit)
    if state:
        statement = statement.where(ProgramRequest.state == state)
    return [RequestRow(*row) for row in session().execute(statement)]


def program_request(request_id: UUID) -> RequestRow:
    """The request with this id. NotFound."""
    found = session().execute(_requests().where(ProgramRequest.id == request_id)).first()
    if found is None:
        raise NotFound
    return RequestRow(*found)


def _requests():  # type: ignore[no-untyped-def]
    return (
        select(ProgramRequest, Program.name, Vendor.name, Tenant.name)
        .join(Program, Program.id == ProgramRequest.program_id)
        .join(Vendor, Vendor.id == ProgramRequest.vendor_id)
        .join(Tenant, Tenant.id == ProgramRequest.tenant_id)
    )


def request_program(program_id: UUID, *, partner_number: str, note: str = "", by: Actor) -> ProgramRequest:
    """Asks the distributor. Raises NotFound, Forbidden, Invalid (`partner_number`, `note`), Conflict (in it, or asked)."""
    if by.person_id is None or by.tenant_id is None:
        raise Forbidden("Only a reseller's people can ask for a program.")
    program = session().get(Program, program_id)
    if program is None:
        raise NotFound
    session().execute(select(Tenant.id).where(Tenant.id == by.tenant_id).with_for_update(key_share=True))
    found = next(row for row in programs_for(by.tenant_id) if row.program.id == program_id)
    if found.is_member:
        raise Conflict("You are in this program already.")
    if found.is_asked:
        raise Conflict("You have asked for this program; the distributor decides.")
    partner_number, note = " ".join(partner_number.split()), note.strip()
    wrong = {}
    if not partner_number or len(partner_number) > 60:
        wrong["partner_number"] = "Enter your number with the vendor, at most 60 characters."
    if len(note) > MAX_TEXT:
        wrong["note"] = f"Use at most {MAX_TEXT} characters."
    if wrong:
        raise Invalid(wrong)
    made = ProgramRequest(
        tenant_id=by.tenant_id,
        number=next_number(by.tenant_id, "V"),
        vendor_id=program.vendor_id,
        program_id=program.id,
        partner_number=partner_number,
        note=note,
        requested_at=clock.now(),
        requested_by_id=by.person_id,
        requested_by_name=by.name,
    )
    session().add(made)
    events.record("program_request.made", made, by, {"number": made.number, "program": program.name})
    return made


def withdraw_program_request(request_id: UUID, *, by: Actor) -> None:
    """Takes a request back while it waits. Raises NotFound, Conflict."""
    request = _locked(request_id)
    PROGRAM_REQUEST.move(request, "withdrawn")
    request.decided_at, request.decided_by_name = clock.now(), by.name
    events.record("program_request.withdrawn", request, by, {"number": request.number})


def decide_program_request(
    request_id: UUID, answer: str, *, comment: str = "", reference: str = "", by: Actor
) -> ProgramRequest:
    """The distributor's answer, once; `approved` lets the reseller into the program at once.

    Raises NotFound, Forbidden, Invalid (`answer`, `comment`, `reference`), Conflict (decided, withdrawn, or in it already).
    """
    if by.realm != "distributor":
        raise Forbidden("The distributor decides over its programs.")
    comment, reference = comment.strip(), " ".join(reference.split())
    wrong = {}
    if answer not in ("approved", "refused"):
        wrong["answer"] = "Approve it or refuse it."
    if answer == "refused" and not comment:
        wrong["comment"] = "Say why, so that the reseller knows what to do."
    if len(comment) > MAX_TEXT:
        wrong["comment"] = f"Use at most {MAX_TEXT} characters."
    if len(reference) > 60:
        wrong["reference"] = "Use at most 60 characters."
    if wrong:
        raise Invalid(wrong)
    request = _locked(request_id)
    PROGRAM_REQUEST.move(request, answer)
    request.decided_at, request.decided_by_name = clock.now(), by.name
    request.comment, request.reference = comment, reference
    if answer == "approved":
        join_program(session().get_one(Program, request.program_id), request.tenant_id, by=by)
    events.record(f"program_request.{answer}", request, by, {"number": request.number, "comment": comment})
    return request


def _locked(request_id: UUID) -> ProgramRequest:
    found = (
        session()
        .scalars(
            select(ProgramRequest)
            .where(ProgramRequest.id == request_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound
    return found
