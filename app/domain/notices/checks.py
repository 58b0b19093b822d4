"""Invariants about notices and mails, for `flask verify`."""

from sqlalchemy import select

from app.core.db import session
from app.core.language import LANGUAGES
from app.domain.notices.actions.templates import check_wording
from app.domain.notices.kinds import GROUPS, HOWS, KINDS
from app.domain.notices.models import Mail, MailTemplate, MailWording, Notice, Recipient
from app.domain.people.models import Person


def _wordings() -> list[str]:
    return [
        str(row.id)
        for row in session().scalars(select(MailWording))
        if row.kind not in KINDS
        or row.language not in LANGUAGES
        or check_wording(KINDS[row.kind], row.subject, row.body)
    ]


def _copies() -> list[str]:
    must = [kind.name for kind in KINDS.values() if kind.must]
    settings = session().scalars(
        select(MailTemplate.id).where(
            MailTemplate.kind.in_(must), (MailTemplate.bcc != "") | ~MailTemplate.is_enabled
        )
    )
    mails = session().scalars(select(Mail.id).where(Mail.link_purpose.is_not(None), Mail.bcc != ""))
    return [str(key) for key in (*settings, *mails)]


def _places() -> list[str]:
    rows = session().execute(
        select(Notice.id, Notice.path)
        .join(Person, Person.id == Notice.person_id)
        .where(
            ~Notice.path.startswith("/")
            | Notice.path.startswith("//")
            | ((Person.realm == "storefront") == Notice.path.startswith("/admin"))
        )
    )
    return [str(row.id) for row in rows]


def _sent() -> list[str]:
    rows = session().scalars(
        select(Mail.id).where((Mail.state.in_(("sent", "bounced"))) != Mail.sent_at.is_not(None))
    )
    return [str(key) for key in rows]


def _choices() -> list[str]:
    return [
        str(row.id)
        for row in session().scalars(select(Recipient))
        if set(row.hows) - set(GROUPS) or set(row.hows.values()) - set(HOWS)
    ]


CHECKS = [
    ("a reseller's mail texts can be filled in", _wordings),
    ("a mail with a link that lets somebody in goes to one person, and is never switched off", _copies),
    ("a notice leads to a page on its reader's side of the house", _places),
    ("a mail has the instant at which it was sent exactly when it was", _sent),
    ("people chose only among what they are offered", _choices),
]
