"""Freezing what is asked: canonical JSON, its digest, and the readable difference between two asks (promise P7)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


def amount_text(amount: Decimal) -> str:
    """One way to write an amount, whatever scale it was stored with: 412, 412.5, 0.00000001."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def canonical(content: Mapping[str, Any]) -> str:
    """The one JSON text of `content`: sorted keys, no blanks, strings as they are. Numbers must be ints or texts."""
    _check(content)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str) -> str:
    """SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check(value: Any) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError("keys of frozen content are texts")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif not (value is None or isinstance(value, str | bool) or type(value) is int):
        raise TypeError(f"frozen content holds texts and whole numbers, not {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `field` is for people: "Line 1: quantity"."""

    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.field}: {self.before or '(nothing)'} → {self.after or '(nothing)'}"


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What is not the same in two frozen contents, in the order of their fields."""
    old, new = dict(_flat(before)), dict(_flat(after))
    return [
        Change(_label(path), _text(old.get(path)), _text(new.get(path)))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]


def _flat(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Mapping):
        for key in value:
            yield from _flat(value[key], (*path, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, start=1):
            yield from _flat(inner, (*path, f"{number:04d}"))
    else:
        yield path, value


def _label(path: tuple[Any, ...]) -> str:
    words = [str(part).replace("_", " ") for part in path]
    if len(words) == 3 and words[0] == "lines":
        return f"Line {int(words[1])}: {words[2]}"
    return " ".join(words).capitalize()


def _text(value: Any) -> str:
    return "" if value is None else str(value)
