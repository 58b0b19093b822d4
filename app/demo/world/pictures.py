"""Draws the shops' logos, so that no picture has to be kept with the code."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SCALE = 4  # drawn larger, then scaled down, for smooth edges


def logo(name: str, mark: str, colour: str, ink: str) -> bytes:
    """A PNG of 480 × 120 with a mark (`cloud` or `tag`) and the shop's name, on a transparent ground."""
    image = Image.new("RGBA", (480 * SCALE, 120 * SCALE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    _MARKS[mark](draw, colour)
    font = ImageFont.load_default(58 * SCALE)
    width = draw.textlength(name, font=font)
    if width > 340 * SCALE:
        font = ImageFont.load_default(int(58 * SCALE * 340 * SCALE / width))
    draw.text((130 * SCALE, 60 * SCALE), name, font=font, fill=ink, anchor="lm")
    out = BytesIO()
    image.resize((480, 120), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def _cloud(draw: ImageDraw.ImageDraw, colour: str) -> None:
    for x, y, radius in ((38, 68, 24), (62, 50, 30), (88, 66, 26)):
        _disc(draw, x, y, radius, colour)
    draw.rounded_rectangle([_at(18), _at(60), _at(112), _at(92)], radius=_at(16), fill=colour)


def _tag(draw: ImageDraw.ImageDraw, colour: str) -> None:
    points = [(16, 60), (52, 20), (110, 20), (110, 100), (52, 100)]
    draw.polygon([(_at(x), _at(y)) for x, y in points], fill=colour)
    _disc(draw, 52, 60, 9, "#ffffff")


def _disc(draw: ImageDraw.ImageDraw, x: int, y: int, radius: int, colour: str) -> None:
    draw.ellipse([_at(x - radius), _at(y - radius), _at(x + radius), _at(y + radius)], fill=colour)


def _at(place: int) -> int:
    return place * SCALE


_MARKS = {"cloud": _cloud, "tag": _tag}
