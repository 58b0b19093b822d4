"""The demo world: what it is made of fits together, and once built no page of it is empty or broken."""

import csv
import json
import re
import stat
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.connectors.sandbox.connector import SandboxConnector
from app.connectors.sandbox.vendor.store import Store
from app.core import clock
from app.core.db import session
from app.demo import world
from app.demo.cast import CUSTOMERS, PEOPLE, RESELLERS
from app.demo.products import LINES
from app.demo.sheets import rows
from app.demo.world import goods
from app.demo.world.history import HABITS
from app.demo.world.password import demo_password, password_file
from app.demo.world.pictures import logo
from app.demo.world.shops import FURNISHINGS
from app.demo.world.vendor import PastVendor, sandbox_file
from app.domain.catalog.models import Offer
from app.domain.orders.models import Order
from app.domain.people.rules.addresses import canonical_email
from app.domain.people.rules.passwords import problem_with
from app.domain.people.rules.roles import ROLES
from app.domain.subscriptions.models import Subscription
from app.domain.tenants import images
from app.domain.vendors.ports import ProvisionRequest, SeatChange, VendorConflict, VendorCustomer
from app.verify import CHECKS
from tests.support.browser import Browser
from tests.support.sandbox import TOKEN, SandboxServer


def test_the_cast_is_complete_and_plays_known_roles():
    assert len(RESELLERS) == 2
    assert len(CUSTOMERS) == 6
    assert len(PEOPLE) >= 12
    for player in PEOPLE.values():
        assert canonical_email(player.email) == player.email
        assert player.email.endswith(".example"), "nobody's real address"
        assert set(player.roles) <= set(ROLES[player.realm])
    for customer in CUSTOMERS.values():
        assert [player for player in PEOPLE.values() if player.at == customer.key]
    for habit in HABITS:
        assert PEOPLE[habit.buyer].at == habit.customer
    assert set(FURNISHINGS) == set(RESELLERS)


def test_the_password_is_made_once_for_its_owners_eyes_only(tmp_path, database):
    settings = replace(database.settings, data_dir=tmp_path / "new")
    password = demo_password(settings)
    assert demo_password(settings) == password
    assert problem_with(password) is None
    assert stat.S_IMODE(password_file(settings).stat().st_mode) == 0o600
    assert demo_password(replace(settings, data_dir=tmp_path / "other")) != password


def test_the_world_sells_nothing_under_a_made_up_name():
    for vendor, wanted in goods.OFFERS.items():
        titles = {line.title for line in LINES[vendor]}
        sheet = csv.reader(rows(vendor=vendor, offers=wanted, markets=goods.MARKETS))
        assert {row[1] for row in sheet} <= titles


@pytest.mark.parametrize("key", list(FURNISHINGS))
def test_the_drawn_logos_are_pictures_that_a_shop_takes(key):
    plan = FURNISHINGS[key]
    picture = images.take(logo(RESELLERS[key].name, plan.mark, plan.colour, plan.ink), field="logo")
    assert picture.width > picture.height > 20


def test_what_was_bought_in_the_past_can_be_changed_and_cancelled_at_the_sandbox_today(tmp_path):
    past = PastVendor(tmp_path / "state")
    with clock.at(clock.now() - timedelta(days=3)):
        sold = [past.provision(_wanted(f"key-{n}", seats)) for n, seats in ((1, 10), (2, 5), (1, 10))]
        grown = past.change(sold[0].vendor_subscription_id, SeatChange("change-1", 10, 12))
        with pytest.raises(VendorConflict):
            past.change(sold[0].vendor_subscription_id, SeatChange("change-2", 10, 13))
    assert sold[0] != sold[1]
    assert sold[0].vendor_subscription_id == sold[2].vendor_subscription_id, (
        "the same key is the same purchase"
    )
    past.close()
    sandbox = SandboxServer(tmp_path / "state").start()
    try:
        vendor = SandboxConnector(sandbox.url, TOKEN)
        assert vendor.subscription(sold[0].vendor_subscription_id) == grown
        seats = SeatChange("change-3", 12, 11, grown.etag)
        assert vendor.change(grown.vendor_subscription_id, seats).quantity == 11
        assert vendor.cancel(sold[1].vendor_subscription_id, key="cancel-1").state == "cancelled"
        vendor.close()
    finally:
        sandbox.kill9()


def _wanted(key: str, seats: int) -> ProvisionRequest:
    customer = VendorCustomer("account-1", "Nimbus GmbH", "DE", "ann@nimbus.example")
    return ProvisionRequest(
        key, f"O-1/{key}", customer, "CFQ7TTC0LCHC", "0002", "P1Y", "annual", "commercial", "DE", seats
    )


@pytest.mark.full
def test_a_world_is_built_once_holds_every_invariant_and_shows_no_broken_page(
    app, in_scope, tmp_path, monkeypatch
):
    settings = replace(app.config["SETTINGS"], data_dir=tmp_path)
    monkeypatch.setitem(app.config, "SETTINGS", settings)  # the past's purchases go to a sandbox of its own
    said: list[str] = []
    world.build(app, progress=said.append)
    assert len(said) == 5
    with in_scope(None, read_only=True):
        assert 2_900 <= session().scalar(select(func.count()).select_from(Offer)) <= 3_300
        states = {
            row[0]: row[1]
            for row in session().execute(select(Order.state, func.count()).group_by(Order.state))
        }
        assert states["completed"] > 30
        assert states["on_hold"] >= 2
        assert states["canceled"] >= 1
        assert session().scalar(select(func.count()).select_from(Subscription)) > 40
        assert {name: broken for name, check in CHECKS if (broken := check())} == {}
        subscriptions = session().scalars(select(Subscription)).all()
        assert _known_to_the_sandbox(app) == {
            (one.vendor_subscription_id, one.state, one.vendor_quantity) for one in subscriptions
        }
    world.build(app, progress=said.append)
    assert len(said) == 5, "a world that is there is left alone"
    for key in ("ann", "paul", "tess", "olivia", "finn", "gwen", "dora"):
        assert _broken_pages(app, key) == []


def _known_to_the_sandbox(app) -> set[tuple[str, str, int]]:
    store = Store(sandbox_file(app.config["SETTINGS"]))
    found = [json.loads(row["body"]) for row in store.read("SELECT body FROM subscriptions")]
    store.close()
    return {(one["id"], one["status"], one["quantity"]) for one in found}


def _broken_pages(app, key: str, most: int = 60) -> list[str]:
    """Signs in and follows one link of every shape there is."""
    player = PEOPLE[key]
    reseller = CUSTOMERS[player.at].reseller if player.at in CUSTOMERS else None
    settings = app.config["SETTINGS"]
    browser = Browser(app, settings.shop_host(reseller) if reseller else settings.platform_host)
    browser.get("/sign-in" if reseller else "/console/sign-in")
    start = browser.submit(email=player.email, password=demo_password(settings)).path
    waiting, seen, broken = [start], set(), []
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        page = browser.get(path)
        if page.status >= 400:
            broken.append(f"{key}: {path} {page.status}")
        if "html" not in page.response.content_type:
            continue
        shapes: set[str] = set()
        for link in page.all("a[href^='/']"):
            href = str(link["href"]).split("#")[0]
            shape = re.sub(r"[0-9a-f-]{36}|[A-Z]-\d+-\d+|\?.*", "…", href)
            if shape not in shapes and not href.startswith("//"):
                shapes.add(shape)
                waiting.append(href)
    return broken
