"""The story in Chromium, with scripts and without: found, bought, waited for, approved, delivered."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import PREMIUM, World
from tests.support.chromium import Heard
from tests.support.seeding import PASSWORD, Met

pytestmark = pytest.mark.browser

expect.set_options(timeout=15_000)


def sign_in(world: World, page: Page, who: Met) -> None:
    page.goto(world.origin(who.host) + ("/sign-in" if who.realm == "storefront" else "/console/sign-in"))
    page.locator("[name=email]").fill(who.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Your menu")).to_be_attached()


def find(page: Page) -> None:
    """By words, then by a filter, then the product itself."""
    page.locator("#site-search").fill("business premium")
    page.locator("#site-search").press("Enter")
    expect(page).to_have_url(re.compile(r"/catalogue\?q=business"))
    page.get_by_role("link", name=PREMIUM, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(PREMIUM)


def check_out(page: Page, number: str) -> str:
    """First without the tick, then with it; answers the order's number."""
    page.get_by_role("link", name="Check out").click()
    page.locator("[name=purchase_order_number]").fill(number)
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator(".errors")).to_be_visible()
    expect(page.locator("[name=purchase_order_number]")).to_have_value(number)
    page.locator("[name=accepted_terms]").check()
    page.get_by_role("button", name="Place the order").click()
    expect(page).to_have_url(re.compile(r"/orders/O-"))
    expect(page.get_by_text("Waiting for approval").first).to_be_visible()
    return page.url.rsplit("/", 1)[1]


def approve(world: World, number: str, heard: Heard, *, scripts: bool) -> None:
    context = world.context(heard=heard, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(world, page, world.people["otto"])
    page.goto(world.origin(world.people["otto"].host) + "/admin/approvals")
    page.locator("tr", has_text=number).get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/admin/approvals/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name="Decide")).to_be_visible()
    page.get_by_label("Comment").fill("Fine, the team grows.")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".decided")).to_contain_text("Otto Richter")
    context.close()


def test_the_story_with_scripts_never_reloads_the_page(world: World, heard: Heard) -> None:
    context = world.context(heard=heard)
    page = context.new_page()
    sign_in(world, page, world.people["ann"])
    page.evaluate("window.sameDocument = true")

    find(page)
    # after a link, the keyboard is somewhere
    page.wait_for_function("document.activeElement !== document.body")
    page.get_by_label("How many?").fill("40")
    page.get_by_role("button", name="One more").click()
    expect(page.locator("#buy .sums")).to_contain_text("41 ×")
    page.get_by_role("button", name="Add to cart").click()
    expect(page).to_have_url(re.compile(r"/cart$"))
    expect(page.locator("#cart-badge .count-badge")).to_be_visible()

    number = check_out(page, "PO-4711")
    approve(world, number, heard, scripts=True)
    expect(page.get_by_text("On its way")).to_be_visible()
    world.work()
    expect(page.get_by_text("Everything is delivered").first).to_be_visible()
    expect(page.locator(".timeline").first).to_contain_text("Fine, the team grows.")
    assert page.evaluate("window.sameDocument === true"), "something on the way loaded the page anew"

    page.get_by_role("link", name="See your subscriptions").click()
    expect(page.get_by_role("link", name=PREMIUM).first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(rf"/orders/{number}$"))
    expect(page.get_by_text("Everything is delivered").first).to_be_visible()
    context.close()


def test_the_story_without_scripts(world: World, heard: Heard) -> None:
    context = world.context(heard=heard, java_script_enabled=False)
    page = context.new_page()
    sign_in(world, page, world.people["ann"])
    find(page)
    page.get_by_label("How many?").fill("41")
    page.get_by_role("button", name="Work out the price").click()
    expect(page.locator("#buy .sums")).to_contain_text("41 ×")
    page.get_by_role("button", name="Add to cart").click()
    expect(page).to_have_url(re.compile(r"/cart$"))
    number = check_out(page, "PO-4712")
    approve(world, number, heard, scripts=False)
    world.work()
    page.reload()
    expect(page.get_by_text("Everything is delivered").first).to_be_visible()
    page.get_by_role("link", name="See your subscriptions").click()
    expect(page.get_by_role("link", name=PREMIUM).first).to_be_visible()
    context.close()


def test_filters_apply_as_they_are_ticked_and_the_address_follows(world: World, heard: Heard) -> None:
    context = world.context(heard=heard)
    page = context.new_page()
    page.goto(world.origin("acme.localhost") + "/catalogue")
    page.evaluate("window.sameDocument = true")
    before = page.locator("#results [role=status]").inner_text()
    page.locator("[name=vendor][value=google]").check()
    expect(page).to_have_url(re.compile("vendor=google"))
    expect(page.locator("#results [role=status]")).not_to_have_text(before)
    expect(page.locator("[name=vendor][value=google]")).to_be_checked()
    page.go_back()
    expect(page.locator("#results [role=status]")).to_have_text(before)
    context.close()


def test_filters_work_without_scripts(world: World, heard: Heard) -> None:
    context = world.context(heard=heard, java_script_enabled=False)
    page = context.new_page()
    page.goto(world.origin("acme.localhost") + "/catalogue")
    page.locator("[name=vendor][value=google]").check()
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("vendor=google"))
    expect(page.locator("[name=vendor][value=google]")).to_be_checked()
    context.close()


def test_a_quantity_in_the_cart_that_cannot_be_is_kept_and_explained(world: World, heard: Heard) -> None:
    context = world.context(world.people["tess"], heard=heard)
    page = context.new_page()
    page.goto(world.origin(world.people["tess"].host) + "/cart")
    field = page.get_by_label(re.compile("^Quantity of")).first
    field.fill("0")
    expect(page.locator("#cart .error").first).to_be_visible()
    expect(page.get_by_label(re.compile("^Quantity of")).first).to_have_value("0")
    context.close()
