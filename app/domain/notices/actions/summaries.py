"""The day's summary: one mail with everything a person wanted to be told once a day."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.db import session
from app.domain.notices.actions.preferences import recipient
from app.domain.notices.actions.sending import send
from app.domain.notices.models import Mail, Notice
from app.domain.notices.ports import Line, Lines, post
from app.domain.notices.queries.bell import sentence
from app.domain.notices.sender import host_of
from app.domain.people.models import Person
from app.domain.tenants.models import Tenant

MOST = 40
"""So many lines a summary has at most; the page has the rest."""


def summarise(person_id: UUID, day: date) -> Mail | None:
    """Writes a person's summary of everything that waits for one; None when nothing does, or all of it was read meanwhile.

    May be called twice: what stood in one summary stands in no other.
    """
    row = recipient(person_id)
    waiting = list(
        session().scalars(
            select(Notice)
            .where(Notice.person_id == person_id, Notice.mail_how == "daily", Notice.summarised_at.is_(None))
            .order_by(Notice.created_at, Notice.id)
            .with_for_update()
        )
    )
    person = session().get(Person, person_id)
    unread = [notice for notice in waiting if notice.read_at is None]
    for notice in waiting:
        notice.summarised_at = clock.now()
    if not waiting:
        return None
    row.summarised_on = day
    if person is None or not person.is_active or not unread:
        return None
    return send(
        "daily_summary",
        to=person,
        facts={"count": len(unread), "day": day, "notices": _lines(unread[-MOST:], person)},
        path="/admin/notifications" if person.realm == "console" else "/notifications",
    )


def _lines(notices: list[Notice], person: Person) -> Lines:
    writer = post()
    host = host_of(person, session().get(Tenant, person.tenant_id))
    return Lines(
        tuple(
            Line(
                sentence(notice.kind, notice.values, person.locale),
                url=writer.url(host, notice.path),
                at=notice.created_at,
            )
            for notice in notices
        )
    )
