"""Words of a shop that its reseller renames ("Cart" → "Basket"), applied to finished sentences before anything is filled in.

Only whole words of our own sentences are exchanged: placeholders and tags are stepped over, and what people typed is never
looked at. A replacement is plain text; whoever prints it as HTML escapes it (`renamed` takes the function).
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

MOST = 60
LONGEST = 60
_STEPPED_OVER = r"%\([a-z_]+\)[sd]|%%|\{[a-z_]+\}|<[^<>]*>|&[a-z]+;"
_WORD = re.compile(r"\w+(?:[ '’-]\w+){0,3}")


def check(word: str, replacement: str) -> dict[str, str]:
    """What cannot be taken of a line of the table, by field; empty when it is good."""
    errors = {}
    if not word:
        errors["word"] = "Write the word that is to be replaced."
    elif len(word) > LONGEST or not _WORD.fullmatch(word):
        errors["word"] = "One to four words, letters and digits only."
    if not replacement:
        errors["replacement"] = "Write the word that your shop says instead."
    elif len(replacement) > LONGEST or any(ord(sign) < 32 for sign in replacement):
        errors["replacement"] = "At most 60 characters, on one line."
    elif re.search(r"[%{}]", replacement):
        errors["replacement"] = "Without the signs %, { and }."
    return errors


def renamed(sentence: str, words: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """`sentence` with whole words exchanged; a word with a capital gets one with a capital."""
    if not words:
        return sentence
    folded = {word.casefold(): new for word, new in words.items()}

    def exchange(found: re.Match[str]) -> str:
        word = found[1]
        if word is None:
            return found[0]
        new = folded[word.casefold()]
        return escape(new[:1].upper() + new[1:] if word[:1].isupper() else new)

    return _pattern(tuple(sorted(folded))).sub(exchange, sentence)


@lru_cache(maxsize=2000)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    # the longest first, so that "shopping cart" goes before "cart"
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"{_STEPPED_OVER}|(?<!\w)({listed})(?!\w)", re.IGNORECASE)
