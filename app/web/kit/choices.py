"""Closed lists as people read them: countries, currencies, segments, terms, billing plans. For selects and for plain words."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_name
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from app.core.money import CURRENCIES
from app.domain.catalog.rules.codes import MARKETS, SEGMENT_ORDER

SEGMENTS = {
    "commercial": _l("Commercial"),
    "nonprofit": _l("Non-profit"),
    "education": _l("Education"),
    "government": _l("Government"),
}
TERMS = {"P1M": _l("1 month"), "P1Y": _l("1 year"), "P3Y": _l("3 years")}
PLANS = {
    "monthly": _l("billed monthly"),
    "annual": _l("billed yearly"),
    "triennial": _l("billed once"),
    "none": _l("free trial"),
}


def segments() -> list[tuple[str, str]]:
    """Segments with their words, the usual one first."""
    return [(key, str(SEGMENTS[key])) for key in SEGMENT_ORDER]


def countries() -> list[tuple[str, str]]:
    """Every market by name in the reader's language."""
    return _countries(str(get_locale() or "en"))


@lru_cache(maxsize=8)
def _countries(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).territories
    return sorted(((code, names.get(code, code)) for code in MARKETS), key=lambda pair: pair[1])


def country_name(code: str) -> str:
    """A country's name in the reader's language; the code when there is none."""
    return dict(countries()).get(code, code)


def currencies() -> list[tuple[str, str]]:
    """Every currency: "EUR: Euro", by code."""
    return _currencies(str(get_locale() or "en"))


@lru_cache(maxsize=8)
def _currencies(language: str) -> list[tuple[str, str]]:
    return [(code, f"{code}: {get_currency_name(code, locale=language)}") for code in sorted(CURRENCIES)]


def words(kind: str, key: str) -> str:
    """The word for a key of a `segment`, `term` or `plan`; the key itself when it has none."""
    table = {"segment": SEGMENTS, "term": TERMS, "plan": PLANS}[kind]
    return str(table.get(key, key))
