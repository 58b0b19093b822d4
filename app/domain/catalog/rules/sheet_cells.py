"""What each cell of a price sheet may hold, and the sentence that tells a person what is wrong with one that does not.

`sheet_rows.py` checks a million rows at once with the same patterns and lists; this module explains the few that fail.
"""

import ast
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from app.core.money import CURRENCIES, MAX_AMOUNT, parse_amount
from app.domain.catalog.rules.codes import BILLING_PLANS, CHANGES, MARKETS, PLANS_OF_TERM, SEGMENTS, TERMS
from app.domain.catalog.rules.sheet_layout import COLUMN_OF

# Written so that Python's and Rust's (polars) regular expressions agree: ASCII classes only, anchors at both ends.
AMOUNT = r"^[0-9]{1,12}(\.[0-9]{1,8})?$"
QUANTITY = r"^[1-9][0-9]{0,8}$"
INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?Z?)?$"
PRODUCT_CODE = r"^[0-9A-Za-z][0-9A-Za-z._:/-]{0,63}$"
SHORT_SKU = r"^[0-9A-Z]{1,3}$"
SPREADSHEET_SKU = r"^[0-9](\.[0-9]+)?E\+[0-9]+$"
PREVIOUS = r"^\{('[^'\\]*': '[^'\\]*'(, )?)*\}$"

SOONEST, LATEST, OPEN_YEAR = 2000, 2199, 9999
TEXT_LIMITS = {"product_title": 300, "sku_title": 300, "publisher": 200, "description": 20_000, "unit": 60}
TAGS_LIMIT = 200

CHANGE_WORDS = {word.lower(): ours for word, ours in CHANGES.items()}
PLAN_WORDS = {word.lower(): ours for word, ours in BILLING_PLANS.items()}
SEGMENT_WORDS = {word.lower(): ours for word, ours in SEGMENTS.items()} | {"nonprofit": "nonprofit"}

Problem = tuple[str, str, str]
"""Column as the sheet calls it, reason, value."""


def amount_problem(text: str) -> str | None:
    """Why `text` is not a price, or None when it is one."""
    if parse_amount(text) is not None:
        return None
    if not text:
        return "is empty; a price is needed (0 for something free)"
    if re.fullmatch(r"-\s*[0-9.,]+", text, re.ASCII):
        return "is negative"
    if re.fullmatch(r"[0-9]+\.[0-9]{9,}", text, re.ASCII):
        return "has more than eight decimals"
    if re.fullmatch(r"[0-9]{1,3}([., '\u00a0\u202f][0-9]{3})*[.,][0-9]+|[0-9]+,[0-9]+", text, re.ASCII):
        return "is not written plainly: write 1234.50, with a point and without thousands separators"
    if re.fullmatch(r"[0-9]{13,}(\.[0-9]+)?", text, re.ASCII):
        return f"is larger than {MAX_AMOUNT:,}"
    return "is not a number: write digits and a point, like 1234.50"


def parse_instant(text: str) -> datetime | None:
    """The instant (naive, UTC) that `text` names, or None. Year 9999 stands for "open"."""
    if not re.fullmatch(INSTANT, text, re.ASCII):
        return None
    try:
        return datetime.fromisoformat(text[:19])
    except ValueError:
        return None


def _instant_problem(text: str) -> str | None:
    instant = parse_instant(text)
    if instant is None:
        return "is not a date: write 2026-01-31T00:00:00Z"
    if instant.year != OPEN_YEAR and not SOONEST <= instant.year <= LATEST:
        return f"is not between the years {SOONEST} and {LATEST}"
    return None


def _one_of(words: Mapping[str, object] | frozenset[str], listed: str) -> Callable[[str], str | None]:
    def problem(text: str) -> str | None:
        return None if text in words else f"is not one of {listed}"

    return problem


def _text_problem(field: str) -> Callable[[str], str | None]:
    limit, needed = TEXT_LIMITS[field], field.endswith("_title")

    def problem(text: str) -> str | None:
        if needed and not text:
            return "is empty"
        return f"is longer than {limit:,} characters" if len(text) > limit else None

    return problem


