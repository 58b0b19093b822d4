"""The texts of letters: plain words with named placeholders such as `{company_name}`, and nothing else (attacks G-09, G-11).

One pass replaces known names by finished strings; what a value contains is never looked at again. There are no attributes,
no filters, no conditions. A paragraph that names something there is not, such as a reason nobody gave, is left out.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

MAX_SUBJECT = 150
MAX_BODY = 6_000
MAX_NAMED = 60
"""How many placeholders one text may have, counted with repetitions."""

_NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_MEANT = re.compile(r"\{\s*([A-Za-z0-9_][A-Za-z0-9_.\[\]:!]*)\s*\}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words, with their line breaks."""

    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something larger than words stands: the lines of an order, a button, somebody's comment."""

    name: str


def names_in(text: str) -> list[str]:
    """The placeholders of a text, in order, with repetitions."""
    return _NAMED.findall(text)


def strangers(text: str, known: Collection[str]) -> list[str]:
    """What is written like a placeholder and is none of `known`, each once: `{customer}`, `{order.total}`, `{0}`."""
    found = dict.fromkeys(match[1] for match in _MEANT.finditer(text))
    return [name for name in found if name not in known]


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its known placeholders replaced, in one pass; an unknown one stays as it was written."""
    return _NAMED.sub(lambda match: values.get(match[1], match[0]), text)


def paragraphs(body: str, values: Mapping[str, str], places: Collection[str]) -> list[Paragraph | Place]:
    """A letter's body, filled in. Paragraphs are divided by empty lines; a placeholder in `places` is one of its own.

    A paragraph in which a value is empty is left out.
    """
    found: list[Paragraph | Place] = []
    for piece in re.split(r"\n[ \t]*\n", body.replace("\r\n", "\n").replace("\r", "\n").strip()):
        piece = piece.strip()
        alone = _NAMED.fullmatch(piece)
        if alone and alone[1] in places:
            found.append(Place(alone[1]))
        elif piece and not any(values.get(name) == "" for name in names_in(piece)):
            found.append(Paragraph(fill(piece, values)))
    return found


def misplaced(body: str, places: Collection[str]) -> list[str]:
    """Those of `places` that stand within a paragraph instead of making one."""
    lost = []
    for piece in re.split(r"\n[ \t]*\n", body.replace("\r\n", "\n").strip()):
        if not _NAMED.fullmatch(piece.strip()):
            lost += [name for name in names_in(piece) if name in places]
    return list(dict.fromkeys(lost))
