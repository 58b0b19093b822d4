"""Reading mails: what was said to a person, and what did not arrive."""

from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.domain.notices.models import Mail


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
    """Mails that were given up, the newest first: somebody should know."""
    rows = session().scalars(
        select(Mail)
        .where(Mail.state == "failed")
        .order_by(Mail.created_at.desc(), Mail.id.desc())
        .limit(limit)
    )
    return list(rows)
