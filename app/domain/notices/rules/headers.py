"""What may stand in a mail's header: one line of printable characters, whatever a name or title holds (attack B-13)."""

import unicodedata


def one_line(text: str, limit: int = 180) -> str:
    """`text` without line breaks and control characters, its blanks folded, cut to `limit` characters."""
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") else sign for sign in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"
