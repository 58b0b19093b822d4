"""Being away: who decides requests in one's place, and when. Nothing is handed over; the queue looks it up when it is read."""

from datetime import date
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from app.core.errors import Conflict, Invalid
from app.domain.people import actions as people
from app.domain.people.queries import colleagues_of, delegations_of
from app.domain.people.rules.roles import permissions_of
from app.web.auth.profile import frame
from app.web.kit.area import Area
from app.web.kit.forms import Form, SelectField
from app.web.kit.pages import form_page, see_other


class AwayForm(Form):
    """Days are typed as `2026-12-24`, which is what a date field sends."""

    delegate_id = SelectField(_l("Who decides in your place"), validate_choice=False)
    starts_on = StringField(_l("From"))
    ends_on = StringField(_l("Until and including"))
    note = StringField(_l("Note"), [Length(max=200, message=_l("Use at most 200 characters."))])


class EmptyForm(Form):
    """Only the token."""


def edit_away() -> ResponseReturnValue:
    """When one is away and who stands in; for whom one stands in oneself."""
    form = AwayForm()
    person = g.arrival.person
    form.delegate_id.choices = [(str(one.id), one.name) for one in colleagues_of(person)]
    if form.taken():
        try:
            people.delegate(
                _id(form.delegate_id.data),
                _day(form.starts_on.data),
                _day(form.ends_on.data),
                note=form.note.data or "",
                by=g.arrival.actor,
            )
            flash(_("Saved. On those days requests that ask you ask them as well."), "good")
            return see_other(".edit_away")
        except Invalid as invalid:
            form.blame(invalid)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
    return form_page(
        "auth/away.html",
        form,
        delegations=delegations_of(person.id),
        may_be_away="approval:decide" in permissions_of(person.realm, person.roles),
        **frame(),
    )


def end_away(delegation_id: UUID) -> ResponseReturnValue:
    """Takes an entry away at once."""
    if EmptyForm().taken():
        people.end_delegation(delegation_id, by=g.arrival.actor)
        flash(_("Taken away. From now on only you are asked."), "good")
    return see_other(".edit_away")


def _id(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Invalid({"delegate_id": _("Choose a colleague who may sign in.")}) from None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None


def add_to(area: Area) -> None:
    """Registers these views."""
    area.route("/profile/away", can="profile:edit", methods=["GET", "POST"])(edit_away)
    area.post("/profile/away/<uuid:delegation_id>/removal", can="profile:edit")(end_away)
