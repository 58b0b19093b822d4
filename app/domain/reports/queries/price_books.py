"""Price books as the console shows them: the list, one book with its versions and rules by name, and who pays by which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import Page
from app.domain.catalog.models import Category, Family, Offer, Product, Sku, Vendor
from app.domain.people.models import Account
from app.domain.pricing.models import PriceBook, PriceBookAssignment, PriceBookVersion, PriceRule
from app.domain.pricing.queries.owning import distributor_alone
from app.domain.reports.queries.paged import take
from app.domain.tenants.models import Tenant


def _in_force(now: datetime) -> Any:
    return and_(
        PriceBookAssignment.starts_at <= now,
        or_(PriceBookAssignment.ends_at.is_(None), PriceBookAssignment.ends_at > now),
    )


def _live(now: datetime) -> Any:
    """The live version's id of the book at hand."""
    return (
        select(PriceBookVersion.id)
        .where(
            PriceBookVersion.book_id == PriceBook.id,
            PriceBookVersion.published_at.is_not(None),
            PriceBookVersion.withdrawn_at.is_(None),
            PriceBookVersion.effective_at <= now,
        )
        .order_by(PriceBookVersion.effective_at.desc(), PriceBookVersion.number.desc())
        .limit(1)
        .correlate(PriceBook)
        .scalar_subquery()
    )


def books(*, q: str = "", page: int = 1, size: int = 25) -> Page[Any]:
    """Rows of (PriceBook, live_number, live_since, draft_number, scheduled, customers, is_default), by name.

    Books that were put away are left out. One statement.
    """
    now = clock.now()
    live = select(PriceBookVersion).where(PriceBookVersion.id == _live(now)).correlate(PriceBook).lateral()
    of_book = PriceBookVersion.book_id == PriceBook.id
    assigned = and_(PriceBookAssignment.book_id == PriceBook.id, _in_force(now))
    everything = and_(
        PriceBookAssignment.account_id.is_(None),
        PriceBookAssignment.for_tenant_id.is_(None),
        PriceBookAssignment.vendor_id.is_(None),
        PriceBookAssignment.subscription_id.is_(None),
    )
    count = func.count()
    statement = (
        select(
            PriceBook,
            live.c.number.label("live_number"),
            live.c.effective_at.label("live_since"),
            select(PriceBookVersion.number)
            .where(of_book, PriceBookVersion.published_at.is_(None))
            .scalar_subquery()
            .label("draft_number"),
            select(func.min(PriceBookVersion.effective_at))
            .where(of_book, PriceBookVersion.effective_at > now, PriceBookVersion.withdrawn_at.is_(None))
            .scalar_subquery()
            .label("scheduled"),
            select(count)
            .where(
                assigned,
                or_(
                    PriceBookAssignment.account_id.is_not(None),
                    PriceBookAssignment.for_tenant_id.is_not(None),
                ),
            )
            .scalar_subquery()
            .label("customers"),
            select(count).where(assigned, everything).scalar_subquery().label("is_default"),
        )
        .outerjoin(live, live.c.book_id == PriceBook.id)
        .where(~PriceBook.is_archived, distributor_alone(PriceBook))
        .order_by(PriceBook.name)
    )
    if q:
        statement = statement.where(PriceBook.name.icontains(q, autoescape=True))
    return take(statement, page, size)


@dataclass(frozen=True, slots=True)
class BookOfAccount:
    """The book a customer pays by for everything; `is_own` when it was chosen for this customer."""

    id: UUID
    name: str
    is_own: bool
    assignment_id: UUID


def book_of(account_id: UUID) -> BookOfAccount | None:
    """The customer's own book, else the reseller's default; None: list prices. One statement."""
    found = (
        session()
        .execute(
            select(PriceBook.id, PriceBook.name, PriceBookAssignment.account_id, PriceBookAssignment.id)
            .join(PriceBookAssignment, PriceBookAssignment.book_id == PriceBook.id)
            .where(
                _in_force(clock.now()),
                or_(PriceBookAssignment.account_id == account_id, PriceBookAssignment.account_id.is_(None)),
                PriceBookAssignment.vendor_id.is_(None),
                PriceBookAssignment.subscription_id.is_(None),
            )
            .order_by(PriceBookAssignment.account_id.nulls_last())
            .limit(1)
        )
        .one_or_none()
    )
    return BookOfAccount(found[0], found[1], found[2] is not None, found[3]) if found else None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version with its state now: draft, scheduled, live, superseded or withdrawn."""

    version: PriceBookVersion
    state: str


@dataclass(frozen=True, slots=True)
class BookDetail:
    """A book with all its versions, newest first."""

    book: PriceBook
    versions: tuple[VersionRow, ...]

    @property
    def draft(self) -> PriceBookVersion | None:
        return next((row.version for row in self.versions if row.state == "draft"), None)

    @property
    def live(self) -> PriceBookVersion | None:
        return next((row.version for row in self.versions if row.state == "live"), None)

    def version(self, number: int | None) -> PriceBookVersion | None:
        """The version of this number; without one the draft, else the live one, else the newest."""
        if number is not None:
            return next((row.version for row in self.versions if row.version.number == number), None)
        return self.draft or self.live or (self.versions[0].version if self.versions else None)


def book(book_id: UUID) -> BookDetail:
    """The book, in the reader's scope; NotFound otherwise. One statement."""
    now = clock.now()
    rows = (
        session()
        .execute(
            select(PriceBook, PriceBookVersion, _live(now))
            .outerjoin(PriceBookVersion, PriceBookVersion.book_id == PriceBook.id)
            .where(PriceBook.id == book_id, distributor_alone(PriceBook))
            .order_by(PriceBookVersion.number.desc())
        )
        .all()
    )
    if not rows:
        raise NotFound()
    return BookDetail(
        rows[0][0],
        tuple(
            VersionRow(version, version.state(now, live)) for _, version, live in rows if version is not None
        ),
    )


