"""What may be written about a customer company. Whether the name is taken is the database's knowledge."""

import re
import unicodedata

from app.core.money import CURRENCIES
from app.domain.tenants.rules.hosts import BadHost, canonical_host

SEGMENTS = ("commercial", "nonprofit", "education", "government")
"""The vendors' customer segments; an offer of one is sold to no other."""

_COUNTRY = re.compile(r"[A-Z]{2}\Z")


def clean_name(text: str) -> str:
    """A name as it is stored: one blank between words, composed letters."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def check(*, name: str, country: str, currency: str, segment: str, domain: str) -> tuple[str, dict[str, str]]:
    """`(domain as it is stored, faults by field)`. `domain` may be empty; `name` is one that `clean_name` answered."""
    faults: dict[str, str] = {}
    if not 2 <= len(name) <= 120 or not name.isprintable():
        faults["name"] = "Enter a name of 2 to 120 characters."
    if not _COUNTRY.match(country):
        faults["country"] = "Choose a country."
    if currency not in CURRENCIES:
        faults["currency"] = "Choose a currency."
    if segment not in SEGMENTS:
        faults["segment"] = "Choose a segment."
    stored = ""
    if domain.strip():
        try:
            stored = canonical_host(domain.strip())
        except BadHost:
            faults["domain"] = "Enter a domain such as nimbus.example, without https://."
        else:
            if "." not in stored:
                faults["domain"] = "Enter a whole domain, such as nimbus.example."
    return stored, faults
