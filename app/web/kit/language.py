"""The language of this page, worked out once per request. A page says some hundred phrases and amounts; asking Flask-Babel for
each of them cost more than rendering the rest.

A shop may have renamed words ("Cart" → "Basket"): they are exchanged in our sentences, for templates already escaped, because
what a template gets from here is taken as markup. Outside requests every call asks Flask-Babel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Flask, g, has_request_context, request
from flask_babel import Domain, get_domain, get_locale
from markupsafe import escape

from app.core.language import DEFAULT, LANGUAGES, catalogue, locale_of, nearest
from app.domain.tenants.rules.words import renamed
from app.web.kit.area import SHOP

CONSOLE_LANGUAGES = ("en", "de")
"""What the console is spoken in; shops and mails are spoken in all of LANGUAGES."""


class Spoken(NamedTuple):
    """A locale's name, such as ``en`` or ``de_AT``, its translations, the words this shop has renamed, and the name of all that
    for keys of caches: two pages with the same one say the same.
    """

    locale: str
    translations: Any
    words: Mapping[str, str]
    key: str


class Catalogues(Domain):
    """Flask-Babel's domain on our catalogues (`core/language.py`), with the shop's own words."""

    def get_translations(self) -> Any:
        """The translations of the language at hand; ``ugettext`` and ``ungettext``, plain text."""
        here = spoken() if has_request_context() else _ask()
        return _Renamed(here.translations, here.words) if here.words else here.translations


class _Renamed:
    """Translations in which some words are others."""

    def __init__(self, translations: Any, words: Mapping[str, str]) -> None:
        self._translations, self._words = translations, words

    def ugettext(self, message: str) -> str:
        return renamed(self._translations.ugettext(message), self._words)

    def ungettext(self, one: str, many: str, count: int) -> str:
        return renamed(self._translations.ungettext(one, many, count), self._words)


def spoken() -> Spoken:
    """The language at hand."""
    if not has_request_context():
        return _ask()
    kept: Spoken | None = g.get("_spoken")
    if kept is None:
        kept = g._spoken = _ask()
    return kept


def _ask() -> Spoken:
    locale = str(get_locale() or DEFAULT)
    code = nearest(locale)
    arrival = g.get("arrival") if has_request_context() else None
    shop = arrival.shop if arrival is not None and arrival.side == SHOP else None
    words: Mapping[str, str] = (shop.words.get(code) or {}) if shop is not None else {}
    return Spoken(
        locale, catalogue(code), words, locale if not words else f"{locale} {sorted(words.items())}"
    )


def choose_locale() -> str:
    """For Flask-Babel: the person's language, else what their browser asks for, else the shop's own."""
    arrival = g.arrival
    languages = tuple(LANGUAGES) if arrival.side == SHOP else CONSOLE_LANGUAGES
    if arrival.person is not None and arrival.person.locale in languages:
        return str(arrival.person.locale)
    asked = request.accept_languages.best_match(languages)
    shops = arrival.shop.locale if arrival.shop is not None else DEFAULT
    return asked or (shops if shops in languages else DEFAULT)


def gettext(message: str) -> str:
    """The message in the page's language, as markup; templates fill in its variables."""
    here = spoken()
    found: str = here.translations.ugettext(message) if message else ""
    return renamed(found, here.words, _escaped) if here.words else found


def ngettext(one: str, many: str, count: int) -> str:
    """The message for so many, as markup."""
    here = spoken()
    found: str = here.translations.ungettext(one, many, count)
    return renamed(found, here.words, _escaped) if here.words else found


def said(message: object) -> str:
    """A sentence that the domain refused with, in the page's language where it is one that could be collected."""
    return str(get_domain().gettext(str(message))) if message else ""


def _escaped(text: str) -> str:
    return str(escape(text))


def direction() -> str:
    """``rtl`` for languages that are written from right to left."""
    return "rtl" if locale_of(spoken().locale).character_order == "right-to-left" else "ltr"


def init_app(app: Flask) -> None:
    """From here on templates ask this module, and Flask-Babel our catalogues. After Flask-Babel."""
    app.extensions["babel"].instance.__dict__["domain_instance"] = Catalogues()
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["get_locale"] = lambda: spoken().locale.replace("_", "-")
    app.jinja_env.globals["text_direction"] = direction
