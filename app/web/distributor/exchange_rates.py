"""Exchange rates: what is in force, a rate set by hand with a margin, and the European Central Bank's table."""

from decimal import Decimal
from uuid import UUID

from flask import flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import StringField
from wtforms.validators import InputRequired

from app.core import clock
from app.core.errors import Invalid
from app.core.money import parse_amount
from app.domain.pricing import actions
from app.domain.reports.queries import rates
from app.web.kit import choices
from app.web.kit.area import PLATFORM, Area
from app.web.kit.forms import Form, SelectField
from app.web.kit.listing import asked
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.times import local_instant

area = Area("distributor_exchange_rates", __name__, side=PLATFORM, url_prefix="/distributor/exchange-rates")

NO_NUMBER = Decimal(-1)


class RateForm(Form):
    """1 `base` is so many `quote`, plus a margin on every conversion."""

    base = SelectField(_l("One"), default="EUR")
    quote = SelectField(_l("is worth so many"), default="USD")
    rate = StringField(_l("Rate"), [InputRequired(_l("Enter the rate."))])
    margin_percent = StringField(_l("Margin on top"), default="0")
    at = StringField(_l("From"))

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.base.choices = self.quote.choices = choices.currencies()


class LoadForm(Form):
    """The margin on every rate of the bank's table."""

    margin_percent = StringField(_l("Margin on top"), default="0")


@area.get("", can="rate:read")
def list_rates() -> ResponseReturnValue:
    """What is in force now and what is planned; a search is for a currency's code."""
    ask = asked(source=("hand", "ecb"))
    return page(
        "distributor/exchange_rates/list.html",
        ask=ask,
        found=rates.rates(q=ask.q, source=ask["source"], page=ask.page, size=ask.size),
        load=LoadForm(),
        now=clock.now(),
    )


@area.route("/new", methods=["GET", "POST"], can="rate:edit")
def set_rate() -> ResponseReturnValue:
    """A rate by hand goes before the bank's until it is ended."""
    form = RateForm()
    if form.taken():
        at = local_instant(form.at.data, "UTC") if form.at.data else None
        if form.at.data and at is None:
            form.at.errors = [_("Enter a date and a time.")]
        else:
            try:
                made = actions.set_rate(
                    form.base.data,
                    form.quote.data,
                    _number(form.rate.data),
                    margin_percent=_number(form.margin_percent.data),
                    at=at,
                    by=g.arrival.actor,
                )
                flash(
                    _(
                        "1 %(base)s is %(rate)s %(quote)s.",
                        base=made.base,
                        rate=f"{made.rate.normalize():f}",
                        quote=made.quote,
                    ),
                    "good",
                )
                return see_other(".list_rates")
            except Invalid as invalid:
                form.blame(invalid)
    return form_page("distributor/exchange_rates/new.html", form)


@area.post("/bank-table", can="rate:edit")
def load_bank_table() -> ResponseReturnValue:
    """The latest day of the European Central Bank's table, with a margin; loading a day twice changes nothing."""
    form = LoadForm()
    margin = _number(form.margin_percent.data) if form.taken() else NO_NUMBER
    if not 0 <= margin < 100:
        flash(_("A margin is from 0 to under 100 %."), "bad")
        return see_other(".list_rates")
    count = actions.load_ecb_rates(margin_percent=margin)
    if count:
        flash(ngettext("%(num)d rate is new.", "%(num)d rates are new.", count), "good")
    else:
        flash(_("The latest day was loaded already."), "info")
    return see_other(".list_rates")


@area.post("/<uuid:rate_id>/end", can="rate:edit")
def end_rate(rate_id: UUID) -> ResponseReturnValue:
    """From now on the bank's rate counts again."""
    rate = rates.rate(rate_id)
    actions.end_rate(rate, by=g.arrival.actor)
    flash(
        _(
            "Ended. The central bank's rate counts for %(base)s and %(quote)s now.",
            base=rate.base,
            quote=rate.quote,
        ),
        "good",
    )
    return see_other(".list_rates")


def _number(text: str | None) -> Decimal:
    """The number that was typed; one that the domain refuses by name when it is none."""
    found = parse_amount((text or "").strip() or "0", signed=True)
    return NO_NUMBER if found is None else found
