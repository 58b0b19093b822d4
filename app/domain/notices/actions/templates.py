"""A reseller's own mails: switched on or off, from whom, and in which words. Checked here, so that sending never fails."""

from sqlalchemy import delete, select

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Invalid, NotFound
from app.core.language import LANGUAGES
from app.domain.notices.actions.sending import compose, post_out
from app.domain.notices.kinds import KINDS, Kind
from app.domain.notices.models import Mail, MailTemplate, MailWording
from app.domain.notices.queries.templates import settings_of, usual_words, with_own, wording_of
from app.domain.notices.rules import placeholders
from app.domain.notices.rules.headers import one_line
from app.domain.notices.samples import sample
from app.domain.people.models import Person
from app.domain.people.rules.addresses import BadAddress, canonical_email
from app.domain.tenants.models import Tenant


def save_settings(
    kind_name: str, *, is_enabled: bool, from_name: str, reply_to: str, bcc: str, by: Actor
) -> MailTemplate:
    """Keeps how one kind of mail is sent. Empty fields say the usual.

    Invalid, by field: what must be told cannot be switched off and has no BCC, for its link lets its reader in.
    """
    kind = find_kind(kind_name)
    errors: dict[str, str] = {}
    if kind.must and not is_enabled:
        errors["is_enabled"] = "This mail must be sent: without it nobody gets in."
    if kind.must and bcc.strip():
        errors["bcc"] = "This mail carries a link that lets its reader in; nobody else may get it."
    if len(from_name) > 120:
        errors["from_name"] = "At most 120 characters."
    addresses = {}
    for field, typed in (("reply_to", reply_to), ("bcc", bcc)):
        try:
            addresses[field] = canonical_email(typed) if typed.strip() else ""
        except BadAddress as bad:
            errors[field] = str(bad)
    if errors:
        raise Invalid(errors)
    row = session().scalar(select(MailTemplate).where(MailTemplate.kind == kind.name))
    if row is None:
        row = MailTemplate(kind=kind.name)
        session().add(row)
    row.is_enabled, row.from_name = is_enabled, one_line(from_name, 120)
    row.reply_to, row.bcc = addresses["reply_to"], addresses["bcc"]
    session().flush()
    events.record("mail_template.changed", row, by, {"kind": kind.name, "is_enabled": is_enabled})
    return row


def save_wording(kind_name: str, language: str, *, subject: str, body: str, by: Actor) -> MailWording:
    """Keeps a reseller's own words for one kind of mail in one language. Invalid, by field, for what could not be filled in."""
    kind, language = find_kind(kind_name), _language(language)
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip()
    errors = check_wording(kind, subject, body)
    if errors:
        raise Invalid(errors)
    row = session().scalar(
        select(MailWording).where(MailWording.kind == kind.name, MailWording.language == language)
    )
    if row is None:
        row = MailWording(kind=kind.name, language=language)
        session().add(row)
    row.subject, row.body = subject, body
    session().flush()
    events.record("mail_wording.changed", row, by, {"kind": kind.name, "language": language})
    return row


def reset_wording(kind_name: str, language: str, by: Actor) -> None:
    """Back to Awning's words. Nothing happens when they were not replaced."""
    kind, language = find_kind(kind_name), _language(language)
    row = session().scalar(
        select(MailWording).where(MailWording.kind == kind.name, MailWording.language == language)
    )
    if row is None:
        return
    events.record("mail_wording.reset", row, by, {"kind": kind.name, "language": language})
    session().execute(delete(MailWording).where(MailWording.id == row.id))


def send_sample(kind_name: str, language: str, by: Actor) -> Mail:
    """One mail of this kind about a sample to the person who asks. Its link leads to a page, and lets nobody in."""
    kind, language = find_kind(kind_name), _language(language)
    person = session().get(Person, by.person_id)
    tenant = session().get(Tenant, by.tenant_id)
    if person is None or tenant is None:
        raise NotFound()
    own = wording_of(kind, language)
    words = with_own(usual_words(kind, language), own.subject if own else "", own.body if own else "")
    story = sample(kind, tenant, language)
    mail = compose(kind, tenant, person, words, story.facts, story.console_path, locale=language)
    settings = settings_of(kind)
    if settings is not None:
        mail.from_name = settings.from_name or mail.from_name
        mail.reply_to = settings.reply_to or mail.reply_to
    post_out(mail)
    return mail


def check_wording(kind: Kind, subject: str, body: str) -> dict[str, str]:
    """What cannot be taken of a subject and a body, by field; empty when both are good."""
    errors: dict[str, str] = {}
    if not subject.strip():
        errors["subject"] = "A mail needs a subject."
    elif len(subject) > placeholders.MAX_SUBJECT:
        errors["subject"] = f"At most {placeholders.MAX_SUBJECT} characters."
    elif any(ord(sign) < 32 for sign in subject):
        errors["subject"] = "A subject is one line."
    elif strange := placeholders.strangers(subject, kind.words):
        errors["subject"] = _stranger(strange[0], kind)
    if not body.strip():
        errors["body"] = "A mail needs a text."
    elif len(body) > placeholders.MAX_BODY:
        errors["body"] = f"At most {placeholders.MAX_BODY} characters."
    elif "\0" in body:
        errors["body"] = "There is a sign in it that cannot be kept."
    elif strange := placeholders.strangers(body, kind.known):
        errors["body"] = _stranger(strange[0], kind)
    elif len(placeholders.names_in(body)) > placeholders.MAX_NAMED:
        errors["body"] = f"At most {placeholders.MAX_NAMED} placeholders."
    elif lost := placeholders.misplaced(body, kind.places):
        errors["body"] = f"{{{lost[0]}}} is more than a word: leave an empty line before and after it."
    elif kind.must and not {"link", "button"} & set(placeholders.names_in(body)):
        errors["body"] = "Without {button} or {link} nobody gets in."
    return errors


def _stranger(name: str, kind: Kind) -> str:
    if name in kind.places:
        return f"{{{name}}} is more than a word and cannot stand in a subject."
    return f"There is no placeholder {{{name[:40]}}} in this mail."


def find_kind(name: str) -> Kind:
    """The kind, or NotFound."""
    if name not in KINDS:
        raise NotFound()
    return KINDS[name]


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise NotFound()
    return code
