"""The price grid in Chromium, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.world import World
from tests.support.chromium import Heard

pytestmark = pytest.mark.browser


def test_a_line_is_found_opened_changed_and_closed_without_a_mouse(world: World, heard: Heard) -> None:
    owner = world.people["olivia"]
    context = world.context(owner, heard=heard, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    home = world.origin(owner.host) + world.places["draft"].split("?")[0]
    page.goto(f"{home}/lines")
    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(50)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    for key in ("j", "j", "k", "j", "x"):
        page.keyboard.press(key)
    expect(rows.nth(1)).to_be_focused()
    expect(page.locator(".grid-count")).to_have_text("1 chosen")
    page.keyboard.press("Enter")
    expect(page.locator("#value")).to_be_focused()
    form = page.locator(".line-form")
    box = form.bounding_box()
    assert box is not None
    assert box["width"] > 300
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#kind").select_option("fixed")
    page.locator("#value").fill("12.34")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The line is changed in the draft.")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("€12.34")
    expect(rows.nth(1)).to_contain_text("Own rule")
    context.close()
