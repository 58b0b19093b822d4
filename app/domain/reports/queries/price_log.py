"""The price-book log: everything that happened to an owner's books, versions, rules and assignments, newest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.core.db import session
from app.core.events import Event
from app.core.paging import Page
from app.domain.pricing.models import PriceBook, PriceBookVersion
from app.domain.pricing.queries.owning import distributor_alone
from app.domain.reports.queries.paged import take

KINDS = {
    "book": ("price_book.created", "price_book.renamed", "price_book.archived"),
    "rules": (
        "price_rule.added", "price_rule.changed", "price_rule.removed", "price_rule.set_for_many",
        "price_rule.cleared_for_many", "price_book.imported",
    ),
    "versions": ("price_book.drafted", "price_book.published", "price_book.withdrawn", "price_book.draft_discarded"),
    "assignments": ("price_book.assigned", "price_book.unassigned"),
}  # fmt: skip


def _statement(
    *, book_id: UUID | None, kind: str, who: str, since: datetime | None, until: datetime | None
) -> Select[Any]:
    book = func.coalesce(PriceBookVersion.book_id, Event.subject_id)
    statement = (
        select(
            Event,
            PriceBook.name.label("book_name"),
            PriceBook.id.label("book_id"),
            PriceBookVersion.number.label("version"),
        )
        .outerjoin(PriceBookVersion, PriceBookVersion.id == Event.subject_id)
        .join(PriceBook, PriceBook.id == book)
        .where(
            distributor_alone(Event),
            Event.name.in_(KINDS[kind])
            if kind
            else or_(Event.name.like("price\\_book.%"), Event.name.like("price\\_rule.%")),
        )
        .order_by(Event.created_at.desc(), Event.id.desc())
    )
    if book_id is not None:
        statement = statement.where(PriceBook.id == book_id)
    if who:
        statement = statement.where(Event.person_name.icontains(who, autoescape=True))
    if since is not None:
        statement = statement.where(Event.created_at >= since)
    if until is not None:
        statement = statement.where(Event.created_at < until)
    return statement


def log(
    *, book_id: UUID | None = None, kind: str = "", who: str = "", since: datetime | None = None,
    until: datetime | None = None, page: int = 1, size: int = 50,
) -> Page[Any]:  # fmt: skip
    """Rows of (Event, book_name, book_id, version), newest first. One statement."""
    return take(_statement(book_id=book_id, kind=kind, who=who, since=since, until=until), page, size)


def whole_log(
    *,
    book_id: UUID | None = None,
    kind: str = "",
    who: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Any]:
    """The same rows, all of them, a few hundred in memory at a time."""
    statement = _statement(book_id=book_id, kind=kind, who=who, since=since, until=until)
    yield from session().execute(statement.execution_options(yield_per=500))