def _sku_problem(text: str) -> str | None:
    if re.match(SPREADSHEET_SKU, text):
        return "was turned into a number by a spreadsheet; take the file as it was downloaded"
    return None if re.fullmatch(PRODUCT_CODE, text) else "is not a code of letters and digits"


_PROBLEMS: dict[str, Callable[[str], str | None]] = {
    "change": lambda text: _one_of(CHANGE_WORDS, "Unchanged, Change, Add, Delete")(text.lower()),
    "product_title": _text_problem("product_title"),
    "product_code": lambda t: (
        None if re.fullmatch(PRODUCT_CODE, t) else "is not a code of letters and digits"
    ),
    "sku_code": _sku_problem,
    "sku_title": _text_problem("sku_title"),
    "publisher": _text_problem("publisher"),
    "description": _text_problem("description"),
    "unit": _text_problem("unit"),
    "term": _one_of(TERMS, ", ".join(TERMS)),
    "billing_plan": lambda text: _one_of(PLAN_WORDS, ", ".join(BILLING_PLANS))(text.lower()),
    "market": lambda text: _one_of(MARKETS, "the two-letter country codes of ISO 3166")(text.upper()),
    "currency": lambda text: _one_of(CURRENCIES, "the currencies we trade in")(text.upper()),
    "cost": amount_problem,
    "list_price": amount_problem,
    "min_quantity": lambda t: (
        None if not t or re.fullmatch(QUANTITY, t) else "is not a whole number from 1 upwards"
    ),
    "tier_max": lambda t: (
        None if not t or re.fullmatch(QUANTITY, t) else "is not a whole number from 1 upwards"
    ),
    "effective_from": _instant_problem,
    "effective_to": lambda text: _instant_problem(text) if text else None,
    "tags": lambda text: None if len(text) <= TAGS_LIMIT else f"is longer than {TAGS_LIMIT} characters",
    "segment": lambda text: _one_of(SEGMENT_WORDS, ", ".join(SEGMENTS))(text.lower()),
}


def explain(row: Mapping[str, str]) -> list[Problem]:
    """Everything that is wrong with one row (our field names → its stripped cells); empty when nothing is."""
    found: list[Problem] = []
    for field, problem in _PROBLEMS.items():
        text = row[field]
        reason = problem(text)
        if "\0" in text:
            reason = "contains a zero byte"
        elif "\ufffd" in text:
            reason = "is not UTF-8 text; save the sheet as “CSV UTF-8”"
        if reason:
            found.append((COLUMN_OF[field], reason, text))
    if found:
        return found
    term, plan = row["term"], PLAN_WORDS[row["billing_plan"].lower()]
    if plan not in PLANS_OF_TERM[term]:
        listed = " or ".join(
            sorted(word for word, ours in BILLING_PLANS.items() if ours in PLANS_OF_TERM[term])
        )
        found.append(
            (
                COLUMN_OF["billing_plan"],
                f"does not go with the term {term}, only {listed}",
                row["billing_plan"],
            )
        )
    start, end = parse_instant(row["effective_from"]), parse_instant(row["effective_to"])
    if start is not None and start.year == OPEN_YEAR:
        found.append((COLUMN_OF["effective_from"], "never begins", row["effective_from"]))
    elif start is not None and end is not None and end <= start:
        found.append((COLUMN_OF["effective_to"], "is not after the start date", row["effective_to"]))
    return found


def previous_values(text: str) -> dict[str, Decimal] | None:
    """The prices that the sheet says a changed row had before, by column; None when the cell cannot be read.

    Microsoft writes a Python literal with single quotes. It is read as a literal, never evaluated, and only up to a
    length at which a hostile one can do no harm.
    """
    if not text:
        return {}
    if len(text) > 2000:
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    amounts = {str(k): parse_amount(str(v)) for k, v in value.items() if k in ("ERP Price", "UnitPrice")}
    return {column: amount for column, amount in amounts.items() if amount is not None}
