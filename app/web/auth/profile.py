"""What people see and change about themselves: name, language, password, where they are signed in."""

from flask import flash, g, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.core.errors import Invalid
from app.core.language import LANGUAGES
from app.domain.people import actions as people
from app.web.kit.area import SHOP, Area
from app.web.kit.forms import Form, SelectField
from app.web.kit.pages import form_page, see_other


class ProfileForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Say what others should call you.")), Length(max=120)])
    locale = SelectField(_l("Language"), choices=LANGUAGES.items())


class ChangePasswordForm(Form):
    present = PasswordField(
        _l("Present password"), [InputRequired(_l("Write your present password.")), Length(max=1000)]
    )
    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password.")), Length(max=1000)])
    again = PasswordField(
        _l("The same once more"),
        [InputRequired(_l("Write it a second time.")), EqualTo("password", _l("The two are not the same."))],
    )


def frame() -> dict[str, object]:
    """The frame of the side of the house that the person is on."""
    is_shop = g.arrival.side == SHOP
    return {"is_shop": is_shop, "layout": "shop/layout.html" if is_shop else "console/layout.html"}


def edit_profile() -> ResponseReturnValue:
    """One's own name and language."""
    form = ProfileForm(obj=g.arrival.person)
    if form.taken():
        try:
            people.edit_profile(name=form.name.data or "", locale=form.locale.data, by=g.arrival.actor)
        except Invalid as invalid:
            form.blame(invalid)
        else:
            flash(_("Your profile is saved."), "good")
            return see_other(".edit_profile")
    return form_page("auth/profile.html", form, **frame())


def change_password() -> ResponseReturnValue:
    """One's own password; everywhere else the person is signed out."""
    form = ChangePasswordForm()
    if form.taken():
        try:
            people.change_password(
                form.present.data or "",
                form.password.data or "",
                keep_session=session.id,  # type: ignore[attr-defined]
                by=g.arrival.actor,
            )
        except Invalid as invalid:
            form.blame(invalid)
        else:
            flash(_("Your password is changed. You are signed out everywhere else."), "good")
            return see_other(".edit_profile")
    return form_page("auth/change_password.html", form, **frame())


def end_other_sessions() -> ResponseReturnValue:
    """Signs oneself out everywhere else."""
    ended = people.end_sessions(g.arrival.person.id, but=session.id)  # type: ignore[attr-defined]
    flash(
        _("You are signed out everywhere else.") if ended else _("You were signed in nowhere else."), "good"
    )
    return see_other(".edit_profile")


def add_to(area: Area) -> None:
    """Registers these views."""
    area.route("/profile", can="profile:edit", methods=["GET", "POST"])(edit_profile)
    area.route("/profile/password", can="profile:edit", methods=["GET", "POST"])(change_password)
    area.post("/profile/other-sessions", can="profile:edit")(end_other_sessions)
