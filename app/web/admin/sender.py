"""The address the reseller's mails come from: asked for, the records to set, and what the last look at them showed."""

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.core.errors import Invalid, NotFound
from app.domain.notices import actions, queries
from app.domain.notices.ports import post
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.pages import form_page, see_other

area = Area("admin_sender", __name__, side=PLATFORM, url_prefix="/admin/mail-sender")


class SenderForm(Form):
    address = StringField(_l("Address of the sender"))


@area.route("", methods=["GET", "POST"], can="mail:edit")
def edit_sender() -> ResponseReturnValue:
    """The address and its records; POST begins with another one."""
    row = queries.sender()
    form = SenderForm(data={"address": row.address if row else ""})
    if form.taken():
        try:
            actions.ask_for_sender(form.address.data or "", g.arrival.actor)
            flash(_("Set the records below; they are looked at every night, and whenever you ask."), "good")
            return see_other(".edit_sender")
        except Invalid as invalid:
            form.blame(invalid)
    return form_page(
        "admin/mail_sender.html",
        form,
        row=row,
        records=actions.records_of(row) if row else [],
        usual=f"{g.arrival.shop.name} <no-reply@{post().sending_domain}>",
    )


@area.post("/verification", can="mail:edit")
def verify_sender() -> ResponseReturnValue:
    """Has the records looked at now."""
    row = queries.sender()
    if row is None:
        raise NotFound()
    actions.look_again(row)
    flash(_("We are looking. Load this page again in a moment."), "good")
    return see_other(".edit_sender")


@area.post("/removal", can="mail:edit")
def give_up_sender() -> ResponseReturnValue:
    """Back to the platform's address."""
    actions.give_up_sender(g.arrival.actor)
    flash(_("Mails come from the platform's address again."), "good")
    return see_other(".edit_sender")
