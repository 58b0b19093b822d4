"""Reading mails: what was said to a person, how far it got, and what did not arrive."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import defer

from app.core.db import session, streamed
from app.core.errors import NotFound
from app.core.paging import ALL, Page, like
from app.domain.notices.models import Mail

MAIL_SORTS: Mapping[str, Any] = {"at": Mail.created_at, "to": Mail.to_email, "kind": Mail.template}


def mails(
    *, q: str = "", state: str = "", kind: str = "", sort: str = "-at", page: int = 1, size: int = 25
) -> Page[Mail]:
    """One page of the reseller's mails, without their texts. `q` looks at name, address and subject. Two queries.

    A `size` of `ALL` streams every row, uncounted.
    """
    conditions = _conditions(q, kind)
    if state:
        conditions.append(Mail.state == state)
    column = MAIL_SORTS[sort.removeprefix("-")]
    wanted = (
        select(Mail)
        .options(defer(Mail.text), defer(Mail.html))
        .where(*conditions)
        .order_by(column.desc() if sort.startswith("-") else column.asc(), Mail.id.desc())
    )
    if size == ALL:
        return Page(cast(Any, streamed(wanted).scalars()), 0, 1, ALL)
    total = session().scalar(select(func.count()).select_from(Mail).where(*conditions)) or 0
    page = min(page, max(1, -(-total // size)))
    rows = session().scalars(wanted.limit(size).offset((page - 1) * size))
    return Page(list(rows), total, page, size)


def mail_states(*, q: str = "", kind: str = "") -> dict[str, int]:
    """How many mails there are of each state. One query."""
    rows = session().execute(
        select(Mail.state, func.count()).where(*_conditions(q, kind)).group_by(Mail.state)
    )
    return {row[0]: row[1] for row in rows}


def mail(mail_id: UUID) -> Mail:
    """One mail with its texts, or NotFound."""
    found = session().scalar(select(Mail).where(Mail.id == mail_id))
    if found is None:
        raise NotFound()
    return found


def mails_to(person_id: UUID, *, limit: int = 50) -> list[Mail]:
    """The newest mails to one person, in the scope at hand."""
    rows = session().scalars(
        select(Mail)
        .where(Mail.person_id == person_id)
        .order_by(Mail.created_at.desc(), Mail.id.desc())
        .limit(limit)
    )
    return list(rows)


def undelivered(*, limit: int = 100) -> list[Mail]:
    """Mails that did not arrive, the newest first: somebody should know."""
    rows = session().scalars(
        select(Mail)
        .where(Mail.state.in_(("failed", "bounced", "suppressed")))
        .order_by(Mail.created_at.desc(), Mail.id.desc())
        .limit(limit)
    )
    return list(rows)


def _conditions(q: str, kind: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if q:
        pattern = like(q)
        conditions.append(
            or_(
                Mail.to_email.ilike(pattern, escape="\\"),
                Mail.to_name.ilike(pattern, escape="\\"),
                Mail.subject.ilike(pattern, escape="\\"),
            )
        )
    if kind:
        conditions.append(Mail.template == kind)
    return conditions
