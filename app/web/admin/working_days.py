"""Which days are worked: deadlines of approvals count these and no others."""

from datetime import date

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from app.core.errors import Invalid
from app.domain.approvals import actions
from app.domain.approvals.queries import calendar_of_shop
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form, SelectMultipleField
from app.web.kit.pages import form_page, see_other

area = Area("admin_working_days", __name__, side=PLATFORM, url_prefix="/admin/working-days")

WEEKDAYS = [
    ("0", _l("Monday")),
    ("1", _l("Tuesday")),
    ("2", _l("Wednesday")),
    ("3", _l("Thursday")),
    ("4", _l("Friday")),
    ("5", _l("Saturday")),
    ("6", _l("Sunday")),
]


class WorkingDaysForm(Form):
    """Weekdays to tick; holidays one to a line, as `2026-12-25`."""

    weekdays = SelectMultipleField(_l("Worked on"), choices=WEEKDAYS, validate_choice=False)
    holidays = TextAreaField(_l("Holidays"))


@area.route("", methods=["GET", "POST"], can="policy:edit")
def edit_working_days() -> ResponseReturnValue:
    """Shows and takes them. They count for what is asked from now on."""
    calendar = calendar_of_shop(g.arrival.actor.tenant_id)
    form = WorkingDaysForm(
        data={
            "weekdays": [str(day) for day in sorted(calendar.weekdays)],
            "holidays": "\n".join(day.isoformat() for day in sorted(calendar.holidays)),
        }
    )
    if form.taken():
        try:
            days = [int(day) for day in form.weekdays.data or () if day in dict(WEEKDAYS)]
            actions.set_working_days(days, _dates(form.holidays.data or ""), by=g.arrival.actor)
            flash(_("Saved. Deadlines of new requests count these days."), "good")
            return see_other(".edit_working_days")
        except Invalid as invalid:
            form.blame(invalid)
    return form_page("admin/working_days.html", form)


def _dates(text: str) -> list[date]:
    found = []
    for line in text.split():
        try:
            found.append(date.fromisoformat(line))
        except ValueError:
            raise Invalid(
                {"holidays": _("“%(text)s” is not a day like 2026-12-25.", text=line[:40])}
            ) from None
    return found
