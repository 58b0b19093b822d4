"""A person's bell: what has been read."""

from uuid import UUID

from sqlalchemy import select, update

from app.core import clock
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import NotFound
from app.domain.notices.models import Notice


def mark_read(notice_id: UUID, by: Actor) -> Notice:
    """Notes that a person has read one notice of theirs, and answers it. NotFound for anybody else's."""
    notice = session().scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == by.person_id))
    if notice is None:
        raise NotFound()
    notice.read_at = notice.read_at or clock.now()
    return notice


def mark_all_read(by: Actor) -> None:
    """Notes that a person has read all there is."""
    session().execute(
        update(Notice)
        .where(Notice.person_id == by.person_id, Notice.read_at.is_(None))
        .values(read_at=clock.now())
    )
