"""What an e-mail address is to us: one canonical spelling, which is the one that is stored, looked up and written to."""

import re

import idna

MAX_LENGTH = 254

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)


class BadAddress(ValueError):
    """Not one e-mail address. The message is a sentence for people."""


def canonical_email(text: str) -> str:
    """The canonical spelling of the address in `text`: lower case, the domain in IDNA-2008's ASCII form.

    Raises BadAddress for lists, display names, line breaks, and letters that only look like others or would become them
    by case folding (`mıke@…`, the Kelvin sign): nothing is mapped, so no address ever turns into another one (B-13).
    """
    text = text.strip(" \t")
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or "@" in local:
        raise BadAddress("Write one address, like name@company.example.")
    if not local.isascii() or not _LOCAL.fullmatch(local.lower()) or len(local) > 64:
        raise BadAddress("The part before the @ may have letters a to z, digits and the usual signs.")
    if domain.isascii():
        domain = domain.lower()
    try:
        # encode what was written, then decode: a punycode label that does not round-trip is no name
        ascii_domain = idna.encode(domain, strict=True).decode("ascii")
        idna.decode(ascii_domain, strict=True)
    except (idna.IDNAError, UnicodeError):
        raise BadAddress("The part after the @ is not the name of a mail domain.") from None
    if "." not in ascii_domain or ascii_domain.endswith(".") or ascii_domain.rsplit(".", 1)[-1].isdigit():
        raise BadAddress("The part after the @ is not the name of a mail domain.")
    address = f"{local.lower()}@{ascii_domain}"
    if len(address) > MAX_LENGTH:
        raise BadAddress("This address is too long to be one.")
    return address
