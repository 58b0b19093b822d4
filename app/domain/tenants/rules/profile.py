"""The public company profile: who stands behind a shop, as its footer, mails and documents name it. Plain texts, checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+\Z", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,28}\Z")
_WEBSITE = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(:[0-9]{2,5})?(/[^\s<>\"']*)?\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line of the profile: its key in `Tenant.profile`, and at most how many characters it has."""

    key: str
    length: int
    is_multiline: bool = False


LINES = (
    Line("legal_name", 120),
    Line("street", 120),
    Line("postal_code", 20),
    Line("city", 80),
    Line("email", 200),
    Line("phone", 30),
    Line("website", 200),
    Line("tax_number", 40),
    Line("about", 600, is_multiline=True),
)


def check(typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The profile that was typed and what is wrong with it: `(values, faults)`, both by key. An empty line is fine."""
    values: dict[str, str] = {}
    faults: dict[str, str] = {}
    for line in LINES:
        text = unicodedata.normalize("NFC", str(typed.get(line.key) or "").replace("\r\n", "\n")).strip()
        fault = _fault(line, text)
        if fault:
            faults[line.key] = fault
        else:
            values[line.key] = text
    return values, faults


def _fault(line: Line, text: str) -> str:
    if len(text) > line.length:
        return f"Use at most {line.length} characters; this has {len(text)}."
    allowed = "\n" if line.is_multiline else ""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co") and c not in allowed for c in text):
        return "Remove line breaks and invisible characters."
    if text and line.key == "email" and not _EMAIL.match(text):
        return "Enter an address such as hello@acme.example."
    if text and line.key == "phone" and not _PHONE.match(text):
        return "Enter a number such as +49 30 1234567."
    if text and line.key == "website" and not _WEBSITE.match(text):
        return "Enter an address that starts with https://."
    return ""
