"""The languages Awning speaks, and their catalogues: `app/translations/<language>.po`, read when a language is first asked for.

Nothing is compiled and nothing generated is kept: a catalogue of some thousand sentences is read in a fraction of a second,
once per process. English is what the code says, so it has no catalogue.
"""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).resolve().parent.parent / "translations"

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "nl": "Nederlands"}
"""By code, each under its own name. The first is the one that is spoken when nothing else is known."""

DEFAULT = "en"


def mark(sentence: str) -> str:
    """`sentence` as it is. Says to whoever collects sentences for translation that this is one; it is translated when shown."""
    return sentence


def nearest(*wished: str) -> str:
    """The first of `wished` (`de`, `de-AT`, `de_AT`) that is spoken here, by its language; DEFAULT when none is."""
    for one in wished:
        code = one.replace("_", "-").partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return DEFAULT


def locale_of(name: str) -> Locale:
    """Babel's locale for numbers and dates; English for a name that is none."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale(DEFAULT)


@lru_cache(maxsize=32)
def catalogue(code: str, folder: Path = FOLDER) -> NullTranslations:
    """The sentences of one language; an empty catalogue, which answers in English, where there is no file."""
    path = folder / f"{code}.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        found = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, found)
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=8)
def shop_sentences(code: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """Everything that shops and mails say in one language: the languages that only they speak know which sentences those are."""
    path = folder / "fr.po"
    if not path.is_file():
        return ()
    with path.open("rb") as file:
        listed = [message.id for message in read_po(file, locale="fr") if message.id]
    spoken = catalogue(code, folder)
    return tuple(
        str(spoken.ugettext(one))
        for ids in listed
        for one in (ids if isinstance(ids, tuple | list) else (ids,))
    )


def translated(sentence: str, locale: str) -> str:
    """`sentence` in the language of `locale`, for letters and jobs, which have no page whose language they could take."""
    return str(catalogue(nearest(locale)).ugettext(sentence)) if sentence else ""
