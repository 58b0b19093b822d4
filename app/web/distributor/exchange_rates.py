"""Exchange rates: what is in force, a rate set by hand with a margin, and the European Central Bank's table."""

from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import StringField
from wtforms.fields import FileField

from app.core.errors import Invalid
from app.domain.pricing import actions
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form
from app.web.kit.pages import see_other
from app.web.kit.rate_desk import RateDesk, export_rates, number

area = Area("distributor_exchange_rates", __name__, side=PLATFORM, url_prefix="/distributor/exchange-rates")
desk = RateDesk("/distributor/exchange-rates", "distributor_exchange_rates.list_rates", is_distributor=True)
MAX_UPLOAD = 20_000_000


class LoadForm(Form):
    """The bank's file, or without one the latest day that came with Awning; and the margin on every rate of it."""

    file = FileField(_l("File"))
    margin_percent = StringField(_l("Margin on top"), default="0")


export_rates(area, can="rate:read", sees_margin=desk.sees_margin)


@area.get("", can="rate:read")
def list_rates() -> ResponseReturnValue:
    """What is in force now and what is planned."""
    return desk.list_page(load=LoadForm())


@area.route("/new", methods=["GET", "POST"], can="rate:edit")
def set_rate() -> ResponseReturnValue:
    """A rate by hand goes before the bank's until it is ended."""
    return desk.set_page()


@area.get("/<base>/<quote>", can="rate:read")
def show_history(base: str, quote: str) -> ResponseReturnValue:
    """Every rate that a pair ever had."""
    return desk.history_page(base, quote)


@area.post("/bank-table", can="rate:edit", max_body=MAX_UPLOAD)
def load_bank_table() -> ResponseReturnValue:
    """The European Central Bank's file, or the latest day that is known; loading a day twice changes nothing."""
    form = LoadForm()
    if not form.taken():
        return desk.list_page(load=form)[0], 422  # type: ignore[index]
    try:
        by, margin, upload = g.arrival.actor, number(form.margin_percent.data), form.file.data
        if upload and upload.filename:
            count = actions.import_ecb_rates(upload.stream.read(), margin_percent=margin, by=by)
        else:
            count = actions.load_ecb_rates(margin_percent=margin, by=by)
    except Invalid as invalid:
        form.blame(invalid)
        return desk.list_page(load=form)[0], 422  # type: ignore[index]
    if count:
        flash(ngettext("%(num)d rate is new.", "%(num)d rates are new.", count), "good")
    else:
        flash(_("Every day in it was loaded already."), "info")
    return see_other(".list_rates")


@area.post("/<uuid:rate_id>/end", can="rate:edit")
def end_rate(rate_id: UUID) -> ResponseReturnValue:
    """From now on the bank's rate counts again."""
    return desk.end(rate_id)
