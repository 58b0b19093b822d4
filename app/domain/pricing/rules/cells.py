"""Cells of files that people open in spreadsheets: texts that are no formulas, numbers that mean the same everywhere."""

import re
from decimal import Decimal

from app.core.money import parse_amount

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_COMMA = re.compile(r"-?[0-9]{1,12}(,[0-9]{1,8})?", re.ASCII)


def read_cell(text: str) -> str:
    """The text in a cell, without the apostrophe that keeps it from being a formula."""
    text = text.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith((*_FORMULA, "'")) else text


def read_number(text: str, *, comma: bool = False) -> Decimal | None:
    """The plain number in a cell, with a point, or with a comma in a file that says so (`comma`); None for anything else.

    Digits are never grouped: 1.234 is never guessed to be a thousand.
    """
    text = text.strip()
    if comma and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return parse_amount(text, signed=True)
