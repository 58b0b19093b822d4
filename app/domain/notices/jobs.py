"""Mails, later: written out after the event, carried out by SMTP outside every unit, tried again when nobody answers.
And, by the clock, the day's summaries.
"""

import logging
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from app.core import clock, jobs, scope
from app.core.actor import SYSTEM
from app.core.db import session
from app.core.events import Event
from app.core.faults import fault
from app.core.jobs import job
from app.core.unit import unit
from app.domain.notices import actions as notices
from app.domain.notices import queries
from app.domain.notices.models import MAIL, Mail, Notice, Recipient, SenderDomain
from app.domain.notices.ports import Envelope, MailRejected, MailUnavailable, post, resolver
from app.domain.notices.rules.links import mute_path, with_token
from app.domain.notices.rules.summaries import due_on
from app.domain.notices.telling import tell
from app.domain.people import queries as people_queries
from app.domain.people.actions import INVITATION, PASSWORD, mint_link
from app.domain.people.models import Person
from app.domain.tenants.models import Tenant

log = logging.getLogger("awning.notices")

WAITS = (10, 60, 300, 1800, 7200, 21600)
"""Pauses in seconds between attempts: a mail is given up after some nine hours."""

USUAL_HOUR = 8
KEEP_NOTICES = timedelta(days=180)
KEEP_MAILS = timedelta(days=730)


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
        envelope = _envelope(mail)
        is_last = mail.attempts > len(WAITS)
    try:
        post().carry(envelope)
    except MailRejected as rejected:
        _note(whose, mail_id, "failed", str(rejected), of_recipient=rejected.of_recipient)
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


def _envelope(mail: Mail) -> Envelope:
    """The mail as it leaves, with fresh tokens in its links."""
    token = _token_for(mail)
    mute = post().mute_token(mail.person_id, mail.unsubscribe_group) if mail.unsubscribe_host else ""
    mute_url = ""
    if mute:
        console = mail.unsubscribe_host == post().console_host
        mute_url = with_token(post().url(mail.unsubscribe_host, mute_path(console=console)), "", mute)
    return Envelope(
        key=mail.id,
        from_name=mail.from_name,
        from_email=mail.from_email,
        reply_to=mail.reply_to,
        bcc=mail.bcc,
        to_name=mail.to_name,
        to_email=mail.to_email,
        subject=mail.subject,
        text=with_token(mail.text, token, mute),
        html=with_token(mail.html, token, mute),
        unsubscribe=mute_url,
    )


def _token_for(mail: Mail) -> str:
    """A fresh token for the mail's link; one of an attempt before is void from now. Empty when it has no link."""
    if not mail.link_purpose:
        return ""
    person = session().get_one(Person, mail.person_id)
    return mint_link(person, mail.link_purpose, mail.link_host)


def _note(whose: scope.Scope, mail_id: str, state: str, error: str, *, of_recipient: bool = False) -> None:
    with unit(whose) as session:
        mail = session.scalar(select(Mail).where(Mail.id == UUID(mail_id)).with_for_update())
        if mail is None or mail.state != "queued":
            return
        mail.error = error[:500]
        if state != "queued":
            MAIL.move(mail, state)
        if state == "sent":
            mail.sent_at = clock.now()
        if of_recipient:
            notices.note_refusal(mail)


@job("notices.summaries", cron="5 * * * *", queue="mail")
def summaries_job() -> None:
    """Every hour: a summary for everybody whose hour has come, in their own time zone, and for whom something waits."""
    with unit(scope.everyone(reason="daily summaries")) as current:
        rows = current.execute(
            select(
                Notice.tenant_id,
                Notice.person_id,
                func.coalesce(func.nullif(Recipient.time_zone, ""), Tenant.time_zone).label("time_zone"),
                func.coalesce(Recipient.summary_hour, USUAL_HOUR).label("hour"),
                Recipient.summarised_on,
            )
            .join(Tenant, Tenant.id == Notice.tenant_id)
            .outerjoin(Recipient, Recipient.person_id == Notice.person_id)
            .where(Notice.mail_how == "daily", Notice.summarised_at.is_(None))
            .distinct()
        ).all()
        for row in rows:
            day = due_on(clock.now(), row.time_zone, row.hour, row.summarised_on)
            if day is not None:
                jobs.defer(
                    "notices.summarise",
                    person_id=row.person_id,
                    tenant_id=row.tenant_id,
                    day=day.isoformat(),
                    lock=f"summary:{row.person_id}",
                )


@job("notices.summarise", queue="mail")
def summarise_job(person_id: str, tenant_id: str, day: str) -> None:
    """Writes one person's summary. May be run twice: the second finds nothing to say."""
    with unit(scope.tenant(UUID(tenant_id))):
        notices.summarise(UUID(person_id), date.fromisoformat(day))


@job("notices.forget", queue="mail", cron="40 3 * * *")
def forget_job() -> None:
    """Every night: notices of half a year ago go, and so do mails of two years ago."""
    with unit(scope.everyone(reason="clearing old notices")) as current:
        current.execute(delete(Notice).where(Notice.created_at < clock.since(KEEP_NOTICES)))
        current.execute(delete(Mail).where(Mail.created_at < clock.since(KEEP_MAILS)))


@job("notices.look_at_sender", queue="mail", retry_waits=(60, 600, 3600))
def look_at_sender_job(tenant_id: str) -> None:
    """Looks whether a reseller's domain carries the records for mail in its name. May be run twice."""
    whose = scope.tenant(UUID(tenant_id))
    with unit(whose):
        row = queries.sender()
        if row is None:
            return
        token, names = row.token, {record.name for record in notices.records_of(row)}
    answers = {name: resolver().txt(name) for name in sorted(names)}
    with unit(whose):
        row = queries.sender()
        if row is not None and row.token == token:
            notices.note_look(row, answers, SYSTEM)


@job("notices.look_at_senders", queue="mail", cron="20 2 * * *")
def look_at_senders_job() -> None:
    """Every night: all of them. A domain whose records are gone is no longer written from."""
    with unit(scope.everyone(reason="looking at sender domains")) as current:
        for row in current.scalars(select(SenderDomain)):
            notices.look_again(row)
