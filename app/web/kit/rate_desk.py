"""The pages about exchange rates, for both who keep a table: the distributor, and a reseller for its customers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired

from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.money import CURRENCIES, parse_amount
from app.core.paging import Page
from app.domain.pricing import actions
from app.domain.reports.queries import rates
from app.web.kit import choices
from app.web.kit.area import Area
from app.web.kit.exports import export_list, moment, text
from app.web.kit.exports import number as number_column
from app.web.kit.forms import Form, SelectField
from app.web.kit.listing import Asked, asked
from app.web.kit.pages import form_page, page, see_other
from app.web.kit.times import local_instant

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


def _ask() -> Asked:
    return asked(source=("hand", "ecb"))


def _found(ask: Asked) -> Page[Any]:
    return rates.rates(q=ask.q, source=ask["source"], page=ask.page, size=ask.size)


SOURCES = {"hand": _l("By hand"), "ecb": _l("Central Bank")}


def export_rates(area: Area, can: str, sees_margin: str) -> None:
    """The list of rates as a file; the margin on top is for those with the permission `sees_margin`."""
    export_list(
        area,
        "",
        can=can,
        named="exchange-rates",
        rows=lambda: _found(_ask().whole()),
        columns=[
            text(_l("One"), "ExchangeRate.base"),
            text(_l("is worth so many"), "ExchangeRate.quote"),
            number_column(_l("Rate"), "ExchangeRate.rate"),
            number_column(_l("Margin (%)"), "ExchangeRate.margin_percent", sees_margin),
            text(_l("Source"), lambda row: SOURCES.get(row.ExchangeRate.source, row.ExchangeRate.source)),
            moment(_l("From"), "ExchangeRate.effective_at"),
            moment(_l("Until"), "ExchangeRate.ends_at"),
        ],
    )


@dataclass(frozen=True, slots=True)
class RateDesk:
    """Whose table: where its pages are, the endpoint of its list, and in which time zone instants are typed."""

    path: str
    list_endpoint: str
    is_distributor: bool

    @property
    def edits(self) -> str:
        """The permission to change this table; holding one side's never opens the other's door."""
        return "rate:edit" if self.is_distributor else "pricing:edit"

    @property
    def sees_margin(self) -> str:
        """The permission to read what is put on top of a rate."""
        return "rate:read" if self.is_distributor else "cost:read"

    @property
    def time_zone(self) -> str:
        """The reseller's; the distributor's table is kept in UTC."""
        return "UTC" if self.is_distributor else g.arrival.shop.time_zone

    def list_page(self, **more: Any) -> ResponseReturnValue:
        """What is in force now and what is planned; a search is for a currency's code."""
        ask = _ask()
        return page(
            "rates/list.html",
            desk=self,
            ask=ask,
            found=_found(ask),
            beneath=[] if self.is_distributor else rates.beneath(),
            now=clock.now(),
            **more,
        )

    def set_page(self) -> ResponseReturnValue:
        """A rate by hand goes before what lies beneath until it is ended."""
        typed = {name: request.args.get(name, "") for name in ("base", "quote")}
        form = RateForm(data={name: code for name, code in typed.items() if code in CURRENCIES})
        if form.taken():
            at = local_instant(form.at.data, self.time_zone) if form.at.data else None
            if form.at.data and at is None:
                form.at.errors = [_("Enter a date and a time.")]
            else:
                try:
                    return self._set(form, at)
                except Invalid as invalid:
                    form.blame(invalid)
        return form_page("rates/new.html", form, desk=self)

    def _set(self, form: RateForm, at: Any) -> ResponseReturnValue:
        made = actions.set_rate(
            form.base.data,
            form.quote.data,
            number(form.rate.data),
            margin_percent=number(form.margin_percent.data),
            at=at,
            by=g.arrival.actor,
        )
        told = {"base": made.base, "rate": f"{made.rate.normalize():f}", "quote": made.quote}
        flash(_("1 %(base)s is %(rate)s %(quote)s.", **told), "good")
        return see_other(self.list_endpoint)

    def history_page(self, base: str, quote: str) -> ResponseReturnValue:
        """Every rate that a pair ever had in this table."""
        if base not in CURRENCIES or quote not in CURRENCIES:
            raise NotFound()
        ask = asked(size=50)
        found = rates.history(base, quote, page=ask.page, size=ask.size)
        return page("rates/history.html", desk=self, base=base, quote=quote, found=found, now=clock.now())

    def end(self, rate_id: UUID) -> ResponseReturnValue:
        """From now on what lies beneath counts again."""
        rate = rates.rate(rate_id)
        actions.end_rate(rate, by=g.arrival.actor)
        beneath = _("The central bank's rate") if self.is_distributor else _("The distributor's rate")
        flash(
            _(
                "Ended. %(beneath)s counts for %(base)s and %(quote)s now.",
                beneath=beneath,
                base=rate.base,
                quote=rate.quote,
            ),
            "good",
        )
        return see_other(self.list_endpoint)


def number(text: str | None) -> Decimal:
    """The number that was typed; one that the domain refuses by name when it is none."""
    found = parse_amount((text or "").strip() or "0", signed=True)
    return NO_NUMBER if found is None else found
