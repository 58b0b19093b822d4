"""Pictures from outside, made safe: measured before they are decoded, decoded, and drawn again on a canvas of our own.

What is kept is always a PNG we encoded: no metadata, no trailing bytes, no markup. Storing it is the action's business.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import Invalid

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 4_000_000
MIN_SIDE = 16
#: A logo is shown at a few hundred pixels at most; twice that for sharp screens.
BOX = (1024, 1024)
FORMATS = ("PNG", "JPEG", "WEBP")

_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error, OverflowError)


@dataclass(frozen=True)
class Picture:
    """A picture as it will be served. ``digest`` is the SHA-256 of ``body`` in hexadecimal."""

    mime: str
    width: int
    height: int
    body: bytes
    digest: str


def take(data: bytes, *, field: str = "logo") -> Picture:
    """The picture in an uploaded file, re-encoded as PNG. Raises Invalid at ``field`` with a sentence for people."""
    if not data:
        raise Invalid({field: "The file is empty. Choose a PNG, JPEG or WebP picture."})
    if len(data) > MAX_BYTES:
        raise Invalid({field: f"The file has {len(data) / 1024 / 1024:.1f} MB. Choose one of at most 2 MB."})
    refusal = _not_a_picture(data)
    if refusal:
        raise Invalid({field: refusal})
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _measure(image.size, field)
            canvas = _draw(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid({field: _too_large(None)}) from None
    except UnidentifiedImageError:
        raise Invalid(
            {field: "This is not a picture we can read. Choose a PNG, JPEG or WebP file."}
        ) from None
    except _DAMAGED:
        raise Invalid(
            {field: "The picture is damaged and cannot be read. Save it again and retry."}
        ) from None
    out = io.BytesIO()
    canvas.save(out, "PNG", optimize=True)
    body = out.getvalue()
    return Picture("image/png", canvas.width, canvas.height, body, hashlib.sha256(body).hexdigest())


def _not_a_picture(data: bytes) -> str:
    """A sentence for the two files people upload by mistake most, or nothing."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head or head.startswith((b"<?xml", b"<!doctype svg")):
        return "This is an SVG drawing. Drawings can carry programs, so save it as PNG, JPEG or WebP and upload that."
    if head.startswith((b"<!doctype", b"<html", b"%pdf")):
        return "This is a document, not a picture. Choose a PNG, JPEG or WebP file."
    return ""


def _measure(size: tuple[int, int], field: str) -> None:
    # The header alone says this; nothing has been decoded yet.
    width, height = size
    if width * height > MAX_PIXELS:
        raise Invalid({field: _too_large(size)})
    if width < MIN_SIDE or height < MIN_SIDE:
        raise Invalid(
            {field: f"The picture is {width} × {height} pixels. It needs at least {MIN_SIDE} on each side."}
        )


def _too_large(size: tuple[int, int] | None) -> str:
    what = f"The picture is {size[0]} × {size[1]} pixels" if size else "The picture claims a gigantic size"
    return f"{what}; at most 4 megapixels (for example 2000 × 2000) can be taken. Make it smaller and retry."


def _draw(image: Image.Image) -> Image.Image:
    """The first frame, upright, within the box, on a fresh canvas that knows nothing of the file it came from."""
    upright = ImageOps.exif_transpose(image)
    has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    pixels = upright.convert("RGBA" if has_alpha else "RGB")
    pixels.thumbnail(BOX, Image.Resampling.LANCZOS)
    canvas = Image.new(pixels.mode, pixels.size)
    canvas.paste(pixels)
    return canvas
