"""Notices in a person's bell, the mails beside them, a reseller's own texts for them, and how each person wants to be told.

A link's token is never in here; it is minted when the mail leaves.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, TenantOwned, Versioned, owned_by, wall
from app.core.states import Machine

MAIL = Machine(
    "mail",
    {
        "queued": ["sent", "failed"],
        "failed": ["queued"],
        "sent": ["bounced"],
        "bounced": ["queued"],
        "suppressed": ["queued"],
    },
)
"""`failed`: given up, or refused by the server. `bounced`: taken, and sent back later. `suppressed`: not tried, because the
address has refused mail before."""


class Notice(TenantOwned, Model):
    """Something a person was told, as their bell shows it. `values` are finished strings; `path` is on the person's host.

    `mail_how` is how its mail comes (`kinds.HOWS`); a daily one waits until `summarised_at`. The same event tells one
    person once: (event, person, kind) is unique.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("person"),
            CheckConstraint("mail_how IN ('at_once', 'daily', 'never')", name="mail_how_known"),
            UniqueConstraint("event_id", "person_id", "kind"),
            Index(None, "person_id", "created_at"),
            Index("ix_notice_unread", "person_id", postgresql_where=text("read_at IS NULL")),
            Index(
                "ix_notice_daily",
                "person_id",
                postgresql_where=text("mail_how = 'daily' AND summarised_at IS NULL"),
            ),
        )
    )

    person_id: Mapped[UUID]
    event_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(40))
    values: Mapped[dict[str, Any]]
    path: Mapped[str] = mapped_column(String(300))
    mail_how: Mapped[str] = mapped_column(String(10))
    read_at: Mapped[datetime | None]
    summarised_at: Mapped[datetime | None]


class Mail(TenantOwned, Model):
    """One mail to one person. `text` and `html` hold `rules.links.PLACE` where a link's token goes.

    The same event tells one person once: (event, person, template) is unique. `template` is the name of its kind.
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
            Index("ix_mail_log", "tenant_id", "created_at"),
        )
    )

    tenant_id: Mapped[UUID | None] = mapped_column(sort_order=-18)  # NULL: to the distributor's staff
    person_id: Mapped[UUID]
    event_id: Mapped[UUID | None]
    template: Mapped[str] = mapped_column(String(40))
    to_name: Mapped[str] = mapped_column(String(120))
    to_email: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str] = mapped_column(String(120))
    from_email: Mapped[str] = mapped_column(String(254), default="")  # the platform's own address, when empty
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    bcc: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    link_purpose: Mapped[str | None] = mapped_column(String(20))
    link_host: Mapped[str] = mapped_column(String(253), default="")
    unsubscribe_host: Mapped[str] = mapped_column(String(253), default="")  # empty: it must be told
    unsubscribe_group: Mapped[str] = mapped_column(String(20), default="")
    state: Mapped[str] = mapped_column(String(20), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None]


class MailTemplate(TenantOwned, Versioned, Model):
    """How a reseller sends one kind of mail; a kind without a row is sent as it comes. Empty fields say the usual."""

    __table_args__ = declared_attr.directive(lambda cls: wall(cls, UniqueConstraint("tenant_id", "kind")))

    kind: Mapped[str] = mapped_column(String(40))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    from_name: Mapped[str] = mapped_column(String(120), default="")
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    bcc: Mapped[str] = mapped_column(String(254), default="")


class MailWording(TenantOwned, Versioned, Model):
    """A reseller's own subject and body of one kind of mail in one language."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(cls, UniqueConstraint("tenant_id", "kind", "language"))
    )

    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)


class Recipient(TenantOwned, Model):
    """How one person wants to be told, and whether mail reaches them. Nobody's row is missed: without one all is as usual.

    `hows` maps a group's name to one of `kinds.HOWS`. `refused_at` is when their address refused mail for good.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            owned_by("person"),
            UniqueConstraint("person_id"),
            CheckConstraint("summary_hour BETWEEN 0 AND 23", name="hour_of_a_day"),
        )
    )

    tenant_id: Mapped[UUID | None] = mapped_column(sort_order=-18)  # NULL: the distributor's staff
    person_id: Mapped[UUID]
    hows: Mapped[dict[str, Any]] = mapped_column(default=dict)
    time_zone: Mapped[str] = mapped_column(String(40), default="")  # the shop's, when empty
    summary_hour: Mapped[int] = mapped_column(default=8)
    summarised_on: Mapped[date | None]  # in the person's own calendar
    refused_email: Mapped[str] = mapped_column(String(254), default="")
    refused_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(Text, default="")


class SenderDomain(TenantOwned, Versioned, Model):
    """The address a reseller's mails come from when its domain has proved to be the reseller's own, by a TXT record.

    `token` is what that record says. A mail goes out under this address while `verified_at` is set; a nightly look takes
    it away when the record has gone. `found` is what the last look saw, by record.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("tenant_id"),
            Index(
                "uq_sender_domain_verified",
                "domain",
                unique=True,
                postgresql_where=text("verified_at IS NOT NULL"),
            ),
        )
    )

    address: Mapped[str] = mapped_column(String(254))
    domain: Mapped[str] = mapped_column(String(253))
    token: Mapped[str] = mapped_column(String(64))
    verified_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
