"""Programs as the distributor sees them: members, and the book that they pay by. Needs the scope of everyone."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.domain.catalog.models import Vendor
from app.domain.pricing.models import PriceBook, PriceBookAssignment, Program, ProgramMember
from app.domain.tenants.models import Tenant


def _still(model: Any) -> Any:
    return or_(model.ends_at.is_(None), model.ends_at > clock.now())


def programs() -> list[Any]:
    """Rows of (Program, vendor_name, members, book_name), by vendor and name. One statement."""
    members = (
        select(func.count())
        .where(ProgramMember.program_id == Program.id, _still(ProgramMember))
        .scalar_subquery()
    )
    book = (
        select(PriceBook.name)
        .join(PriceBookAssignment, PriceBookAssignment.book_id == PriceBook.id)
        .where(
            PriceBookAssignment.program_id == Program.id,
            PriceBookAssignment.starts_at <= clock.now(),
            _still(PriceBookAssignment),
        )
        .limit(1)
        .scalar_subquery()
    )
    return list(
        session().execute(
            select(
                Program,
                Vendor.name.label("vendor_name"),
                members.label("members"),
                book.label("book_name"),
            )
            .join(Vendor, Vendor.id == Program.vendor_id)
            .order_by(Vendor.name, Program.name)
        )
    )


def program(program_id: UUID) -> Any:
    """(Program, vendor_name); NotFound."""
    found = (
        session()
        .execute(
            select(Program, Vendor.name.label("vendor_name"))
            .join(Vendor, Vendor.id == Program.vendor_id)
            .where(Program.id == program_id)
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound()
    return found


def members(program_id: UUID) -> list[Any]:
    """Rows of (ProgramMember, Tenant) that are in the program or will be, by name."""
    return list(
        session().execute(
            select(ProgramMember, Tenant)
            .join(Tenant, Tenant.id == ProgramMember.tenant_id)
            .where(ProgramMember.program_id == program_id, _still(ProgramMember))
            .order_by(Tenant.name)
        )
    )


def member(program_id: UUID, member_id: UUID) -> ProgramMember:
    """One membership of this program; NotFound."""
    found = session().scalar(
        select(ProgramMember).where(ProgramMember.id == member_id, ProgramMember.program_id == program_id)
    )
    if found is None:
        raise NotFound()
    return found


def memberships(tenant_id: UUID) -> list[Any]:
    """Rows of (ProgramMember, Program, vendor_name) of one reseller."""
    return list(
        session().execute(
            select(ProgramMember, Program, Vendor.name.label("vendor_name"))
            .join(Program, Program.id == ProgramMember.program_id)
            .join(Vendor, Vendor.id == Program.vendor_id)
            .where(ProgramMember.tenant_id == tenant_id, _still(ProgramMember))
            .order_by(Vendor.name)
        )
    )
