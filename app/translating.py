"""Collecting sentences and keeping the catalogues: `flask translations update` and `flask translations check`.

A sentence is what `_()`, `ngettext()`, `_l()` or `mark()` is given, in Python and in templates, and every sentence with which the
domain says no (`Invalid("…")` and its like, which doors translate when they show it). Shop and mails are spoken in every
language; the console in those of `CONSOLE`.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from app.core.language import DEFAULT, FOLDER, LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ("en", "de")

SHOP = (
    "themes/", "app/web/storefront/", "app/web/auth/", "app/web/kit/", "app/web/templates/ui/", "app/web/templates/auth/",
    "app/web/templates/notifications/", "app/web/templates/html.html", "app/web/templates/bare.html", "app/connectors/mail/",
    "app/domain/notices/kinds/", "app/domain/orders/", "app/domain/people/", "app/domain/subscriptions/", "app/domain/approvals/",
)  # fmt: skip
"""Where sentences of shops and mails stand; the rest is the console's alone."""

CONSOLE_ONLY = (
    "app/web/kit/gallery.py", "app/web/kit/happenings.py", "app/web/kit/price_rules.py", "app/web/kit/policies.py",
    "app/web/kit/showcase.py", "app/web/kit/price_desk/", "app/domain/people/actions/accounts.py",
    "app/domain/people/actions/staffing.py",
)  # fmt: skip

KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "_l": None, "lazy_gettext": None, "ngettext": (1, 2), "mark": None,
}  # fmt: skip
OPTIONS = {"trimmed": "true", "silent": "false"}
_SENTENCE = re.compile(r"[A-Z“].* .*[.?…]$", re.DOTALL)


def messages_of(root: Path = ROOT) -> Catalog:
    """Every sentence there is, with where it stands."""
    found = Catalog(charset="utf-8")
    for path, method in _files(root):
        place = str(path.relative_to(root))
        for line, message, _comments, _context in extract_from_file(
            method, path, keywords=KEYWORDS, options=OPTIONS if method == "jinja2" else None
        ):
            if message and message != "":
                found.add(message, locations=[(place, line)], flags=_flags(message))
    return found


def _flags(message: Any) -> list[str]:
    text = message[0] if isinstance(message, tuple) else message
    return ["python-format"] if re.search(r"%\([a-z_]+\)[sd]", text) else []


def _files(root: Path) -> Iterator[tuple[Path, Any]]:
    for path in sorted([*root.glob("app/**/*.py"), *root.glob("config/**/*.py")]):
        if path.name == "gallery.py" or "demo" in path.parts:
            continue
        yield path, "python"
        if "domain" in path.parts:
            yield path, extract_refusals
    for folder in ("app/web/templates", "themes", "app/connectors"):
        for path in sorted([*root.glob(f"{folder}/**/*.html"), *root.glob(f"{folder}/**/*.txt")]):
            if "gallery" not in path.parts:
                yield path, "jinja2"
    for path in sorted(root.glob("themes/*/theme.toml")):
        yield path, extract_labels


def extract_refusals(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """The sentences a module of the domain refuses with: every whole sentence in it that is no docstring."""
    tree = ast.parse(fileobj.read())
    skipped = {
        id(node.value)
        for body in ast.walk(tree)
        if isinstance(getattr(body, "body", None), list)
        for node in body.body  # type: ignore[attr-defined]
        if isinstance(node, ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in ast.walk(node))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) or id(node) in skipped:
            continue
        if _SENTENCE.fullmatch(node.value) and "\n" not in node.value and "%(" not in node.value:
            yield node.lineno, "gettext", node.value, []


def extract_labels(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """The words of a theme's settings, as its `theme.toml` has them."""
    text = fileobj.read().decode()
    tomllib.loads(text)
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*(label|help|summary|placeholder)\s*=\s*"((?:[^"\\]|\\.)+)"', line)
        if found:
            yield number, "gettext", tomllib.loads(f'x = "{found[2]}"')["x"], []
        for pair in re.finditer(r'label\s*=\s*"((?:[^"\\]|\\.)+)"', line):
            if not found:
                yield number, "gettext", tomllib.loads(f'x = "{pair[1]}"')["x"], []


def is_shops(message: Message) -> bool:
    """Whether a sentence is said in shops or mails."""
    places = [place for place, _line in message.locations]
    return any(
        place.startswith(SHOP) and not place.startswith(CONSOLE_ONLY) and not place.endswith("theme.toml")
        for place in places
    )


def wanted_in(language: str, found: Catalog) -> list[Message]:
    """Those sentences that a language has to have."""
    return [message for message in found if message.id and (language in CONSOLE or is_shops(message))]


def missing(language: str, found: Catalog | None = None) -> list[str]:
    """Sentences without a translation into `language`, or with one whose placeholders are not the same."""
    if language == DEFAULT:
        return []
    known = read(language)
    return [
        str(message.id)
        for message in wanted_in(language, found or messages_of())
        if not _is_good(message, known.get(message.id))
    ]


def _is_good(message: Message, known: Message | None) -> bool:
    if known is None or known.fuzzy or not known.string:
        return False
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    strings = known.string if isinstance(known.string, tuple | list) else (known.string,)
    wanted = set(placeholders(ids[-1]))
    return all(text and set(placeholders(text)) <= wanted | {"num"} for text in strings) and (
        set(placeholders(strings[-1])) >= wanted
    )


def placeholders(text: str) -> list[str]:
    """What is filled into a sentence: `%(name)s` and `{name}`."""
    return re.findall(r"%\(([a-z_]+)\)[sd]", text) + re.findall(r"\{([a-z_]+)\}", text)


def read(language: str) -> Catalog:
    """The catalogue of a language as it is kept; an empty one when there is none."""
    path = FOLDER / f"{language}.po"
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(root: Path = ROOT) -> dict[str, int]:
    """Brings every catalogue up to date: new sentences come in without a translation, those that are no more go. Answers
    how many each still lacks.
    """
    found = messages_of(root)
    lacking = {}
    for language in LANGUAGES:
        if language == DEFAULT:
            continue
        known, fresh = read(language), Catalog(locale=language, fuzzy=False, charset="utf-8")
        for message in wanted_in(language, found):
            before = known.get(message.id)
            fresh.add(
                message.id,
                before.string if before and not before.fuzzy else None,
                flags=sorted(message.flags),
            )
        write(language, fresh)
        lacking[language] = len(missing(language, found))
    return lacking


def write(language: str, catalog: Catalog) -> None:
    """Keeps a catalogue: in order, one line a sentence, without the places where they stand, so that changes read well."""
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{language}.po").open("wb") as file:
        write_po(file, catalog, sort_output=True, no_location=True, omit_header=False, width=0)


@cache
def collected() -> Catalog:
    """`messages_of()`, once per process."""
    return messages_of()
