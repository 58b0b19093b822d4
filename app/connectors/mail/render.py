"""Writing letters out: `letters/<name>.txt`, whose first line is the subject, and `letters/<name>.html` beside it.

Templates are our own files; nothing that a tenant or customer typed is ever one. Values are escaped in HTML.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.notices.ports import Letter, Look

FOLDER = Path(__file__).parent / "letters"


class Writer:
    """Two environments: plain text, and HTML with escaping."""

    def __init__(self, folder: Path = FOLDER) -> None:
        options: dict[str, Any] = {
            "loader": FileSystemLoader(folder),
            "undefined": StrictUndefined,
            "trim_blocks": True,
            "lstrip_blocks": True,
            "extensions": ["jinja2.ext.i18n"],
        }
        self._text = Environment(autoescape=False, **options)  # noqa: S701 - plain text has nothing to escape
        self._html = Environment(autoescape=True, **options)
        for environment in (self._text, self._html):
            environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]

    def write(self, template: str, look: Look, context: Mapping[str, Any]) -> Letter:
        """The letter with `context`; amounts and dates in the reader's language and the shop's time zone."""
        locale = _locale(look.locale)
        values = {
            **context,
            "look": look,
            "money": partial(_money, locale=locale),
            "day": partial(_day, locale=locale, time_zone=look.time_zone),
            "moment": partial(_moment, locale=locale, time_zone=look.time_zone),
        }
        subject, _, text = self._text.get_template(f"{template}.txt").render(values).partition("\n")
        html = self._html.get_template(f"{template}.html").render(values | {"subject": subject.strip()})
        return Letter(subject.strip(), text.strip() + "\n", html.strip() + "\n")


def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _money(amount: Decimal, currency: str, *, locale: Locale) -> str:
    return format_currency(amount, currency, locale=locale)


def _day(value: datetime | date, *, locale: Locale, time_zone: str) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(time_zone)).date()
    return format_date(value, "long", locale=locale)


def _moment(value: datetime, *, locale: Locale, time_zone: str) -> str:
    return format_datetime(value, "long", tzinfo=ZoneInfo(time_zone), locale=locale)
