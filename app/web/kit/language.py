"""The language of this page, worked out once per request. A page says some hundred phrases and amounts; asking Flask-Babel for
each of them cost more than rendering the rest.

Outside requests (mails, jobs) every call asks Flask-Babel, because one job may write in several languages.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Flask, g, has_request_context
from flask_babel import get_domain, get_locale


class Spoken(NamedTuple):
    """A locale's name, such as ``en`` or ``de_AT``, and its translations."""

    locale: str
    translations: Any


def spoken() -> Spoken:
    """The language at hand."""
    if not has_request_context():
        return _ask()
    kept: Spoken | None = g.get("_spoken")
    if kept is None:
        kept = g._spoken = _ask()
    return kept


def _ask() -> Spoken:
    return Spoken(str(get_locale() or "en"), get_domain().get_translations())


def gettext(message: str) -> str:
    """The message in the page's language; templates fill in its variables."""
    return spoken().translations.ugettext(message)  # type: ignore[no-any-return]


def ngettext(one: str, many: str, count: int) -> str:
    """The message for so many."""
    return spoken().translations.ungettext(one, many, count)  # type: ignore[no-any-return]


def init_app(app: Flask) -> None:
    """From here on templates ask this module. After Flask-Babel."""
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["get_locale"] = lambda: spoken().locale.replace("_", "-")
