"""Mails, later: written out after the event, carried out by SMTP outside every unit, tried again when nobody answers."""

import logging
from uuid import UUID

from sqlalchemy import select

from app.core import clock, scope
from app.core.events import Event
from app.core.faults import fault
from app.core.jobs import job
from app.core.unit import unit
from app.domain.notices import actions as notices
from app.domain.notices.models import MAIL, Mail
from app.domain.notices.ports import Envelope, MailRejected, MailUnavailable, post
from app.domain.notices.rules.links import with_token
from app.domain.notices.telling import tell
from app.domain.people import queries as people_queries
from app.domain.people.actions import INVITATION, PASSWORD, mint_link
from app.domain.people.models import Person

log = logging.getLogger("awning.notices")

WAITS = (10, 60, 300, 1800, 7200, 21600)
"""Pauses in seconds between attempts: a mail is given up after some nine hours."""


def _scope(tenant_id: str | None, reason: str) -> scope.Scope:
    return scope.tenant(UUID(tenant_id)) if tenant_id else scope.everyone(reason=reason)


@job("notices.tell", queue="mail")
def tell_job(event_id: str, tenant_id: str | None) -> None:
    """Writes the mails that an event calls for."""
    with unit(_scope(tenant_id, "mail to the distributor's staff")) as session:
        event = session.scalar(select(Event).where(Event.id == UUID(event_id)))
        if event is not None:
            tell(event)


@job("notices.send_password_links", queue="mail")
def send_password_links_job(email: str, shop_tenant_id: str | None) -> None:
    """A link to everybody with this address on that side of the house; nobody, and nothing happens."""
    realms = ("storefront",) if shop_tenant_id else ("console", "distributor")
    with unit(_scope(shop_tenant_id, "forgotten password on the console's host")):
        for person in people_queries.who_may_be(email, realms):
            purpose, template = (
                (INVITATION, "invitation") if person.state == "invited" else (PASSWORD, "new_password")
            )
            notices.send(template, to=person, link_purpose=purpose)


@job("notices.deliver", queue="mail", retry_waits=WAITS)
def deliver_job(mail_id: str, tenant_id: str | None) -> None:
    """Carries one mail out. May be run twice; a mail that was sent is not sent again."""
    whose = _scope(tenant_id, "mail to the distributor's staff")
    with unit(whose) as session:
        mail = session.scalar(select(Mail).where(Mail.id == UUID(mail_id)).with_for_update())
        if mail is None or mail.state != "queued":
            return
        mail.attempts += 1
        token = _token_for(mail)
        envelope = Envelope(
            key=mail.id,
            from_name=mail.from_name,
            to_name=mail.to_name,
            to_email=mail.to_email,
            subject=mail.subject,
            text=with_token(mail.text, token),
            html=with_token(mail.html, token),
        )
        is_last = mail.attempts > len(WAITS)
    try:
        post().carry(envelope)
    except MailRejected as rejected:
        _note(whose, mail_id, "failed", str(rejected))
        log.warning("mail %s was rejected", mail_id)
        return
    except MailUnavailable as unavailable:
        _note(whose, mail_id, "failed" if is_last else "queued", str(unavailable))
        if is_last:
            log.warning("mail %s was given up", mail_id)
            return
        raise
    fault("notices.deliver.after_carry")
    _note(whose, mail_id, "sent", "")


def _token_for(mail: Mail) -> str:
    """A fresh token for the mail's link; one of an attempt before is void from now. Empty when it has no link."""
    if not mail.link_purpose:
        return ""
    from app.core.db import session

    person = session().get_one(Person, mail.person_id)
    return mint_link(person, mail.link_purpose, mail.link_host)


def _note(whose: scope.Scope, mail_id: str, state: str, error: str) -> None:
    with unit(whose) as session:
        mail = session.scalar(select(Mail).where(Mail.id == UUID(mail_id)).with_for_update())
        if mail is None or mail.state != "queued":
            return
        mail.error = error[:500]
        if state != "queued":
            MAIL.move(mail, state)
        if state == "sent":
            mail.sent_at = clock.now()
