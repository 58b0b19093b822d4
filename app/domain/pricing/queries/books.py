"""Price books as their owner sees them: books, versions and their state, rules with the names of what they are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.domain.catalog.models import Category, Family, Offer, Product, Sku, Vendor
from app.domain.people.models import Account
from app.domain.pricing.models import PriceBook, PriceBookAssignment, PriceBookVersion, PriceRule
from app.domain.pricing.queries.owning import distributor_alone, own
from app.domain.pricing.rules.cycles import charge_cycle


@dataclass(frozen=True, slots=True)
class BookLine:
    """A book in a list: `live` is the version in force, `scheduled` the next one, `draft` the one being written."""

    book: PriceBook
    live: PriceBookVersion | None
    scheduled: PriceBookVersion | None
    draft: PriceBookVersion | None
    assignments: int


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule and what it is for, by name ("Microsoft 365 E3"; empty for everything)."""

    rule: PriceRule
    target: str


def books(*, archived: bool = False, instant: datetime | None = None) -> list[BookLine]:
    """The owner's books by name. Three statements, however many books there are."""
    instant = instant or clock.now()
    current = session()
    found = current.scalars(
        select(PriceBook)
        .where(distributor_alone(PriceBook), PriceBook.is_archived.is_(archived))
        .order_by(PriceBook.name)
    ).all()
    ids = [book.id for book in found]
    versions = current.scalars(
        select(PriceBookVersion)
        .where(PriceBookVersion.book_id.in_(ids), PriceBookVersion.withdrawn_at.is_(None))
        .order_by(PriceBookVersion.effective_at, PriceBookVersion.number)
    ).all()
    live: dict[UUID, PriceBookVersion] = {}
    scheduled: dict[UUID, PriceBookVersion] = {}
    drafts: dict[UUID, PriceBookVersion] = {}
    for version in versions:
        if version.effective_at is None:
            drafts[version.book_id] = version
        elif version.effective_at <= instant:
            live[version.book_id] = version
        else:
            scheduled.setdefault(version.book_id, version)
    in_use = (
        select(PriceBookAssignment.book_id, func.count())
        .where(PriceBookAssignment.book_id.in_(ids), _in_force(instant))
        .group_by(PriceBookAssignment.book_id)
    )
    counts: Mapping[UUID, int] = dict(iter(current.execute(in_use)))
    return [
        BookLine(b, live.get(b.id), scheduled.get(b.id), drafts.get(b.id), counts.get(b.id, 0)) for b in found
    ]


def book(book_id: UUID) -> PriceBook:
    """One of the owner's books; NotFound for anybody else's."""
    return own(session().get(PriceBook, book_id))


def version(version_id: UUID) -> PriceBookVersion:
    """One version of one of the owner's books; NotFound for anybody else's."""
    return own(session().get(PriceBookVersion, version_id))


def rule(rule_id: UUID) -> PriceRule:
    """One rule of one of the owner's books; NotFound for anybody else's."""
    return own(session().get(PriceRule, rule_id))


def versions_of(
    price_book: PriceBook, *, instant: datetime | None = None
) -> list[tuple[PriceBookVersion, str]]:
    """All versions of a book, newest first, each with its state: draft, scheduled, live, superseded or withdrawn."""
    instant = instant or clock.now()
    found = (
        session()
        .scalars(
            select(PriceBookVersion)
            .where(PriceBookVersion.book_id == price_book.id)
            .order_by(PriceBookVersion.number.desc())
        )
        .all()
    )
    live = live_version(price_book, instant=instant)
    return [(each, each.state(instant, live.id if live else None)) for each in found]


def live_version(price_book: PriceBook, *, instant: datetime | None = None) -> PriceBookVersion | None:
    """The version in force at `instant` (default: now), if any."""
    return session().scalar(
        select(PriceBookVersion)
        .where(
            PriceBookVersion.book_id == price_book.id,
            PriceBookVersion.withdrawn_at.is_(None),
            PriceBookVersion.effective_at <= (instant or clock.now()),
        )
        .order_by(PriceBookVersion.effective_at.desc(), PriceBookVersion.number.desc())
        .limit(1)
    )


