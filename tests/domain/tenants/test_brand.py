"""A brand: what may be typed, what is refused and how, and that nothing typed ever becomes CSS."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tenants.rules import brand
from app.domain.tenants.rules.contrast import passes
from app.domain.tenants.rules.schema import SchemaError, read_schema

THEMES = Path(__file__).parents[3] / "themes"
RULE = re.compile(r":root \{\n(?:  --[a-z][a-z0-9-]*: [A-Za-z0-9 .,()%'\"#-]+;\n)+\}\n\Z")


def schema(name="base"):
    return read_schema(name, tomllib.loads((THEMES / name / "theme.toml").read_text()))


@pytest.mark.parametrize("name", ["base", "market"])
def test_a_theme_accepts_its_own_defaults(name):
    values, faults = brand.check(schema(name), schema(name).defaults())
    assert not faults
    assert values == schema(name).defaults()


def test_a_pale_brand_colour_is_refused_with_the_nearest_that_passes():
    values, faults = brand.check(schema(), {"brand_color": "#ffd54a"})
    fault = faults["brand_color"]
    assert "brand_color" not in values
    assert passes(fault.nearest, "#ffffff")
    assert fault.nearest in fault.message


def test_a_second_colour_may_be_as_pale_as_it_likes():
    assert brand.check(schema(), {"accent_color": "#fff3b0"})[1] == {}


@pytest.mark.parametrize(
    ("setting", "typed", "words"),
    [
        ("brand_color", "red", "six digits"),
        ("brand_color", "#12345", "six digits"),
        ("brand_color", "#123456;} body{display:none", "six digits"),
        ("brand_color", "url(javascript:alert(1))", "six digits"),
        ("heading_font", "Comic Sans", "listed options"),
        ("heading_font", "inter'; }", "listed options"),
        ("corner", "19", "0 to 18"),
        ("corner", "-1", "0 to 18"),
        ("corner", "1e3", "whole number"),
        ("corner", "٣", "whole number"),
        ("headline", "x" * 81, "at most 80"),
        ("headline", "two\nlines", "line breaks"),
        ("headline", "abc\u202edcba", "invisible"),
        ("intro", "nul\x00", "invisible"),
        ("logo", "../../etc/passwd", "not a picture"),
        ("logo", "https://evil.example/x.png", "not a picture"),
        ("headline", ["a"], "not a text"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(setting, typed, words):
    values, faults = brand.check(schema(), {setting: typed})
    assert words in faults[setting].message
    assert setting not in values


def test_upper_case_and_blanks_around_a_colour_are_forgiven():
    assert brand.check(schema(), {"brand_color": " #1D4ED8 "})[0]["brand_color"] == "#1d4ed8"


def test_a_setting_the_theme_does_not_know_is_dropped():
    values, faults = brand.check(schema(), {"custom_css": "body{}", "is_admin": "1"})
    assert set(values) == set(schema().defaults())
    assert not faults


def test_a_stored_value_that_no_longer_fits_falls_back_to_the_default():
    settled = brand.settled(schema(), {"corner": "400", "headline": "Hello"})
    assert settled["corner"] == "10"
    assert settled["headline"] == "Hello"


@given(st.dictionaries(st.sampled_from([*sorted(schema().defaults()), "x"]), st.text(max_size=60)))
def test_whatever_is_stored_the_stylesheet_is_one_rule_of_plain_custom_properties(stored):
    assert RULE.match(brand.stylesheet(schema(), stored))


@given(st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}"))
def test_every_colour_gives_a_stylesheet_or_a_colour_that_does(colour):
    for name in ("base", "market"):
        values, faults = brand.check(schema(name), {"brand_color": colour})
        if faults:
            values, faults = brand.check(schema(name), {"brand_color": faults["brand_color"].nearest})
        assert not faults
        assert f"--brand: light-dark({values['brand_color']}" in brand.stylesheet(schema(name), values)


def test_texts_never_enter_the_stylesheet():
    css = brand.stylesheet(schema(), {"headline": "</style><script>alert(1)</script>"})
    assert "script" not in css


def test_the_digest_changes_with_the_brand_and_only_with_it():
    one = brand.stylesheet(schema(), {"brand_color": "#1d4ed8"})
    same = brand.stylesheet(schema(), {"brand_color": "#1d4ed8", "headline": "Other words"})
    other = brand.stylesheet(schema(), {"brand_color": "#7c2d12"})
    assert brand.digest(one) == brand.digest(same) != brand.digest(other)


@pytest.mark.parametrize(
    "setting",
    [
        {"id": "x", "type": "color", "label": "X", "default": "red"},
        {
            "id": "x",
            "type": "font",
            "label": "X",
            "default": "a",
            "choices": [{"value": "a", "label": "A", "css": "url(x)"}],
        },
        {
            "id": "x",
            "type": "choice",
            "label": "X",
            "default": "a",
            "choices": [{"value": "a", "label": "A", "css": "0; }"}],
        },
        {"id": "x", "type": "range", "label": "X", "default": "5", "min": 9, "max": 3},
        {"id": "x", "type": "text", "label": "X"},
        {"id": "x", "type": "css", "label": "X"},
        {"id": "X y", "type": "text", "label": "X", "length": 5},
        {"id": "x", "type": "text", "label": "X", "length": 5, "var": "a:b"},
    ],
)
def test_a_theme_with_a_wrong_setting_is_refused_when_it_is_read(setting):
    surfaces = {name: ["#ffffff", "#000000"] for name in ("page", "raised", "sunken")}
    with pytest.raises(SchemaError):
        read_schema("t", {"surfaces": surfaces, "groups": [{"id": "g", "label": "G", "settings": [setting]}]})
