"""Who pays by which book. An assignment is never rewritten: giving another book ends the one before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.catalog.models import Vendor
from app.domain.people.models import Account
from app.domain.pricing.models import PriceBook, PriceBookAssignment, PriceBookVersion, Program
from app.domain.pricing.queries.owning import own
from app.domain.tenants.models import Tenant


def assign(
    book: PriceBook,
    *,
    by: Actor,
    account_id: UUID | None = None,
    vendor_id: UUID | None = None,
    subscription_id: UUID | None = None,
    for_tenant_id: UUID | None = None,
    program_id: UUID | None = None,
    at: datetime | None = None,
) -> PriceBookAssignment:
    """From `at` (default: now) the target pays by `book`: a customer, a customer for one vendor, one subscription.

    The distributor's targets are resellers, one of them for one vendor, or all in a vendor's program. Without any target
    it is the owner's default, with `vendor_id` alone its default for that vendor. What was in force for the same target
    ends then. Invalid or NotFound when book and target do not belong together; Conflict for a book without a published
    version, which would price nothing.
    """
    own(book)
    vendor_id = _check_target(book, account_id, vendor_id, subscription_id, for_tenant_id, program_id)
    now = clock.now()
    starts = at or now
    if starts < now:
        raise Invalid({"at": "A price cannot take effect in the past."})
    current = session()
    # one at a time per owner; the database's exclusion constraint would refuse the second, this makes it wait
    current.execute(select(PriceBook.id).where(PriceBook.id == book.id).with_for_update())
    if book.is_archived:
        raise Conflict("This book was put away.")
    published = current.scalar(
        select(PriceBookVersion.id)
        .where(
            PriceBookVersion.book_id == book.id,
            PriceBookVersion.published_at.is_not(None),
            PriceBookVersion.withdrawn_at.is_(None),
        )
        .limit(1)
    )
    if published is None:
        raise Conflict("Publish this book before you give it to somebody.")
    target = {
        "account_id": account_id,
        "vendor_id": vendor_id,
        "subscription_id": subscription_id,
        "for_tenant_id": for_tenant_id,
        "program_id": program_id,
    }
    for before in _of(book, target):
        if before.starts_at >= starts:
            raise Conflict("Another book is already planned for then; end that one first.")
        if before.ends_at is None or before.ends_at > starts:
            before.ends_at = starts
    current.flush()
    made = PriceBookAssignment(
        tenant_id=book.tenant_id,
        book_id=book.id,
        starts_at=starts,
        assigned_by=by.person_id,
        assigned_by_name=by.name,
        **target,
    )
    current.add(made)
    events.record(
        "price_book.assigned",
        book,
        by,
        {name: value for name, value in target.items() if value} | {"starts_at": starts},
        account_id=account_id,
    )
    return made


def set_default(book: PriceBook, *, by: Actor, vendor_id: UUID | None = None) -> PriceBookAssignment:
    """Everybody without a book of their own pays by `book` from now on (for one vendor's products, if named)."""
    return assign(book, by=by, vendor_id=vendor_id)


def unassign(assignment: PriceBookAssignment, *, by: Actor) -> None:
    """Ends an assignment now; the next wider one counts again. One that has not begun never will."""
    own(assignment)
    now = clock.now()
    if assignment.ends_at is not None and assignment.ends_at <= now:
        raise Conflict("This has ended already.")
    assignment.ends_at = max(now, assignment.starts_at)
    book = session().get_one(PriceBook, assignment.book_id)
    events.record(
        "price_book.unassigned", book, by, {"assignment_id": assignment.id}, account_id=assignment.account_id
    )


def _of(book: PriceBook, target: dict[str, UUID | None]) -> list[PriceBookAssignment]:
    conditions = [
        getattr(PriceBookAssignment, name).is_(None)
        if value is None
        else getattr(PriceBookAssignment, name) == value
        for name, value in target.items()
    ]
    return list(
        session().scalars(
            select(PriceBookAssignment)
            .where(PriceBookAssignment.tenant_id.is_not_distinct_from(book.tenant_id), *conditions)
            .where(PriceBookAssignment.ends_at.is_(None) | (PriceBookAssignment.ends_at > clock.now()))
            .with_for_update()
        )
    )


def _check_target(
    book: PriceBook,
    account_id: UUID | None,
    vendor_id: UUID | None,
    subscription_id: UUID | None,
    for_tenant_id: UUID | None,
    program_id: UUID | None,
) -> UUID | None:
    """The vendor that the assignment is about, which a program brings with it."""
    current = session()
    if program_id is not None:
        if book.tenant_id is not None:
            raise Invalid("A reseller's books are for its customers.")
        if for_tenant_id is not None:
            raise Invalid("A book is for a program or for one reseller.")
        program = current.get(Program, program_id)
        if program is None or vendor_id not in (None, program.vendor_id):
            raise NotFound()
        return program.vendor_id
    if book.tenant_id is None and (account_id or subscription_id):
        raise Invalid("The distributor's books are for resellers.")
    if book.tenant_id is not None and for_tenant_id:
        raise Invalid("A reseller's books are for its customers.")
    if subscription_id is not None and (account_id is not None or vendor_id is not None):
        raise Invalid("A subscription's book is for that subscription alone.")
    if account_id is not None and current.get(Account, account_id) is None:
        raise NotFound()
    if vendor_id is not None and current.get(Vendor, vendor_id) is None:
        raise NotFound()
    if for_tenant_id is not None and current.get(Tenant, for_tenant_id) is None:
        raise NotFound()
    return vendor_id