def rules_with_names(price_version: PriceBookVersion, *, limit: int = 200, offset: int = 0) -> list[RuleLine]:
    """The rules of a version with the names of their targets, narrowest first, a page at a time. One statement."""
    own(price_version)
    rows = session().execute(
        select(
            PriceRule,
            Product.title,
            Offer.term,
            Offer.billing_plan,
            Sku.title,
            Family.name,
            Category.name,
            Vendor.name,
        )
        .outerjoin(Offer, Offer.id == PriceRule.offer_id)
        .outerjoin(Sku, Sku.id == Offer.sku_id)
        .outerjoin(Product, Product.id == PriceRule.product_id)
        .outerjoin(Family, Family.id == PriceRule.family_id)
        .outerjoin(Category, Category.id == PriceRule.category_id)
        .outerjoin(Vendor, Vendor.id == PriceRule.vendor_id)
        .where(PriceRule.version_id == price_version.id)
        .order_by(PriceRule.rank, PriceRule.target_id, PriceRule.min_quantity.desc(), PriceRule.starts_at)
        .limit(limit)
        .offset(offset)
    )
    lines = []
    for found, product, term, plan, sku, family, category, vendor in rows:
        offer = ""
        if sku is not None:
            cycle = charge_cycle(term, plan)
            offer = f"{sku}, {cycle.term_words}, {cycle.billed_words}"
        lines.append(RuleLine(found, offer or product or family or category or vendor or ""))
    return lines


def assignments_of(price_book: PriceBook, *, instant: datetime | None = None) -> list[PriceBookAssignment]:
    """Who pays by a book at `instant` (default: now) or will later."""
    instant = instant or clock.now()
    return list(
        session().scalars(
            select(PriceBookAssignment)
            .where(
                PriceBookAssignment.book_id == price_book.id,
                PriceBookAssignment.ends_at.is_(None) | (PriceBookAssignment.ends_at > instant),
            )
            .order_by(PriceBookAssignment.starts_at, PriceBookAssignment.id)
        )
    )


def books_of_account(
    account_id: UUID, *, instant: datetime | None = None
) -> list[tuple[PriceBookAssignment, PriceBook]]:
    """What decides a customer's prices now: its own assignments, then the reseller's defaults, narrowest first.

    Empty means that it pays list price. NotFound when the account is not the reseller's.
    """
    if session().get(Account, account_id) is None:
        raise NotFound()
    return _deciding(
        select(PriceBookAssignment, PriceBook).where(
            PriceBookAssignment.subscription_id.is_(None),
            PriceBookAssignment.account_id.is_(None) | (PriceBookAssignment.account_id == account_id),
        ),
        instant,
    )


def defaults(*, instant: datetime | None = None) -> list[tuple[PriceBookAssignment, PriceBook]]:
    """The owner's default books, those for one vendor first. Empty means list price (the distributor: the vendor's cost)."""
    return _deciding(
        select(PriceBookAssignment, PriceBook).where(
            PriceBookAssignment.subscription_id.is_(None),
            PriceBookAssignment.account_id.is_(None),
            PriceBookAssignment.for_tenant_id.is_(None),
        ),
        instant,
    )


def _deciding(
    statement: Select[PriceBookAssignment, PriceBook], instant: datetime | None
) -> list[tuple[PriceBookAssignment, PriceBook]]:
    rows = session().execute(
        statement.join(PriceBook, PriceBook.id == PriceBookAssignment.book_id)
        .where(distributor_alone(PriceBookAssignment), _in_force(instant or clock.now()))
        .order_by(
            PriceBookAssignment.account_id.nulls_last(),
            PriceBookAssignment.vendor_id.nulls_last(),
        )
    )
    return [(assignment, found) for assignment, found in rows]


def _in_force(instant: datetime):
    return (PriceBookAssignment.starts_at <= instant) & (
        PriceBookAssignment.ends_at.is_(None) | (PriceBookAssignment.ends_at > instant)
    )
