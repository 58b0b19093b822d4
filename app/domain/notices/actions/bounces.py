"""Mails that came back: noted on the mail, on the person, and told to the reseller's people."""

from app.core import clock, events
from app.core.actor import SYSTEM
from app.core.db import session
from app.domain.notices.actions.preferences import recipient
from app.domain.notices.models import MAIL, Mail
from app.domain.notices.rules.bounces import Bounce


def take_bounce(bounce: Bounce) -> Mail | None:
    """Notes that a mail which had been sent came back for good.

    None, and nothing happens, when the report is about no mail of ours, about another address than the mail's, or about a
    delay: a report can be forged, and only who got the mail knows its number.
    """
    if bounce.mail_id is None or not bounce.is_permanent:
        return None
    mail = session().get(Mail, bounce.mail_id, with_for_update=True)
    if mail is None or mail.to_email != bounce.email or mail.state != "sent":
        return None
    MAIL.move(mail, "bounced")
    mail.error = f"{bounce.status} {bounce.diagnosis}".strip()[:500]
    note_refusal(mail)
    return mail


def note_refusal(mail: Mail) -> None:
    """The address of this mail takes none for good: optional mails to it are not tried until somebody says so."""
    row = recipient(mail.person_id)
    is_news = row.refused_at is None or row.refused_email != mail.to_email
    row.refused_email, row.refused_at, row.refusal = mail.to_email, clock.now(), mail.error
    if is_news and mail.tenant_id is not None:
        events.record(
            "mail.refused",
            mail,
            SYSTEM,
            {"to": mail.to_email, "subject": mail.subject, "reason": mail.error},
        )
