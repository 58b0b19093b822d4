"""Colour arithmetic: WCAG 2.2 contrast, readable ink, and the nearest colour that passes.

Lightness is searched in OKLCH, so a colour that is made darker or lighter keeps its hue and most of its
strength and still looks like the brand. What a brand *is* lives in ``brand``; this module knows only colours.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

HEX = re.compile(r"#[0-9a-f]{6}\Z")

#: WCAG 2.2 success criterion 1.4.3, text of normal size.
AA_TEXT = 4.5
#: WCAG 2.2 success criterion 1.4.11, parts of controls and graphics; also large text in 1.4.3.
AA_GRAPHIC = 3.0

WHITE = "#ffffff"
BLACK = "#000000"

_RGB = tuple[float, float, float]


def is_hex(colour: object) -> bool:
    """Whether the value is a colour in the one notation that is stored: ``#rrggbb``, lower case."""
    return isinstance(colour, str) and HEX.match(colour) is not None


def _channels(colour: str) -> _RGB:
    if not is_hex(colour):
        raise ValueError(f"not a colour in the form #rrggbb: {colour!r}")
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def _linear(channel: float) -> float:
    # 0.04045 is the sRGB standard's own knee; WCAG 2.2 corrected its older 0.03928 to it.
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


@lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``: 0 for black, 1 for white (WCAG 2.2, definition)."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, the same whichever is named first."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def passes(one: str, other: str, ratio: float = AA_TEXT) -> bool:
    """Whether two colours reach the ratio. Nothing is rounded up: 4.499 is not 4.5."""
    return contrast(one, other) >= ratio


def ink_on(colour: str, *, dark: str = "#0b0d12", light: str = WHITE) -> str:
    """The text colour to put on a coloured surface: always at least 4.5 : 1.

    White is preferred where it passes, because a mid-blue button with black text looks broken even where black has
    the higher ratio; then the theme's dark ink; then plain black, which passes wherever white does not.
    """
    for candidate in (light, dark):
        if passes(candidate, colour):
            return candidate
    return BLACK if contrast(BLACK, colour) >= contrast(WHITE, colour) else WHITE


def to_oklch(colour: str) -> _RGB:
    """Lightness 0..1, chroma, hue in radians (Ottosson's OKLab in polar form)."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    mid = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * mid - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * mid + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * mid - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> _RGB:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    mid = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * mid + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * mid - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * mid + 1.7076147010 * short,
    )


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """``#rrggbb`` for an OKLCH colour; one that a screen cannot show loses chroma, never lightness or hue."""
    lightness = min(max(lightness, 0.0), 1.0)
    low, high = 0.0, max(chroma, 0.0)
    channels = _from_oklch(lightness, high, hue)
    if not _shown(channels):
        for _ in range(18):
            middle = (low + high) / 2
            low, high = (middle, high) if _shown(_from_oklch(lightness, middle, hue)) else (low, middle)
        channels = _from_oklch(lightness, low, hue)
    return "#" + "".join(f"{round(255 * _gamma(min(max(channel, 0.0), 1.0))):02x}" for channel in channels)


def _shown(channels: _RGB) -> bool:
    return all(-0.0005 <= channel <= 1.0005 for channel in channels)


def mix(colour: str, other: str, share: float) -> str:
    """``share`` (0..1) of ``colour`` over ``other``, as a browser would paint a translucent layer."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(255 * (share * top + (1 - share) * under)):02x}" for top, under in pairs)


def nearest_passing(colour: str, surface: str, ratio: float = AA_TEXT) -> str:
    """The colour nearest to ``colour`` in lightness, same hue, that reaches ``ratio`` on ``surface``.

    A colour that passes comes back unchanged. Otherwise it moves away from the surface; if the surface is a middle
    grey on which that side cannot reach the ratio, it moves to the other side. Raises ValueError if neither side can
    (no colour has, for instance, 10 : 1 on middle grey).
    """
    if passes(colour, surface, ratio):
        return colour
    lightness, chroma, hue = to_oklch(colour)
    darker = luminance(colour) <= luminance(surface) if colour != surface else luminance(surface) > 0.18
    for end in (0.0, 1.0) if darker else (1.0, 0.0):
        if not passes(BLACK if end == 0.0 else WHITE, surface, ratio):
            continue
        best, near, far = (BLACK if end == 0.0 else WHITE), lightness, end
        for _ in range(18):
            middle = (near + far) / 2
            candidate = oklch(middle, chroma, hue)
            if passes(candidate, surface, ratio):
                best, far = candidate, middle
            else:
                near = middle
        return best
    raise ValueError(f"no colour reaches {ratio} : 1 on {surface}")
