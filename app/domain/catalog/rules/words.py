"""How texts become searchable words: no case, no accents, umlauts in both spellings; the same for products and queries."""

import re
import unicodedata

LONGEST_WORD = 60
MOST_QUERY_WORDS = 8
_WORD = re.compile(r"[^\W_]+")
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "ß": "ss"}
)
_FOLDED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ı": "i"})


def _bare(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch)
    ).translate(_FOLDED)


def words(text: str) -> list[str]:
    """The words of a query or text, folded: `Büro-Paket 365` → `buro`, `paket`, `365`."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(_bare(text.lower()))]


def searchable(*texts: str) -> str:
    """The words of all texts, once each, in order; a word with an umlaut also as it is spelled without (`buero`)."""
    joined = " ".join(dict.fromkeys(texts))
    found = dict.fromkeys(words(joined))
    if not joined.isascii():
        found.update(dict.fromkeys(words(unicodedata.normalize("NFC", joined.lower()).translate(_SPELLED))))
    return " ".join(found)


def query_words(text: str) -> list[str]:
    """The words to look for, at most eight: more than a person types, few enough for any paste to be harmless."""
    return list(dict.fromkeys(words(text[:200])))[:MOST_QUERY_WORDS]


def sort_key(title: str) -> str:
    """What titles are sorted by: case and accents aside, and numbers by value (`Plan 2` before `Plan 10`)."""
    return re.sub(r"[0-9]+", lambda digits: digits[0].zfill(6)[-12:], _bare(title.lower()).strip())[:300]
