"""The colours that follow from one brand colour: fills, inks, tints and lines, in light and in dark.

Every text colour made here reaches 4.5 : 1 on every surface it is meant for, whatever colour a reseller picked.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.tenants.rules import contrast
from app.domain.tenants.rules.contrast import AA_GRAPHIC, AA_TEXT

#: Name of the derived colour -> (light, dark).
Palette = dict[str, tuple[str, str]]


def derive(name: str, colour: str, surfaces: Mapping[str, tuple[str, str]]) -> Palette:
    """What follows from ``colour``, as custom-property name -> (light, dark).

    ``name`` the fill of buttons and bands, ``on-name`` the text on it, ``name-hover`` the fill under the pointer,
    ``name-soft`` a tint for backgrounds, ``name-line`` a tint for borders, ``name-text`` links and headings
    (readable on every surface and on the tint).
    """
    both = [_one(name, colour, {key: pair[mode] for key, pair in surfaces.items()}, mode) for mode in (0, 1)]
    return {key: (both[0][key], both[1][key]) for key in both[0]}


def _one(name: str, colour: str, surfaces: Mapping[str, str], mode: int) -> dict[str, str]:
    page = surfaces["page"]
    # In the dark a navy fill would vanish into the page, so there it is lifted; in the light the reseller's colour is
    # painted exactly as it was picked.
    fill = contrast.nearest_passing(colour, page, AA_GRAPHIC) if mode else colour
    ink = contrast.ink_on(fill)
    soft = contrast.mix(colour if not mode else fill, page, 0.16 if mode else 0.09)
    text = colour
    for surface in (*surfaces.values(), soft):
        text = contrast.nearest_passing(text, surface, AA_TEXT)
    return {
        name: fill,
        f"on-{name}": ink,
        f"{name}-hover": _pressed(fill, ink),
        f"{name}-soft": soft,
        f"{name}-line": contrast.mix(text, page, 0.32),
        f"{name}-text": text,
    }


def _pressed(fill: str, ink: str) -> str:
    """The fill a step away from its ink, so that the text gets clearer under the pointer and never fainter."""
    lightness, chroma, hue = contrast.to_oklch(fill)
    step = -0.07 if contrast.luminance(ink) > contrast.luminance(fill) else 0.05
    candidate = contrast.oklch(lightness + step, chroma, hue)
    return candidate if contrast.passes(ink, candidate) else fill
