"""What templates may call: numbers, amounts and times in the reader's language, and the address of the page itself."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_compact_currency, format_currency
from babel.numbers import format_decimal as babel_decimal
from flask import Flask, current_app, g, request
from flask_babel import format_date, format_datetime, format_timedelta, gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from app.core import clock
from app.core.money import Money, exponent
from app.domain.pricing.rules.cycles import Cycle
from app.domain.tenants.queries import Shop
from app.web.kit import choices
from app.web.kit.language import spoken
from app.web.kit.words import role_word, state_look


def money_text(amount: Money | Decimal | int, currency: str = "", unit: bool = False) -> str:
    """``1.234,50 €`` as the reader writes it. ``unit``: a unit price, which keeps up to four decimals."""
    if isinstance(amount, Money):
        amount, currency = amount.amount, amount.currency
    return _money_text(Decimal(amount), currency, unit, spoken().locale)


@lru_cache(maxsize=20_000)
def _money_text(value: Decimal, currency: str, unit: bool, locale: str) -> str:
    if unit:
        exact = value.quantize(Decimal("0.0001")).normalize()
        places = max(exponent(currency), min(4, max(0, -int(exact.as_tuple().exponent))))
        value = value.quantize(Decimal(1).scaleb(-places))
    return format_currency(
        value, currency, locale=locale, currency_digits=not unit, decimal_quantization=not unit
    )


def figure(number: int | Decimal) -> str:
    """A count or quantity with the reader's separators."""
    return _figure(number, spoken().locale)


@lru_cache(maxsize=20_000)
def _figure(number: int | Decimal, locale: str) -> str:
    return babel_decimal(number, locale=locale)


def at(moment: datetime) -> str:
    """A moment in the shop's time zone, to the minute."""
    return format_datetime(moment, "d MMM yyyy, HH:mm")


def day(moment: datetime | date) -> str:
    """A calendar day; a datetime's day is taken in the shop's time zone."""
    return format_date(moment, "d MMM yyyy", rebase=isinstance(moment, datetime))


def month(value: date) -> str:
    """A calendar month, short: "Nov"."""
    return format_date(value, "LLL", rebase=False)


def money_short(amount: Decimal, currency: str) -> str:
    """An amount to three figures or so, for charts: "€12K"."""
    return format_compact_currency(amount, currency, locale=spoken().locale, fraction_digits=1)


def ago(moment: datetime) -> str:
    """How far a moment is from now, in either direction: "3 hours ago", "in 2 days"."""
    return format_timedelta(moment - clock.now(), add_direction=True)


def iso(moment: datetime | date) -> str:
    """For machines: ISO 8601, instants in UTC."""
    return (
        moment.astimezone(UTC).isoformat(timespec="seconds")
        if isinstance(moment, datetime)
        else moment.isoformat()
    )


def rate_text(rate: Decimal) -> str:
    """An exchange rate with the reader's separators, to six places, without trailing zeros."""
    return babel_decimal(rate, "#,##0.00####", locale=spoken().locale)


@lru_cache(maxsize=5_000)
def initials(name: str) -> str:
    """At most two letters that stand for a name."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    picked = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in picked).upper() or "?"


@lru_cache(maxsize=5_000)
def hue(name: str) -> int:
    """0 to 5, always the same for the same name: which tint an avatar wears."""
    return zlib.crc32(name.encode()) % 6


def here() -> str:
    """Path and query of this page."""
    return request.full_path.rstrip("?")


def this_page(**changes: Any) -> str:
    """The address of this page with some query values set, or taken away where the value is None.

    A fragment has the address of the page that `g.part_of` names.
    ``drop=("vendor", "ms")`` takes one of several values of a name away.
    """
    query = MultiDict(request.args)
    dropped = changes.pop("drop", None)
    if dropped:
        name, value = dropped
        query.setlist(name, [kept for kept in query.getlist(name) if kept != value])
    for name, value in changes.items():
        query.poplist(name)
        if value not in (None, ""):
            query[name] = str(value)
    encoded = MultiDict((name, value) for name, value in query.items(multi=True) if value)
    pairs = urlencode(list(encoded.items(multi=True)))
    return iri_to_uri(g.get("part_of") or request.path) + (f"?{pairs}" if pairs else "")


def export_url(kind: str, path: str = "") -> str:
    """Where the list on this page is as a file, under the same filters and in the same order. `path`: of another list."""
    pairs = urlencode(
        [(name, value) for name, value in request.args.items(multi=True) if name != "page" and value]
    )
    return iri_to_uri(f"{path or g.get('part_of') or request.path}/export.{kind}") + (
        f"?{pairs}" if pairs else ""
    )


def shop_url(shop: Shop, path: str = "/") -> str:
    """The address of a shop's page on its own canonical host."""
    origin: str = current_app.config["SETTINGS"].origin(shop.host)
    return origin + path


UNITS = (_l("user"), _l("device"), _l("license"), _l("seat"), _l("unit"), _l("month"), _l("hour"))
"""What vendors sell by. Their words are data, and are translated where they are among these."""

_PER = {
    1: _l("per %(unit)s, per month"),
    12: _l("per %(unit)s, per year"),
    36: _l("per %(unit)s, for 3 years"),
}
_BILLED = {1: _l("billed monthly"), 12: _l("billed yearly"), 36: _l("billed once")}


def price_words(cycle: Cycle, unit: str = "user", monthly: bool = False) -> str:
    """The line under a price: "per user, per month, billed yearly". ``monthly``: the price was brought down to a month."""
    return _price_words(cycle, unit, monthly, spoken().key)


@lru_cache(maxsize=2_000)
def _price_words(cycle: Cycle, unit: str, monthly: bool, _spoken: str) -> str:
    # the phrases are lazy and speak the page's language in this shop's words, which are part of the key
    per = _PER[1 if monthly else cycle.months] % {"unit": gettext(unit) if unit else ""}
    return f"{per}, {gettext('free trial') if cycle.is_trial else _BILLED[cycle.months]}"


_EACH = {1: _l("per month"), 12: _l("per year"), 36: _l("for 3 years")}


def price_per(cycle: Cycle) -> str:
    """What one charge covers: "per month", "per year", "for 3 years"."""
    return gettext("for the trial") if cycle.is_trial else str(_EACH[cycle.months])


_CHARGE = {1: _l("each month"), 12: _l("each year"), 36: _l("once, for 3 years")}


def charge_words(cycle: Cycle) -> str:
    """When a line's amount is charged: "each month", "each year"."""
    return gettext("nothing to pay") if cycle.is_trial else str(_CHARGE[cycle.months])


def init_app(app: Flask) -> None:
    """Make them known to every template, in every theme."""
    app.jinja_env.filters.update(
        money_text=money_text, figure=figure, at=at, day=day, ago=ago, iso=iso, initials=initials, hue=hue
    )
    app.jinja_env.filters.update(month=month, money_short=money_short, rate_text=rate_text)
    app.jinja_env.globals.update(
        this_page=this_page, here=here, shop_url=shop_url, price_words=price_words, state_look=state_look
    )
    app.jinja_env.globals.update(export_url=export_url)
    app.jinja_env.globals.update(charge_words=charge_words, price_per=price_per, role_word=role_word)
    app.jinja_env.globals.update(words=choices.words, country_name=choices.country_name)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
