"""Telling a person something: a notice for their bell and, as they have chosen, a mail; both in the caller's transaction.

A job carries the mail out later, so a dead mail server delays mails and nothing else.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import jobs
from app.core.db import session
from app.core.errors import Conflict
from app.domain.notices.kinds import GROUPS, Kind, kind_of
from app.domain.notices.models import MAIL, Mail, MailTemplate, Notice, Recipient
from app.domain.notices.ports import Words, post
from app.domain.notices.queries.senders import proved_address
from app.domain.notices.queries.templates import words_for
from app.domain.notices.rules.headers import one_line
from app.domain.notices.rules.links import link_path, mute_path, profile_path
from app.domain.notices.sender import HOUSE_NAME, host_of, look_of, reply_to
from app.domain.people.models import Person
from app.domain.tenants.models import Tenant

SUPPRESSED = "not tried, because this address has refused mail before"


def notify(
    kind_name: str, *, to: Person, facts: Mapping[str, Any], path: str, event_id: UUID
) -> Notice | None:
    """Tells a person of an event: in their bell at once, by mail as they have chosen for the kind's group.

    `facts` are the placeholders' values (see `Post.write`); `path` is the page it is about, on the person's own host. None
    when the event has told this person before.
    """
    kind = kind_of(kind_name)
    assert kind.group is not None, "what must be told has a link and is sent by `send`"
    if _has_notice(event_id, to, kind):
        return None
    how = _recipient_of(to).get(kind.group) or GROUPS[kind.group].usual
    tenant = session().get(Tenant, to.tenant_id)
    notice = Notice(
        tenant_id=to.tenant_id,
        person_id=to.id,
        event_id=event_id,
        kind=kind.name,
        values={"person_name": to.name, "shop_name": tenant.name if tenant else HOUSE_NAME, **_plain(facts)},
        path=path,
        mail_how=how,
    )
    session().add(notice)
    session().flush()
    if how == "at_once":
        send(kind_name, to=to, facts=facts, path=path, event_id=event_id)
    return notice


def send(
    kind_name: str,
    *,
    to: Person,
    facts: Mapping[str, Any] | None = None,
    path: str = "/",
    event_id: UUID | None = None,
    link_purpose: str | None = None,
) -> Mail | None:
    """Writes a mail of this kind and has it carried out once this transaction is committed.

    With `link_purpose` its link is a single-use one, else it leads to `path`. None when the same event has told this person
    already, or when the reseller has switched this kind off.
    """
    kind = kind_of(kind_name)
    if event_id is not None and _was_told(event_id, to, kind):
        return None
    tenant = session().get(Tenant, to.tenant_id) if to.tenant_id else None
    settings = _settings_of(tenant, kind)
    if settings is not None and not settings.is_enabled and not kind.must:
        return None
    mail = compose(kind, tenant, to, words_for(kind, tenant, to), facts or {}, path, link_purpose)
    mail.event_id = event_id
    if settings is not None:
        mail.from_name = one_line(settings.from_name, 120) or mail.from_name
        mail.reply_to = settings.reply_to or mail.reply_to
        mail.bcc = "" if kind.must else settings.bcc
    if tenant is not None:
        mail.from_email = proved_address()
    if not kind.must and _has_refused(to):
        mail.state, mail.error = "suppressed", SUPPRESSED
    post_out(mail)
    return mail


def post_out(mail: Mail) -> None:
    """Stores a composed mail and has it carried out, unless it is one that is not tried."""
    session().add(mail)
    session().flush()
    if mail.state == "queued":
        _defer(mail)


def compose(
    kind: Kind,
    tenant: Tenant | None,
    to: Person,
    words: Words,
    facts: Mapping[str, Any],
    path: str,
    link_purpose: str | None = None,
    locale: str = "",
) -> Mail:
    """The mail as it would be stored; it is not. In the reader's language, or that of `locale`.

    Links are on the person's own host, whatever host is asking.
    """
    writer = post()
    console = to.realm != "storefront"
    host = host_of(to, tenant)
    look = look_of(tenant, to)
    if locale:
        look = replace(look, locale=locale)
    if not kind.must:
        look = replace(
            look,
            profile_url=writer.url(host, profile_path(console=console)),
            unsubscribe_url=writer.url(host, mute_path(console=console)),
        )
    link = link_path(link_purpose, console=console) if link_purpose else path
    values = {
        "person_name": to.name,
        "person_email": to.email,
        "shop_name": look.name,
        **facts,
        "link": writer.url(host, link),
    }
    letter = writer.write(words, look, values)
    return Mail(
        tenant_id=to.tenant_id,
        person_id=to.id,
        template=kind.name,
        to_name=one_line(to.name, 120),
        to_email=to.email,
        from_name=one_line(look.name, 120),
        from_email="",
        reply_to=reply_to(tenant),
        bcc="",
        subject=one_line(letter.subject),
        text=letter.text,
        html=letter.html,
        link_purpose=link_purpose,
        link_host=host if link_purpose else "",
        unsubscribe_host="" if kind.must else host,
        unsubscribe_group=kind.group or "",
        state="queued",
        error="",
    )


def send_again(mail: Mail) -> None:
    """Tries a mail once more that did not arrive. Conflict when it was sent, or is still on its way."""
    if mail.state not in ("failed", "bounced", "suppressed"):
        raise Conflict("Only a mail that did not arrive can be tried again.")
    MAIL.move(mail, "queued")
    mail.attempts, mail.error, mail.sent_at = 0, "", None
    _defer(mail)


def _plain(facts: Mapping[str, Any]) -> dict[str, str]:
    """What the bell may name: words and numbers. Amounts and lists stand in the mail and on the page."""
    return {name: one_line(str(value), 200) for name, value in facts.items() if isinstance(value, str | int)}


def _recipient_of(person: Person) -> Mapping[str, str]:
    found = session().scalar(select(Recipient.hows).where(Recipient.person_id == person.id))
    return found or {}


def _has_refused(person: Person) -> bool:
    refused = session().scalar(
        select(Recipient.refused_email).where(
            Recipient.person_id == person.id, Recipient.refused_at.is_not(None)
        )
    )
    return refused == person.email


def _settings_of(tenant: Tenant | None, kind: Kind) -> MailTemplate | None:
    if tenant is None:
        return None
    return session().scalar(
        select(MailTemplate).where(MailTemplate.tenant_id == tenant.id, MailTemplate.kind == kind.name)
    )


def _has_notice(event_id: UUID, person: Person, kind: Kind) -> bool:
    found = session().scalar(
        select(Notice.id).where(
            Notice.event_id == event_id, Notice.person_id == person.id, Notice.kind == kind.name
        )
    )
    return found is not None


def _was_told(event_id: UUID, person: Person, kind: Kind) -> bool:
    found = session().scalar(
        select(Mail.id).where(
            Mail.event_id == event_id, Mail.person_id == person.id, Mail.template == kind.name
        )
    )
    return found is not None


def _defer(mail: Mail) -> None:
    jobs.defer("notices.deliver", mail_id=mail.id, tenant_id=mail.tenant_id, lock=f"mail:{mail.id}")
