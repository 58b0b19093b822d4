"""The records a domain has to carry for mail in its name: the proof that it is the reseller's own, SPF and DMARC; and what a
look at them shows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PROOF_LABEL = "_awning-mail"
PUBLIC = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com", "gmx.de",
    "gmx.net", "web.de", "proton.me", "protonmail.com", "orange.fr", "free.fr", "t-online.de",
})  # fmt: skip
"""Domains at which everybody has an address: nobody proves that one of them is theirs."""


@dataclass(frozen=True, slots=True)
class Record:
    """One TXT record to set: `key` names it for us, `name` and `value` go into the domain's zone."""

    key: str
    name: str
    value: str
    is_needed: bool


def wanted_records(domain: str, token: str, sending_domain: str) -> list[Record]:
    """What to set. Proof and SPF are needed: mails leave in the domain's name, envelope and all, so that DMARC finds them
    aligned; DMARC itself is the domain's own business, and asked for because large mail hosts want to see one.
    """
    return [
        Record("proof", f"{PROOF_LABEL}.{domain}", f"awning-mail={token}", True),
        Record("spf", domain, f"v=spf1 include:{sending_domain} ~all", True),
        Record("dmarc", f"_dmarc.{domain}", "v=DMARC1; p=none", False),
    ]


def look(records: list[Record], answers: Mapping[str, list[str]]) -> dict[str, str]:
    """By record: `good`, `missing`, or `other` when there is one that says something else. `answers` by name."""
    return {record.key: _state(record, answers.get(record.name, [])) for record in records}


def _state(record: Record, texts: list[str]) -> str:
    if record.key == "proof":
        return "good" if record.value in (text.strip() for text in texts) else "other" if texts else "missing"
    if record.key == "spf":
        policies = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
        if not policies:
            return "missing"
        include = record.value.split()[1].lower()
        # two policies are none (RFC 7208, 4.5)
        return "good" if len(policies) == 1 and include in policies[0].lower().split() else "other"
    policies = [text for text in texts if re.match(r"v=DMARC1\s*(;|$)", text)]
    return "good" if len(policies) == 1 else "other" if policies else "missing"


def is_proved(records: list[Record], found: Mapping[str, str]) -> bool:
    """Whether everything that is needed is there."""
    return all(found.get(record.key) == "good" for record in records if record.is_needed)
