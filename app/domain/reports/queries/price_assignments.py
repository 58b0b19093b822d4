"""Who pays by which book, by name: of one customer, one subscription, or one reseller. Narrowest first, as prices are chosen."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.domain.catalog.models import Vendor
from app.domain.pricing.models import PriceBook, PriceBookAssignment, Program, ProgramMember
from app.domain.pricing.queries.owning import distributor_alone


def _rows(*conditions: ColumnElement[bool]) -> list[Any]:
    """Rows of (PriceBookAssignment, PriceBook, vendor_name, program_name, is_planned), not over yet. One statement."""
    now = clock.now()
    return list(
        session().execute(
            select(
                PriceBookAssignment,
                PriceBook,
                Vendor.name.label("vendor_name"),
                Program.name.label("program_name"),
                (PriceBookAssignment.starts_at > now).label("is_planned"),
            )
            .join(PriceBook, PriceBook.id == PriceBookAssignment.book_id)
            .outerjoin(Vendor, Vendor.id == PriceBookAssignment.vendor_id)
            .outerjoin(Program, Program.id == PriceBookAssignment.program_id)
            .where(
                distributor_alone(PriceBookAssignment),
                or_(PriceBookAssignment.ends_at.is_(None), PriceBookAssignment.ends_at > now),
                *conditions,
            )
            .order_by(
                PriceBookAssignment.subscription_id.nulls_last(),
                PriceBookAssignment.account_id.nulls_last(),
                PriceBookAssignment.for_tenant_id.nulls_last(),
                PriceBookAssignment.program_id.nulls_last(),
                PriceBookAssignment.vendor_id.nulls_last(),
                PriceBookAssignment.starts_at,
            )
        )
    )


def of_account(account_id: UUID) -> list[Any]:
    """What decides a customer's prices: its own books for a vendor and for everything, then the reseller's defaults."""
    return _rows(
        PriceBookAssignment.subscription_id.is_(None),
        or_(PriceBookAssignment.account_id.is_(None), PriceBookAssignment.account_id == account_id),
    )


def of_subscription(subscription_id: UUID) -> list[Any]:
    """A subscription's own book, now and planned."""
    return _rows(PriceBookAssignment.subscription_id == subscription_id)


def of_reseller(tenant_id: UUID) -> list[Any]:
    """What decides what a reseller pays: its own, those of programs that it is in, then the distributor's defaults."""
    now = clock.now()
    programs = select(ProgramMember.program_id).where(
        ProgramMember.tenant_id == tenant_id,
        or_(ProgramMember.ends_at.is_(None), ProgramMember.ends_at > now),
    )
    return _rows(
        PriceBookAssignment.tenant_id.is_(None),
        or_(
            PriceBookAssignment.for_tenant_id == tenant_id,
            and_(
                PriceBookAssignment.for_tenant_id.is_(None),
                or_(PriceBookAssignment.program_id.is_(None), PriceBookAssignment.program_id.in_(programs)),
            ),
        ),
    )


def of_program(program_id: UUID) -> list[Any]:
    """By which book the resellers in a program pay."""
    return _rows(PriceBookAssignment.program_id == program_id)


def assignment(assignment_id: UUID) -> PriceBookAssignment:
    """One of the owner's assignments; NotFound."""
    found = session().scalar(
        select(PriceBookAssignment).where(
            PriceBookAssignment.id == assignment_id, distributor_alone(PriceBookAssignment)
        )
    )
    if found is None:
        raise NotFound()
    return found
