"""Documents as PDF, set by Typst from `document.typ`. All they say goes in as data: what people typed is never markup.

The same content gives the same bytes: the date is the content's own, the fonts are the ones Typst brings along.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

TEMPLATE = Path(__file__).with_name("document.typ")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something somebody said or did: what, by whom and when, and their own words."""

    head: str
    meta: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with facts (name and value), a table (`ends` says which columns stand at the right), or texts."""

    title: str
    kind: Literal["facts", "table", "texts"] = "facts"
    facts: Sequence[tuple[str, str]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[int] = ()
    ends: Sequence[bool] = ()
    texts: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the document, byte for byte."""

    name: str
    content: str
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. `at` is the date it bears; `lang` the ISO 639 code of its language."""

    title: str
    author: str
    lead: str
    footer: str
    at: datetime
    lang: str
    sections: Sequence[Section]
    files: Sequence[Attached] = field(default=())


def pdf_of(document: Document) -> bytes:
    """The document as a tagged PDF. Reads the template and nothing else: no network, no fonts of the machine."""
    import typst  # takes its time, and few processes ever need it

    content = asdict(document)
    del content["at"]
    made = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        format="pdf",
        ignore_system_fonts=True,
        font_paths=[],
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
        timestamp=int(document.at.astimezone(UTC).timestamp()),
    )
    assert isinstance(made, bytes)
    return made
