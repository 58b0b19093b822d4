"""Logos from outside: what is taken, what is refused, and that only pixels survive."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from app.core.errors import Invalid
from app.domain.tenants import images


def encoded(kind="PNG", size=(64, 32), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def png_that_claims(width, height):
    def chunk(tag, body):
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


def refusal(data):
    with pytest.raises(Invalid) as caught:
        images.take(data)
    return caught.value.errors["logo"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats_are_taken_and_come_back_as_png(kind):
    picture = images.take(encoded(kind))
    assert (picture.mime, picture.width, picture.height) == ("image/png", 64, 32)
    assert Image.open(io.BytesIO(picture.body)).format == "PNG"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_pixel_is_taken(mode):
    assert images.take(encoded(mode=mode)).width == 64


def test_transparency_is_kept():
    picture = images.take(encoded(mode="RGBA"))
    assert Image.open(io.BytesIO(picture.body)).mode == "RGBA"


def test_a_large_logo_is_made_smaller_and_keeps_its_shape():
    picture = images.take(encoded(size=(2000, 1000)))
    assert (picture.width, picture.height) == (1024, 512)


def test_text_metadata_and_trailing_bytes_do_not_survive():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert('text')</script>")
    body = images.take(encoded(pnginfo=info) + b"<script>alert('tail')</script>").body
    assert b"script" not in body
    assert b"tEXt" not in body


def test_exif_does_not_survive():
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"
    assert b"script" not in images.take(encoded("JPEG", exif=exif)).body


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf  <?xml version='1.0'?><svg/>",
        b"<!DOCTYPE svg><svg/>",
    ],
)
def test_a_drawing_is_refused_with_the_way_out(data):
    assert "save it as PNG" in refusal(data)


def test_a_picture_of_900_megapixels_is_refused_by_its_header_alone():
    assert "at most 4 megapixels" in refusal(png_that_claims(30_000, 30_000))


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(2001, 2000), (10_000, 10_000), (65_000, 65_000)])
def test_too_many_pixels_are_refused_whatever_the_library_thinks_of_them(size):
    assert "at most 4 megapixels" in refusal(png_that_claims(*size))


def test_too_many_bytes_are_refused():
    assert "at most 2 MB" in refusal(b"\x89PNG" + b"x" * images.MAX_BYTES)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello, this is my logo", "not a picture"),
        (b"<html><body>", "document"),
        (encoded("GIF", mode="P"), "not a picture"),
        (encoded("BMP"), "not a picture"),
        (encoded()[:60], "damaged"),
        (encoded(size=(8, 8)), "at least 16"),
    ],
)
def test_everything_else_is_refused_with_a_sentence(data, words):
    assert words in refusal(data)


@given(
    st.binary(max_size=400),
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x40\0\0\0WEBPVP8L", b""]),
)
def test_no_bytes_do_anything_but_be_taken_or_be_refused(tail, head):
    told = "taken"
    try:
        images.take(head + tail)
    except Invalid as refused:
        told = refused.errors["logo"]
    assert told
