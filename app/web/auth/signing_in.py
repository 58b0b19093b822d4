"""Signing in and out, and asking for a new password. What may be tried how often is decided in the domain."""

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from app.core.errors import Invalid
from app.domain.people import actions as people
from app.web.auth import devices, login, paths
from app.web.kit.area import PUBLIC, SHOP, Area
from app.web.kit.forms import Form
from app.web.kit.pages import form_page, see_other


class SignInForm(Form):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Write your e-mail address.")), Length(max=254)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Write your password.")), Length(max=1000)])


class ForgottenForm(Form):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Write your e-mail address.")), Length(max=254)])


def realms() -> tuple[str, ...]:
    """Who can sign in on this side of the house."""
    return ("storefront",) if g.arrival.side == SHOP else ("console", "distributor")


def sign_in() -> ResponseReturnValue:
    """The form; a person who is signed in already is taken where they wanted to go."""
    wanted = request.args.get("next", "")
    if request.method != "POST" and g.arrival.person is not None:
        return redirect(paths.after_sign_in(g.arrival.person, wanted), 303)
    form = SignInForm()
    if form.taken():
        try:
            person = people.sign_in(
                form.email.data or "", form.password.data or "", realms=realms(), attempt=devices.attempt()
            )
        except Invalid as invalid:
            form.blame(invalid)
        else:
            login.begin_session(person)
            return redirect(paths.after_sign_in(person, wanted), 303)
    return form_page("auth/sign_in.html", form)


def sign_out() -> ResponseReturnValue:
    """Ends the session here; a second press does no harm."""
    people.sign_out(g.arrival.actor)
    login.end_session()
    flash(_("You are signed out."), "good")
    return see_other(".sign_in")


def ask_for_new_password() -> ResponseReturnValue:
    """Takes an address and answers the same for everybody."""
    form = ForgottenForm()
    if form.taken():
        try:
            people.ask_for_new_password(
                form.email.data or "",
                tenant_id=g.arrival.tenant_id,
                host=g.arrival.host,
                address=devices.address(),
            )
        except Invalid as invalid:
            form.blame(invalid)
        else:
            flash(
                _(
                    "If somebody with this address is known here, a mail with a link is on its way. The link works for an hour."
                ),
                "good",
            )
            return see_other(".sign_in")
    return form_page("auth/forgotten_password.html", form)


def add_to(area: Area) -> None:
    """Registers these views."""
    area.route("/sign-in", can=PUBLIC, methods=["GET", "POST"])(sign_in)
    area.post("/sign-out", can=PUBLIC)(sign_out)
    area.route("/forgotten-password", can=PUBLIC, methods=["GET", "POST"])(ask_for_new_password)
