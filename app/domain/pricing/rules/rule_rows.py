"""Rules as rows of a file, and back: the same texts in both directions, so that nothing is lost on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid
from app.domain.pricing.rules.cells import read_number
from app.domain.pricing.rules.checks import RuleInput, read_rule, show_roundings

WHAT = ("for", "vendor", "family", "category", "product", "sku", "term", "billing_plan", "segment", "market")
"""What a rule is for: its selector, and the keys of its target in the catalogue."""
SAYS = (
    "kind", "value", "min_quantity", "starts_at", "ends_at", "floor", "floor_value", "capped", "rounding", "roundings",
)  # fmt: skip
RULE_HEADINGS = (*WHAT, "name", *SAYS)
LINE_KEYS = ("vendor", "product", "sku", "term", "billing_plan", "segment", "market")
LINE_EDITS = ("kind", "value", "floor", "floor_value", "rounding", "new_price")
LINE_HEADINGS = (
    *LINE_KEYS, "name", "currency", "list_price", "cost", "price", "margin_percent", "rule", *LINE_EDITS,
)  # fmt: skip

NEEDED = {
    "default": (),
    "vendor": ("vendor",),
    "family": ("vendor", "family"),
    "category": ("category",),
    "product": ("vendor", "product"),
    "offer": LINE_KEYS,
}
"""Which keys name the target of each selector."""

Key = tuple[str, ...]
"""A selector and the keys of its target."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong in one cell; an empty column means the whole row."""

    line: int
    column: str
    reason: str
    value: str = ""


def said(rule: Any) -> dict[str, Any]:
    """The cells that tell what a rule says (`SAYS`); amounts as numbers."""
    return {
        "kind": rule.kind,
        "value": _short(rule.value),
        "min_quantity": rule.min_quantity,
        "starts_at": "" if rule.starts_at is None else rule.starts_at.isoformat(),
        "ends_at": "" if rule.ends_at is None else rule.ends_at.isoformat(),
        "floor": "" if rule.floor == "none" else rule.floor,
        "floor_value": _short(rule.floor_value),
        "capped": "yes" if rule.is_capped else "",
        "rounding": "" if rule.rounding == "none" else rule.rounding,
        "roundings": show_roundings(rule.roundings),
    }


def _short(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    short = value.normalize()
    return short if -int(short.as_tuple().exponent) >= 0 else short.quantize(Decimal(1))


def key_of(row: Mapping[str, str], selector: str) -> Key:
    """The selector and its target's keys in a row."""
    return (selector, *(row.get(name, "").strip() for name in NEEDED[selector]))


def read_said(
    row: Mapping[str, str], line: int, *, comma: bool = False
) -> tuple[RuleInput | None, list[Trouble]]:
    """What the row says, as a rule for nothing in particular; or what is wrong, cell by cell."""
    troubles: list[Trouble] = []
    form: dict[str, str] = {
        "kind": row.get("kind", "").strip(),
        "min_quantity": row.get("min_quantity", "").strip() or "1",
        "floor": row.get("floor", "").strip() or "none",
        "rounding": row.get("rounding", "").strip() or "none",
        "roundings": row.get("roundings", "").strip(),
    }
    for name in ("value", "floor_value"):
        typed = row.get(name, "").strip()
        number = read_number(typed, comma=comma) if typed else None
        if typed and number is None:
            troubles.append(
                Trouble(line, name, "This is not a plain number with at most eight decimals.", typed[:80])
            )
        form[name] = "" if number is None else f"{number:f}"
    for name in ("starts_at", "ends_at"):
        typed = row.get(name, "").strip()
        if typed and _instant(typed) is None:
            troubles.append(
                Trouble(
                    line,
                    name,
                    "Write an instant with its zone, such as 2026-11-30T00:00:00+01:00.",
                    typed[:80],
                )
            )
            typed = ""
        form[name] = typed
    capped = row.get("capped", "").strip().lower()
    if capped not in ("", "yes", "no"):
        troubles.append(Trouble(line, "capped", "Write yes, or nothing.", capped[:80]))
    form["is_capped"] = "on" if capped == "yes" else ""
    try:
        found = read_rule(form)
    except Invalid as wrong:
        seen = {trouble.column for trouble in troubles}
        for field, sentence in wrong.errors.items():
            if field not in seen:
                troubles.append(Trouble(line, field, sentence, row.get(field, "")[:80]))
        return None, troubles
    return (None if troubles else found), troubles


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
