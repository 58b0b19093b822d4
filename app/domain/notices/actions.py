"""Saying something to a person: a mail's row is written in the caller's transaction, and a job carries it out later."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import jobs
from app.core.db import session
from app.core.errors import Conflict
from app.domain.notices.models import MAIL, Mail
from app.domain.notices.ports import Look, post
from app.domain.notices.rules.headers import one_line
from app.domain.notices.rules.links import link_path
from app.domain.people.models import Person
from app.domain.tenants.models import Tenant, TenantHost
from app.domain.tenants.rules.contrast import ink_on, is_hex

HOUSE_COLOUR = "#1d4ed8"
HOUSE_NAME = "Awning"


def send(
    template: str,
    *,
    to: Person,
    context: Mapping[str, Any] | None = None,
    event_id: UUID | None = None,
    link_purpose: str | None = None,
) -> Mail | None:
    """Writes the letter `template` to a person and has it carried out once this transaction is committed.

    Every letter knows `to`, `shop`, `host`, and `url(path)` for pages on the person's own host; `link` is the single-use
    link for `link_purpose`. Answers None when the same event has told this person already.
    """
    if event_id is not None and _was_told(event_id, to, template):
        return None
    writer = post()
    tenant = session().get(Tenant, to.tenant_id) if to.tenant_id else None
    host = _host_of(to, tenant)
    values: dict[str, Any] = {"to": to, "shop": tenant, "host": host, **(context or {})}
    values["url"] = lambda path: writer.url(host, path)
    if link_purpose:
        values["link"] = writer.url(host, link_path(link_purpose, console=to.realm != "storefront"))
    letter = writer.write(template, look_of(tenant, to), values)
    mail = Mail(
        tenant_id=to.tenant_id,
        person_id=to.id,
        event_id=event_id,
        template=template,
        to_name=one_line(to.name, 120),
        to_email=to.email,
        from_name=one_line(tenant.name if tenant else HOUSE_NAME, 120),
        subject=one_line(letter.subject),
        text=letter.text,
        html=letter.html,
        link_purpose=link_purpose,
        link_host=host if link_purpose else "",
    )
    session().add(mail)
    session().flush()
    _defer(mail)
    return mail


def send_again(mail: Mail) -> None:
    """Tries a mail once more that was given up. Conflict when it was not."""
    if mail.state != "failed":
        raise Conflict("Only a mail that was given up can be tried again.")
    MAIL.move(mail, "queued")
    mail.attempts, mail.error = 0, ""
    _defer(mail)


def look_of(tenant: Tenant | None, to: Person) -> Look:
    """The shop's name and colours; the house's own for the distributor's staff."""
    brand = tenant.brand if tenant else {}
    colour = brand.get("brand_color", "")
    colour = colour if is_hex(colour) else HOUSE_COLOUR
    profile = tenant.profile if tenant else {}
    town = f"{profile.get('postal_code', '')} {profile.get('city', '')}"
    imprint = [
        profile.get("legal_name"),
        profile.get("street"),
        town,
        profile.get("email"),
        profile.get("phone"),
    ]
    return Look(
        name=tenant.name if tenant else HOUSE_NAME,
        colour=colour,
        ink=ink_on(colour),
        locale=to.locale,
        time_zone=tenant.time_zone if tenant else "UTC",
        imprint=tuple(" ".join(line.split()) for line in imprint if line and line.strip()),
    )


def _host_of(person: Person, tenant: Tenant | None) -> str:
    if person.realm != "storefront" or tenant is None:
        return post().console_host
    return (
        session()
        .execute(select(TenantHost.host).where(TenantHost.tenant_id == tenant.id, TenantHost.is_canonical))
        .scalar_one()
    )


def _was_told(event_id: UUID, person: Person, template: str) -> bool:
    found = session().scalar(
        select(Mail.id).where(
            Mail.event_id == event_id, Mail.person_id == person.id, Mail.template == template
        )
    )
    return found is not None


def _defer(mail: Mail) -> None:
    jobs.defer("notices.deliver", mail_id=mail.id, tenant_id=mail.tenant_id, lock=f"mail:{mail.id}")
