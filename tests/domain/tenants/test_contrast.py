"""Colour arithmetic: the published WCAG figures, and what must hold for every colour there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tenants.rules import contrast
from app.domain.tenants.rules.palette import derive

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
SURFACES = {
    "page": ("#ffffff", "#0f1216"),
    "raised": ("#ffffff", "#161a20"),
    "sunken": ("#f6f7f9", "#0b0d11"),
}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.478),
        ("#767676", "#ffffff", 4.542),
        ("#0000ff", "#ffffff", 8.592),
    ],
)
def test_contrast_agrees_with_the_published_figures(one, other, ratio):
    assert contrast.contrast(one, other) == pytest.approx(ratio, abs=0.001)


@given(colours, colours)
def test_contrast_is_symmetric_and_between_1_and_21(one, other):
    ratio = contrast.contrast(one, other)
    assert ratio == contrast.contrast(other, one)
    assert 1 <= ratio <= 21.0001


@given(colours)
def test_ink_can_be_read_on_every_colour(colour):
    assert contrast.contrast(contrast.ink_on(colour), colour) >= 4.5


@given(
    colours,
    st.sampled_from(["#ffffff", "#fffcf5", "#f6f7f9", "#0f1216", "#14110d", "#777777"]),
    st.sampled_from([3.0, 4.5]),
)
def test_the_nearest_colour_passes_and_a_passing_colour_is_left_alone(colour, surface, ratio):
    nearest = contrast.nearest_passing(colour, surface, ratio)
    assert contrast.passes(nearest, surface, ratio)
    if contrast.passes(colour, surface, ratio):
        assert nearest == colour


@given(colours)
def test_the_nearest_colour_is_only_just_dark_enough(colour):
    nearest = contrast.nearest_passing(colour, "#ffffff", 4.5)
    if nearest != colour:
        assert contrast.contrast(nearest, "#ffffff") < 4.75


@given(colours)
def test_a_colour_survives_the_way_to_oklch_and_back(colour):
    back = contrast.oklch(*contrast.to_oklch(colour))
    for at in (1, 3, 5):
        assert abs(int(back[at : at + 2], 16) - int(colour[at : at + 2], 16)) <= 2


@given(colours)
def test_every_text_derived_from_a_brand_colour_can_be_read_where_it_stands(colour):
    palette = derive("brand", colour, SURFACES)
    for mode in (0, 1):
        text, soft = palette["brand-text"][mode], palette["brand-soft"][mode]
        for surface in (*(pair[mode] for pair in SURFACES.values()), soft):
            assert contrast.contrast(text, surface) >= 4.5
        for fill in ("brand", "brand-hover"):
            assert contrast.contrast(palette["on-brand"][mode], palette[fill][mode]) >= 4.5


@given(colours)
def test_a_brand_fill_never_vanishes_into_a_dark_page(colour):
    assert contrast.contrast(derive("brand", colour, SURFACES)["brand"][1], "#0f1216") >= 3


@pytest.mark.parametrize(
    "value", ["#FFFFFF", "#fff", "red", "#ffffff;", "#ffffff\n", "", None, 7, "url(#ffffff)"]
)
def test_only_six_lower_case_digits_are_a_colour(value):
    assert not contrast.is_hex(value)