def rules_of(version_id: UUID, *, q: str = "", page: int = 1, size: int = 50) -> Page[Any]:
    """Rows of (PriceRule, target, detail): what each rule is for by name, narrowest first. One statement."""
    offer_product = Product.__table__.alias("offer_product")
    target = func.coalesce(Sku.title, Product.title, Family.name, Category.name, Vendor.name)
    statement = (
        select(
            PriceRule,
            target.label("target"),
            offer_product.c.title.label("product_title"),
            Offer.term,
            Offer.billing_plan,
            Offer.segment,
        )
        .outerjoin(Offer, Offer.id == PriceRule.offer_id)
        .outerjoin(Sku, Sku.id == Offer.sku_id)
        .outerjoin(offer_product, offer_product.c.id == Sku.product_id)
        .outerjoin(Product, Product.id == PriceRule.product_id)
        .outerjoin(Family, Family.id == PriceRule.family_id)
        .outerjoin(Category, Category.id == PriceRule.category_id)
        .outerjoin(Vendor, Vendor.id == PriceRule.vendor_id)
        .where(PriceRule.version_id == version_id)
        .order_by(PriceRule.rank, target, PriceRule.min_quantity, PriceRule.starts_at)
    )
    if q:
        statement = statement.where(target.icontains(q, autoescape=True))
    return take(statement, page, size)


def assignments_of(book_id: UUID) -> list[Any]:
    """Rows of (PriceBookAssignment, account_name, vendor_name) that are in force or planned. One statement."""
    return list(
        session().execute(
            select(
                PriceBookAssignment,
                func.coalesce(Account.name, Tenant.name).label("account_name"),
                Vendor.name.label("vendor_name"),
            )
            .outerjoin(Tenant, Tenant.id == PriceBookAssignment.for_tenant_id)
            .outerjoin(Account, Account.id == PriceBookAssignment.account_id)
            .outerjoin(Vendor, Vendor.id == PriceBookAssignment.vendor_id)
            .where(
                PriceBookAssignment.book_id == book_id,
                or_(PriceBookAssignment.ends_at.is_(None), PriceBookAssignment.ends_at > clock.now()),
            )
            .order_by(Account.name.nulls_first(), Vendor.name)
        )
    )


def choices() -> list[Any]:
    """Rows of (id, name, currency) of all books that have been published and not put away, by name."""
    published = select(PriceBookVersion.book_id).where(
        PriceBookVersion.published_at.is_not(None), PriceBookVersion.withdrawn_at.is_(None)
    )
    return list(
        session().execute(
            select(PriceBook.id, PriceBook.name, PriceBook.currency)
            .where(PriceBook.id.in_(published), ~PriceBook.is_archived, distributor_alone(PriceBook))
            .order_by(PriceBook.name)
        )
    )


def sample(version_id: UUID, market: str, *, q: str = "", limit: int = 12) -> Sequence[Any]:
    """Rows of (Offer, Sku, Product, vendor_name) to show a version's prices on: found by `q`, else those its rules name
    first and then by title. Offers of `market`, no trials. One statement."""
    named = (
        select(PriceRule.target_id)
        .where(PriceRule.version_id == version_id, PriceRule.selector.in_(("offer", "product")))
        .limit(500)
    )
    statement = (
        select(Offer, Sku, Product, Vendor.name.label("vendor_name"))
        .join(Sku, Sku.id == Offer.sku_id)
        .join(Product, Product.id == Sku.product_id)
        .join(Vendor, Vendor.id == Product.vendor_id)
        .where(Offer.market == market, ~Offer.is_trial)
    )
    if q:
        statement = statement.where(
            or_(Product.title.icontains(q, autoescape=True), Sku.title.icontains(q, autoescape=True))
        )
    else:
        statement = statement.where(Offer.segment == "commercial", Offer.term == "P1Y")
    is_named = or_(Offer.id.in_(named), Product.id.in_(named))
    return (
        session()
        .execute(
            statement.order_by(
                is_named.desc(), Product.sort_title, Sku.title, Offer.term, Offer.billing_plan
            ).limit(limit)
        )
        .all()
    )


def rule(rule_id: UUID) -> PriceRule | None:
    """The rule, in the reader's scope, or None."""
    return session().scalar(select(PriceRule).where(PriceRule.id == rule_id, distributor_alone(PriceRule)))


def assignment(book_id: UUID, assignment_id: UUID) -> PriceBookAssignment:
    """An assignment of this book; NotFound."""
    found = session().scalar(
        select(PriceBookAssignment).where(
            PriceBookAssignment.id == assignment_id, PriceBookAssignment.book_id == book_id
        )
    )
    if found is None:
        raise NotFound()
    return found
