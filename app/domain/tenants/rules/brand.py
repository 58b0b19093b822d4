"""A brand: what a reseller typed into a theme's settings, checked; and the stylesheet that follows from it.

The stylesheet holds custom properties and nothing else. Texts and images never enter it: templates print those, escaped.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.tenants.rules import contrast
from app.domain.tenants.rules.palette import derive
from app.domain.tenants.rules.schema import Schema, Setting

_IMAGE = re.compile(r"[0-9a-z-]{8,80}\Z")
_INTEGER = re.compile(r"-?[0-9]{1,4}\Z")
#: What may stand as a value in the stylesheet, whatever came before. The last lock, not the first.
_EMITTED = re.compile(r"[A-Za-z0-9 .,%'\"#-]{1,160}\Z")


@dataclass(frozen=True)
class Fault:
    """Why a setting was refused, in a sentence; ``nearest`` is the closest colour that passes, when there is one."""

    message: str
    nearest: str = ""


def check(schema: Schema, typed: Mapping[str, object]) -> tuple[dict[str, str], dict[str, Fault]]:
    """The brand that was typed, and what is wrong with it: ``(values, faults)``, both by setting.

    Settings that were not typed keep the theme's default; names the schema does not know are dropped, so a form can
    never add a field. ``values`` holds only settings without a fault.
    """
    values: dict[str, str] = {}
    faults: dict[str, Fault] = {}
    for setting in schema:
        raw = typed.get(setting.id)
        answer = setting.default if raw is None else _check_one(schema, setting, raw)
        if isinstance(answer, Fault):
            faults[setting.id] = answer
        else:
            values[setting.id] = answer
    return values, faults


def settled(schema: Schema, stored: Mapping[str, object]) -> dict[str, str]:
    """The brand to show: what is stored where it is still valid, the theme's default everywhere else.

    A reseller that changes its theme, or a theme that narrows a setting, must never break a shop.
    """
    values, faults = check(schema, stored)
    return values | {name: setting.default for name in faults if (setting := schema.setting(name))}


def _check_one(schema: Schema, setting: Setting, raw: object) -> str | Fault:
    if not isinstance(raw, str):
        return Fault("This is not a text.")
    match setting.kind:
        case "color":
            return _check_colour(schema, setting, raw.strip().lower())
        case "font" | "choice":
            if setting.choice(raw) is None:
                return Fault("Choose one of the listed options.")
            return raw
        case "range":
            if not _INTEGER.match(raw.strip()):
                return Fault(f"Enter a whole number from {setting.minimum} to {setting.maximum}.")
            number = int(raw)
            if not setting.minimum <= number <= setting.maximum:
                return Fault(f"Enter a number from {setting.minimum} to {setting.maximum}.")
            return str(number)
        case "image":
            return (
                raw if raw == "" or _IMAGE.match(raw) else Fault("This is not a picture from your library.")
            )
        case _:
            return _check_text(setting, raw)


def _check_colour(schema: Schema, setting: Setting, colour: str) -> str | Fault:
    if not contrast.is_hex(colour):
        return Fault("Enter a colour as # and six digits, for example #1f5fbf.")
    if setting.contrast:
        page = schema.surfaces["page"][0]
        ratio = contrast.contrast(colour, page)
        if ratio < setting.contrast:
            nearest = contrast.nearest_passing(colour, page, setting.contrast)
            # Rounded down: a colour that just fails must never read as one that passes.
            shown = int(ratio * 10) / 10
            return Fault(
                f"Too pale to read on the page: contrast {shown} to 1, and {setting.contrast:g} to 1 is needed. "
                f"The nearest colour that works is {nearest}.",
                nearest,
            )
    return colour


def _check_text(setting: Setting, raw: str) -> str | Fault:
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if any(_is_control(character) for character in text.replace("\n", "" if setting.is_multiline else "\n")):
        return Fault(
            "Remove line breaks and invisible characters."
            if not setting.is_multiline
            else "Remove invisible characters."
        )
    if len(text) > setting.length:
        return Fault(f"Use at most {setting.length} characters; this has {len(text)}.")
    return text


def _is_control(character: str) -> bool:
    # Control characters, and the format characters that reverse or hide text (bidi overrides, zero width).
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Co")
        or character in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\ufeff"
    )


def stylesheet(schema: Schema, values: Mapping[str, str]) -> str:
    """The brand as CSS: one rule on ``:root`` with custom properties, light and dark in one value each.

    ``values`` may be anything that was stored: it is settled again here, and each emitted value must look like a plain
    value or ValueError is raised, so nothing typed can ever become a rule, a url() or a comment.
    """
    brand = settled(schema, values)
    pairs: dict[str, tuple[str, str]] = dict(schema.surfaces)
    plain: dict[str, str] = {}
    for setting in schema:
        if not setting.var:
            continue
        value = brand[setting.id]
        if setting.kind == "color":
            pairs |= derive(setting.var, value, schema.surfaces)
        elif setting.kind in ("font", "choice"):
            choice = setting.choice(value)
            plain[setting.var] = choice.css if choice else ""
        elif setting.kind == "range":
            plain[setting.var] = f"{int(value)}{setting.unit}"
    lines = [
        f"  --{name}: light-dark({_emit(light)}, {_emit(dark)});" for name, (light, dark) in pairs.items()
    ]
    lines += [f"  --{name}: {_emit(value)};" for name, value in plain.items()]
    return ":root {\n" + "\n".join(lines) + "\n}\n"


def _emit(value: str) -> str:
    if not _EMITTED.match(value):
        raise ValueError(f"not a plain CSS value: {value!r}")
    return value


def digest(css: str) -> str:
    """The name a stylesheet is cached under for ever: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(css.encode()).hexdigest()[:16]
