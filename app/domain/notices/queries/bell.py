"""What a person's bell shows: how much is unread, and the notices themselves in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select

from app.core.actor import Actor
from app.core.db import session
from app.core.language import translated
from app.core.paging import Page
from app.domain.notices.kinds import KINDS
from app.domain.notices.models import Notice
from app.domain.notices.rules import placeholders

MOST_COUNTED = 100
"""Beyond so many unread notices nobody wants to know how many; counting stops there."""


@dataclass(frozen=True, slots=True)
class BellRow:
    """One notice as a list shows it."""

    id: UUID
    sentence: str
    icon: str
    tone: str
    path: str
    at: datetime
    is_read: bool


def unread_of(by: Actor) -> ScalarSelect[int]:
    """How many notices of a person are unread, as part of another statement: the number in the header costs none of its own."""
    unread = (
        select(Notice.id)
        .where(Notice.person_id == by.person_id, Notice.read_at.is_(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    return select(func.count()).select_from(unread).scalar_subquery()


def unread_count(by: Actor) -> int:
    """The same number by itself. One query."""
    return session().scalar(select(unread_of(by))) or 0


def bell(by: Actor, locale: str, *, unread: bool = False, page: int = 1, size: int = 25) -> Page[BellRow]:
    """One page of a person's notices, the newest first. Two queries."""
    conditions = [Notice.person_id == by.person_id]
    if unread:
        conditions.append(Notice.read_at.is_(None))
    total = session().scalar(select(func.count()).select_from(Notice).where(*conditions)) or 0
    page = min(page, max(1, -(-total // size)))
    rows = session().scalars(
        select(Notice)
        .where(*conditions)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return Page([_row(notice, locale) for notice in rows], total, page, size)


def sentence(kind_name: str, values: Mapping[str, Any], locale: str) -> str:
    """What a notice says, in the language of `locale`; one of a kind that is no more says its kind's name."""
    kind = KINDS.get(kind_name)
    if kind is None:
        return kind_name.replace("_", " ").capitalize()
    words = translated(kind.line or kind.subject, locale)
    return placeholders.fill(words, {name: str(value) for name, value in values.items()})


def _row(notice: Notice, locale: str) -> BellRow:
    kind = KINDS.get(notice.kind)
    return BellRow(
        id=notice.id,
        sentence=sentence(notice.kind, notice.values, locale),
        icon=kind.icon if kind else "bell",
        tone=kind.tone if kind else "",
        path=notice.path,
        at=notice.created_at,
        is_read=notice.read_at is not None,
    )
