"""The words of a kind of mail: the reseller's own where there are some in the reader's language, else Awning's."""

from dataclasses import dataclass, field

from sqlalchemy import select

from app.core.db import session
from app.core.language import nearest, translated
from app.domain.notices.kinds import KINDS, Kind
from app.domain.notices.models import MailTemplate, MailWording
from app.domain.notices.ports import Words
from app.domain.people.models import Person
from app.domain.tenants.models import Tenant
from app.domain.tenants.rules.words import renamed


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A kind of mail as the list shows it: whether it is sent, and in which languages the words are the reseller's own."""

    kind: Kind
    is_enabled: bool = True
    own_languages: tuple[str, ...] = field(default_factory=tuple)
    has_settings: bool = False


def words_for(kind: Kind, tenant: Tenant | None, to: Person) -> Words:
    """What a mail of this kind says to this person. One query for a reseller's people, none for the distributor's."""
    language = nearest(to.locale)
    own = None
    if tenant is not None:
        own = session().scalar(
            select(MailWording).where(
                MailWording.tenant_id == tenant.id,
                MailWording.kind == kind.name,
                MailWording.language == language,
            )
        )
    usual = usual_words(kind, language)
    if tenant is not None and to.realm == "storefront":
        usual = in_words_of(tenant, language, usual)
    return with_own(usual, own.subject if own else "", own.body if own else "")


def in_words_of(tenant: Tenant, language: str, usual: Words) -> Words:
    """`usual` with the words that the shop has renamed."""
    own = tenant.words.get(language) or {}
    return Words(
        renamed(usual.subject, own),
        renamed(usual.body, own),
        renamed(usual.button, own),
        renamed(usual.why, own),
        usual.places,
    )


def usual_words(kind: Kind, language: str) -> Words:
    """Awning's own words of this kind."""
    return Words(
        subject=translated(kind.subject, language),
        body=translated(kind.body, language),
        button=translated(kind.button, language),
        why=translated(kind.why, language),
        places=kind.places,
    )


def with_own(usual: Words, subject: str, body: str) -> Words:
    """`usual` with another subject and body, where those are not empty."""
    return Words(subject or usual.subject, body or usual.body, usual.button, usual.why, usual.places)


def template_rows() -> list[TemplateRow]:
    """Every kind of mail with what the reseller changed about it. Two queries."""
    settings = {row.kind: row for row in session().scalars(select(MailTemplate))}
    own: dict[str, list[str]] = {}
    for kind, language in session().execute(
        select(MailWording.kind, MailWording.language).order_by(MailWording.language)
    ):
        own.setdefault(kind, []).append(language)
    return [
        TemplateRow(
            kind,
            settings[name].is_enabled if name in settings else True,
            tuple(own.get(name, ())),
            name in settings,
        )
        for name, kind in KINDS.items()
    ]


def settings_of(kind: Kind) -> MailTemplate | None:
    """How the reseller sends this kind, when that was changed."""
    return session().scalar(select(MailTemplate).where(MailTemplate.kind == kind.name))


def wording_of(kind: Kind, language: str) -> MailWording | None:
    """The reseller's own words of this kind in this language."""
    return session().scalar(
        select(MailWording).where(MailWording.kind == kind.name, MailWording.language == language)
    )
