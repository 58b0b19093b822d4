"""Reading what somebody types about an account at a vendor: its domain, its number there, and whom to write to."""

import re

DOMAIN = re.compile(r"(?=.{4,120}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,20}")
ACCOUNT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{3,63}")
EMAIL = re.compile(r"[^@\s]{1,64}@[a-z0-9.-]{3,180}\.[a-z]{2,20}")


def clean(text: str) -> str:
    """Without blanks around and in capitals where they mean nothing."""
    return " ".join(text.split()).lower()


def faults(*, kind: str, domain: str, vendor_account_id: str, email: str) -> dict[str, str]:
    """What is wrong, by field; empty when all is well."""
    found = {}
    if not DOMAIN.fullmatch(domain):
        found["domain"] = "Enter a domain, like example.com."
    if kind == "link" and not ACCOUNT_ID.fullmatch(vendor_account_id):
        found["vendor_account_id"] = (
            "Enter the account's number at the vendor: letters, digits, dots and dashes."
        )
    if kind != "deletion" and not EMAIL.fullmatch(email):
        found["email"] = "Enter an e-mail address."
    return found
