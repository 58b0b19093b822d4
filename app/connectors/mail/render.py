"""Writing letters out: words with placeholders become paragraphs, buttons and lists, in HTML in the shop's colours and beside it
in plain text.

The frame is our own file (`letters/`); nothing that a tenant or customer typed is ever a template of Jinja's. Values are
escaped in HTML, and are one line each wherever they stand among words.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.language import locale_of, nearest, translated
from app.core.money import Money
from app.domain.notices.ports import Comment, Letter, Lines, Look, Words
from app.domain.notices.rules.headers import one_line
from app.domain.notices.rules.placeholders import Paragraph, fill, paragraphs

FOLDER = Path(__file__).parent / "letters"
LONGEST = 400
"""Characters of one value among words; a comment may have more, for it stands alone."""


class Writer:
    """Two environments: plain text, and HTML with escaping."""

    def __init__(self, folder: Path = FOLDER) -> None:
        options: dict[str, Any] = {
            "loader": FileSystemLoader(folder),
            "undefined": StrictUndefined,
            "trim_blocks": True,
            "lstrip_blocks": True,
        }
        self._text = Environment(autoescape=False, **options)  # noqa: S701 - plain text has nothing to escape
        self._html = Environment(autoescape=True, **options)

    def write(self, words: Words, look: Look, facts: Mapping[str, Any]) -> Letter:
        """The letter; amounts and dates in the reader's language and the shop's time zone."""
        locale = locale_of(look.locale)
        language = nearest(look.locale)
        said = {name: _said(value, locale, look.time_zone) for name, value in facts.items()}
        subject = one_line(fill(words.subject, said))
        values = {
            "blocks": [
                block
                for piece in paragraphs(words.body, said, words.places)
                if (block := _block(piece, words, facts, locale, look.time_zone))
            ],
            "look": look,
            "lang": language,
            "dir": "rtl" if locale.character_order == "right-to-left" else "ltr",
            "subject": subject,
            "why": fill(words.why, said),
            "_": lambda sentence: translated(sentence, language),
        }
        text = self._text.get_template("frame.txt").render(values)
        html = self._html.get_template("frame.html").render(values)
        return Letter(subject, text.strip() + "\n", html.strip() + "\n")


def _said(value: Any, locale: Locale, time_zone: str) -> str:
    """A value as words, on one line; what is more than words says nothing here."""
    if isinstance(value, Money):
        return money(value, locale)
    if isinstance(value, datetime):
        return format_datetime(value, "long", tzinfo=ZoneInfo(time_zone), locale=locale)
    if isinstance(value, date):
        return format_date(value, "long", locale=locale)
    if isinstance(value, int | Decimal):
        return str(format_decimal(value, locale=locale))
    return one_line(value, LONGEST) if isinstance(value, str) else ""


def money(value: Money, locale: Locale) -> str:
    """An amount as the reader writes it."""
    return str(format_currency(value.amount, value.currency, locale=locale))


def _block(
    piece: Any, words: Words, facts: Mapping[str, Any], locale: Locale, time_zone: str
) -> dict[str, Any] | None:
    """A paragraph or a place as the frame prints it; None for a place with nothing in it."""
    if isinstance(piece, Paragraph):
        return {"kind": "text", "lines": piece.text.split("\n")}
    if piece.name == "button":
        return {"kind": "button", "url": facts["link"], "words": words.button}
    value = facts.get(piece.name)
    if isinstance(value, Comment):
        return {"kind": "comment", "lines": value.text.strip().splitlines(), "who": one_line(value.who, 120)}
    if isinstance(value, Lines) and value.lines:
        rows = [
            {
                "text": one_line(line.text, LONGEST),
                "amount": money(line.amount, locale) if line.amount else "",
                "url": line.url,
                "at": _said(line.at, locale, time_zone) if line.at else "",
            }
            for line in value.lines
        ]
        return {"kind": "lines", "rows": rows, "total": money(value.total, locale) if value.total else ""}
    return None
