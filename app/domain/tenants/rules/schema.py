"""The typed settings of a theme: what a brand may say, and between which bounds. Read from a theme's ``theme.toml``.

A schema is part of a theme, so it is trusted code; what a reseller types into it is checked in ``brand``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.tenants.rules.contrast import is_hex

KINDS = ("color", "font", "choice", "range", "text", "image")
#: The surfaces every theme names, each as (light, dark). Brand text must stay readable on all of them.
SURFACES = ("page", "raised", "sunken")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_VARIABLE = re.compile(r"[a-z][a-z0-9-]{0,39}\Z")
#: What a schema may put into the stylesheet for a font or a choice. No braces, semicolons, slashes or parentheses: nothing
#: that could end a declaration, start a comment or call url().
_CSS = re.compile(r"[A-Za-z0-9 .,%'\"#-]{1,160}\Z")


class SchemaError(ValueError):
    """A theme's settings are wrong; the message names the theme's own mistake. Never caused by a reseller."""


@dataclass(frozen=True)
class Choice:
    """One answer to a ``font`` or ``choice`` setting: stored value, label, and the CSS it stands for."""

    value: str
    label: str
    css: str


@dataclass(frozen=True)
class Setting:
    """One thing a reseller may set. ``var`` is the custom property's name without dashes, or empty for none."""

    id: str
    kind: str
    label: str
    default: str
    help: str = ""
    var: str = ""
    #: For a colour: the ratio it must reach on the light page, or 0 when only its ink is computed.
    contrast: float = 0.0
    choices: tuple[Choice, ...] = ()
    minimum: int = 0
    maximum: int = 0
    unit: str = ""
    #: For a text: the most characters, and whether it may hold more than one line.
    length: int = 0
    is_multiline: bool = False

    def choice(self, value: str) -> Choice | None:
        """The choice stored under ``value``, or None."""
        return next((choice for choice in self.choices if choice.value == value), None)


@dataclass(frozen=True)
class Group:
    """Settings that are shown together under one heading."""

    id: str
    label: str
    settings: tuple[Setting, ...]
    help: str = ""


@dataclass(frozen=True)
class Schema:
    """Everything a brand may set in one theme, with the theme's surfaces: name -> (light, dark)."""

    theme: str
    groups: tuple[Group, ...]
    surfaces: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Setting]:
        return (setting for group in self.groups for setting in group.settings)

    def setting(self, name: str) -> Setting | None:
        """The setting called ``name``, or None."""
        return next((setting for setting in self if setting.id == name), None)

    def defaults(self) -> dict[str, str]:
        """The brand of a shop that has set nothing."""
        return {setting.id: setting.default for setting in self}


def read_schema(theme: str, document: Mapping[str, Any]) -> Schema:
    """The schema in a parsed ``theme.toml``. Raises SchemaError with the first thing that is wrong."""
    surfaces = {}
    for name in SURFACES:
        pair = document.get("surfaces", {}).get(name)
        if not (isinstance(pair, list) and len(pair) == 2 and all(is_hex(colour) for colour in pair)):
            raise SchemaError(f"{theme}: surface {name!r} must be a light and a dark #rrggbb")
        surfaces[name] = (pair[0], pair[1])
    groups = tuple(
        Group(
            id=str(group["id"]),
            label=str(group["label"]),
            help=str(group.get("help", "")),
            settings=tuple(_setting(theme, raw) for raw in group.get("settings", ())),
        )
        for group in document.get("groups", ())
    )
    schema = Schema(theme, groups, surfaces)
    for kind, names in (("setting", [s.id for s in schema]), ("variable", [s.var for s in schema if s.var])):
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise SchemaError(f"{theme}: {kind} {sorted(doubled)[0]!r} is named twice")
    return schema


def _setting(theme: str, raw: Mapping[str, Any]) -> Setting:
    where = f"{theme}: setting {raw.get('id')!r}"
    choices = tuple(
        Choice(str(c["value"]), str(c["label"]), str(c.get("css", c["value"])))
        for c in raw.get("choices", ())
    )
    setting = Setting(
        id=str(raw.get("id", "")),
        kind=str(raw.get("type", "")),
        label=str(raw.get("label", "")),
        default=str(raw.get("default", "")),
        help=str(raw.get("help", "")),
        var=str(raw.get("var", "")),
        contrast=float(raw.get("contrast", 0)),
        choices=choices,
        minimum=int(raw.get("min", 0)),
        maximum=int(raw.get("max", 0)),
        unit=str(raw.get("unit", "")),
        length=int(raw.get("length", 0)),
        is_multiline=bool(raw.get("multiline", False)),
    )
    if not _NAME.match(setting.id) or not setting.label:
        raise SchemaError(f"{where} needs an id in snake_case and a label")
    if setting.kind not in KINDS:
        raise SchemaError(f"{where} has the unknown type {setting.kind!r}")
    if setting.var and not _VARIABLE.match(setting.var):
        raise SchemaError(f"{where}: {setting.var!r} cannot be a custom property")
    _check_default(where, setting)
    return setting


def _check_default(where: str, setting: Setting) -> None:
    match setting.kind:
        case "color" if not is_hex(setting.default):
            raise SchemaError(f"{where}: the default must be #rrggbb")
        case "font" | "choice":
            if setting.choice(setting.default) is None:
                raise SchemaError(f"{where}: the default is none of the choices")
            if any(not _CSS.match(choice.css) for choice in setting.choices):
                raise SchemaError(f"{where}: a choice stands for CSS that is not a plain value")
        case "range":
            if not re.match(r"-?\d{1,4}\Z", setting.default) or setting.minimum >= setting.maximum:
                raise SchemaError(f"{where}: a range needs min < max and a whole default")
            if not setting.minimum <= int(setting.default) <= setting.maximum:
                raise SchemaError(f"{where}: the default is out of range")
            if setting.unit not in ("", "px", "rem", "%"):
                raise SchemaError(f"{where}: the unit must be px, rem or %")
        case "text" if not 0 < setting.length <= 2000:
            raise SchemaError(f"{where}: a text needs a length of 1 to 2000")
        case "text" if len(setting.default) > setting.length:
            raise SchemaError(f"{where}: the default is longer than allowed")
