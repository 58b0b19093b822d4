"""The mails that went out in the reseller's name: how far each got, what it said, and once more for those that did not arrive."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.paging import Page
from app.domain.notices import actions, queries
from app.domain.notices.kinds import KINDS
from app.domain.notices.models import MAIL, Mail
from app.domain.notices.rules.links import MUTE, PLACE
from app.web.kit.area import PLATFORM, Area
from app.web.kit.exports import export_list, moment, state, text
from app.web.kit.letters import letter_page
from app.web.kit.listing import Asked, asked
from app.web.kit.pages import page

area = Area("admin_emails", __name__, side=PLATFORM, url_prefix="/admin/emails")


@area.get("", can="mail:read")
def list_emails() -> ResponseReturnValue:
    """Search, state, kind, order, page."""
    ask = _ask()
    return page(
        "admin/emails/list.html",
        ask=ask,
        kinds=KINDS,
        states=queries.mail_states(q=ask.q, kind=ask["kind"]),
        found=_found(ask),
    )


def _ask() -> Asked:
    return asked(queries.MAIL_SORTS, "-at", state=MAIL.states, kind=tuple(KINDS))


def _found(ask: Asked) -> Page[Mail]:
    return queries.mails(
        q=ask.q, state=ask["state"], kind=ask["kind"], sort=ask.sort, page=ask.page, size=ask.size
    )


export_list(
    area,
    "",
    can="mail:read",
    named="mails",
    rows=lambda: _found(_ask().whole()),
    columns=[
        text(_l("Subject"), "subject"),
        text(_l("To"), "to_name"),
        text(_l("E-mail"), "to_email"),
        state(_l("State"), "mail", "state"),
        text(_l("Why not"), lambda mail: mail.error if mail.state != "sent" else ""),
        moment(_l("Written"), "created_at"),
    ],
)


@area.get("/<uuid:mail_id>", can="mail:read")
def show_email(mail_id: UUID) -> ResponseReturnValue:
    """One mail: to whom, how far it got and why not further, and what it said."""
    mail = queries.mail(mail_id)
    refusal = queries.refusals([mail.person_id]).get(mail.person_id, "")
    return page("admin/emails/detail.html", mail=mail, kinds=KINDS, refusal=refusal, text=_shown(mail.text))


@area.get("/<uuid:mail_id>/letter", can="mail:read")
def show_letter(mail_id: UUID) -> ResponseReturnValue:
    """The mail itself, for the frame on its page."""
    return letter_page(_shown(queries.mail(mail_id).html))


@area.post("/<uuid:mail_id>/delivery", can="mail:edit")
def send_again(mail_id: UUID) -> ResponseReturnValue:
    """Once more; an address that refused mail is taken to work again."""
    mail = queries.mail(mail_id)
    actions.send_again(mail)
    actions.clear_refusal(mail.person_id)
    flash(_("It is on its way again."), "good")
    return redirect(url_for(".show_email", mail_id=mail_id), 303)


def _shown(text: str) -> str:
    """Links that let somebody in are not shown: only the mail that leaves has them."""
    return text.replace(MUTE, "…").replace(PLACE, "…")
