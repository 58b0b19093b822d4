"""What people are told and how: their own choices, and the link in a mail that switches a group of mails off.

Opening that link changes nothing, because programs open links in mails; the POST decides. A mail program's own "unsubscribe"
button posts to it too (RFC 8058), with no session and no token of a form: what the address proves is enough to mute mails.
"""

from functools import lru_cache
from zoneinfo import available_timezones

from flask import Response, after_this_request, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import Invalid, NotFound
from app.domain.notices import actions, queries
from app.domain.notices.kinds import GROUPS, Group
from app.domain.notices.ports import post
from app.web.auth.profile import frame
from app.web.kit.area import PUBLIC, SHOP, Area
from app.web.kit.forms import Form, RadioField, SelectField
from app.web.kit.pages import form_page, page, see_other

HOWS = (("at_once", _l("At once")), ("daily", _l("Once a day")), ("never", _l("No mail")))


@lru_cache(maxsize=1)
def _time_zones() -> list[tuple[str, str]]:
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    names = sorted(name for name in available_timezones() if name.startswith(regions))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class NotificationsForm(Form):
    """A way for each group this person is offered (the fields are made of `GROUPS`); the day's summary by hour and time zone."""

    summary_hour = SelectField(_l("The summary comes at"))
    time_zone = SelectField(_l("In the time zone"))

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.summary_hour.choices = [(str(hour), f"{hour:02}:00") for hour in range(24)]
        zones = _time_zones()
        present = kwargs.get("data", {}).get("time_zone")  # type: ignore[attr-defined]
        known = {name for name, _words in zones}
        self.time_zone.choices = zones if present in known else [(present, present), *zones]
        for name in GROUPS:
            if g.arrival.actor.realm not in GROUPS[name].realms:
                del self[name]

    @property
    def groups(self) -> list[Group]:
        """Those that are offered."""
        return [group for group in GROUPS.values() if group.name in self]


for _name in GROUPS:
    setattr(NotificationsForm, _name, RadioField(choices=HOWS))


def edit_notifications() -> ResponseReturnValue:
    """One's own choices: what, and how."""
    actor = g.arrival.actor
    shop = g.arrival.shop
    now = queries.choices_of(actor, shop.time_zone if shop else "UTC")
    data = {**now.hows, "summary_hour": str(now.summary_hour), "time_zone": now.time_zone}
    form = NotificationsForm(data=data)
    if form.taken():
        try:
            actions.choose(
                {group.name: form[group.name].data for group in form.groups},
                time_zone=form.time_zone.data,
                summary_hour=int(form.summary_hour.data),
                by=actor,
            )
        except Invalid as invalid:
            form.blame(invalid)
        else:
            flash(_("Your choices are saved."), "good")
            return see_other(".edit_notifications")
    return form_page("auth/notifications.html", form, refusal=now.refusal, **frame())


def clear_refusal() -> ResponseReturnValue:
    """Mail to oneself is tried again."""
    actions.clear_refusal(g.arrival.person.id)
    flash(_("We write to you again."), "good")
    return see_other(".edit_notifications")


def unsubscribe(token: str) -> ResponseReturnValue:
    """Whoever holds the link of a mail switches off mails of that group."""

    @after_this_request
    def close(response: Response) -> Response:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    found = post().read_mute_token(token)
    if found is None or (found[1] not in GROUPS and found[1] != "summary"):
        raise NotFound()
    person_id, group = found
    is_done = request.args.get("done") == "1"
    if request.method == "POST":
        actions.mute(person_id, group)
        if request.form.get("List-Unsubscribe") != "One-Click":
            return redirect(f"{request.path}?done=1", 303)
        is_done = True  # a mail program does not follow elsewhere
    title = GROUPS[group].title if group in GROUPS else "The day's summary"
    return page(
        "auth/unsubscribe.html", group_title=_(title), is_done=is_done, is_shop=g.arrival.side == SHOP
    )


def add_to_profile(area: Area) -> None:
    """Registers a person's own choices."""
    area.route("/profile/notifications", can="profile:edit", methods=["GET", "POST"])(edit_notifications)
    area.post("/profile/notifications/address", can="profile:edit")(clear_refusal)


def add_to(area: Area) -> None:
    """Registers the page behind the link in mails."""
    area.route("/unsubscribe/<token>", can=PUBLIC, methods=["GET", "POST"], csrf_exempt=True)(unsubscribe)
