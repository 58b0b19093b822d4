"""What a hostname is. One canonicaliser for every Host header, form field and setting (promise P15)."""

import ipaddress
import re

import idna

_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)


class BadHost(ValueError):
    """Not a hostname at all; the web answers 400."""


def canonical_host(header: str) -> str:
    """The hostname of a Host header: lower case, IDNA-2008, one trailing dot and the port dropped.

    Raises BadHost for an empty or malformed name, an IP address, an underscore, a port out of range, or characters that
    would only become a hostname by Unicode mapping (`ﬁrm.test`, full-width digits).
    """
    if not header or not header.isascii() or len(header) > 260:
        raise BadHost(header)
    name, colon, port = header.partition(":")
    if colon and (not _PORT.fullmatch(port) or not 0 < int(port) < 65536):
        raise BadHost(header)
    name = name.lower().removesuffix(".")
    if not name or name.endswith(".") or _is_address(name):
        raise BadHost(header)
    try:
        # decode then encode: punycode that does not round-trip is not a name
        return idna.encode(idna.decode(name, strict=True), strict=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise BadHost(header) from None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        # decimal, octal and hex spellings (`127.1`, `0x7f.1`) have a last label that starts with a digit
        return name.rsplit(".", 1)[-1][:1].isdigit()
    return True
