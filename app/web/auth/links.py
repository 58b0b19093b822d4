"""Pages behind links from mails: choose a new password, take up an invitation. Opening one changes nothing; the POST does."""

from flask import Response, after_this_request, flash, g, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from app.core.errors import Invalid
from app.domain.people import actions as people
from app.web.auth import devices, login, paths
from app.web.kit.area import PUBLIC, Area
from app.web.kit.forms import Form
from app.web.kit.pages import form_page, see_other


class NewPasswordForm(Form):
    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password.")), Length(max=1000)])
    again = PasswordField(
        _l("The same once more"),
        [InputRequired(_l("Write it a second time.")), EqualTo("password", _l("The two are not the same."))],
    )


def _tell_nobody() -> None:
    """The address of this page is a secret: it goes to no other site, and the page into no cache."""

    @after_this_request
    def close(response: Response) -> Response:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response


def choose_new_password(token: str) -> ResponseReturnValue:
    """A forgotten password, chosen anew. Afterwards the person signs in with it."""
    return _choose(token, people.PASSWORD)


def take_up_invitation(token: str) -> ResponseReturnValue:
    """The first password of somebody who was invited. Afterwards they are signed in."""
    return _choose(token, people.INVITATION)


def _choose(token: str, purpose: str) -> ResponseReturnValue:
    _tell_nobody()
    where = {"purpose": purpose, "host": g.arrival.host, "address": devices.address()}
    form = NewPasswordForm()
    if form.taken():
        try:
            person = people.follow_link(token, form.password.data or "", **where)
        except Invalid as invalid:
            form.blame(invalid)
        else:
            if purpose == people.INVITATION:
                login.begin_session(person)
                return redirect(paths.after_sign_in(person, ""), 303)
            login.end_session()
            flash(_("Your new password is set. Sign in with it."), "good")
            return see_other(".sign_in")
    person = people.check_link(token, **where)
    return form_page("auth/new_password.html", form, purpose=purpose, whose=person)


def add_to(area: Area) -> None:
    """Registers these views."""
    area.route("/new-password/<token>", can=PUBLIC, methods=["GET", "POST"])(choose_new_password)
    area.route("/invitations/<token>", can=PUBLIC, methods=["GET", "POST"])(take_up_invitation)
