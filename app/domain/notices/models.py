"""Mails: what was said to whom, and how far it got. A link's token is never in here; it is minted when the mail leaves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, TenantOwned, owned_by, wall
from app.core.states import Machine

MAIL = Machine("mail", {"queued": ["sent", "failed"], "failed": ["queued"], "sent": []})


class Mail(TenantOwned, Model):
    """One mail to one person. `text` and `html` hold `rules.links.PLACE` where a link's token goes.

    The same event tells one person once: (event, person, template) is unique.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("person"),
            MAIL.check(),
            Index(
                "uq_mail_event",
                "event_id",
                "person_id",
                "template",
                unique=True,
                postgresql_where=text("event_id IS NOT NULL"),
            ),
            Index(None, "person_id", "created_at"),
            Index("ix_mail_state", "tenant_id", "state"),
        )
    )

    tenant_id: Mapped[UUID | None] = mapped_column(sort_order=-18)  # NULL: to the distributor's staff
    person_id: Mapped[UUID]
    event_id: Mapped[UUID | None]
    template: Mapped[str] = mapped_column(String(40))
    to_name: Mapped[str] = mapped_column(String(120))
    to_email: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    link_purpose: Mapped[str | None] = mapped_column(String(20))
    link_host: Mapped[str] = mapped_column(String(253), default="")
    state: Mapped[str] = mapped_column(String(20), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None]
