"""Vendors' programs and the resellers in them; the distributor's, so in everyone's scope."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.catalog.models import Vendor
from app.domain.pricing.models import Program, ProgramMember
from app.domain.pricing.queries.owning import owner_in_scope
from app.domain.tenants.models import Tenant


def make_program(vendor_id: UUID, name: str, *, by: Actor) -> Program:
    """A new program of a vendor's. Invalid (`name`) when it has none, or one that the vendor has already."""
    _distributor_only()
    name = " ".join(name.split())
    if not name or len(name) > 120:
        raise Invalid({"name": "Give the program a name of at most 120 characters."})
    if session().get(Vendor, vendor_id) is None:
        raise NotFound()
    if session().scalar(select(Program.id).where(Program.vendor_id == vendor_id, Program.name == name)):
        raise Invalid({"name": "This vendor has a program of that name."})
    made = Program(vendor_id=vendor_id, name=name)
    session().add(made)
    events.record("program.made", made, by, {"name": name, "vendor_id": vendor_id})
    return made


def join_program(
    program: Program, tenant_id: UUID, *, by: Actor, at: datetime | None = None
) -> ProgramMember:
    """From `at` (default: now) the reseller is in the program; the one of the same vendor that it was in ends then."""
    _distributor_only()
    now = clock.now()
    starts = at or now
    if starts < now:
        raise Invalid({"at": "A price cannot take effect in the past."})
    current = session()
    if (
        current.scalar(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True))
        is None
    ):
        raise NotFound()
    for before in current.scalars(
        select(ProgramMember).where(
            ProgramMember.tenant_id == tenant_id,
            ProgramMember.vendor_id == program.vendor_id,
            (ProgramMember.ends_at.is_(None)) | (ProgramMember.ends_at > starts),
        )
    ):
        if before.starts_at >= starts or before.program_id == program.id:
            raise Conflict("It is in this program already, or another one is planned for then.")
        before.ends_at = starts
    current.flush()
    made = ProgramMember(
        tenant_id=tenant_id,
        program_id=program.id,
        vendor_id=program.vendor_id,
        starts_at=starts,
        added_by=by.person_id,
        added_by_name=by.name,
    )
    current.add(made)
    events.record("program.joined", made, by, {"program": program.name, "starts_at": starts})
    return made


def leave_program(member: ProgramMember, *, by: Actor) -> None:
    """The reseller's membership ends now; the next wider book counts again."""
    _distributor_only()
    now = clock.now()
    if member.ends_at is not None and member.ends_at <= now:
        raise Conflict("This has ended already.")
    member.ends_at = max(now, member.starts_at)
    events.record("program.left", member, by, {"program_id": member.program_id})


def _distributor_only() -> None:
    if owner_in_scope() is not None:
        raise Conflict("Programs are the distributor's.")
