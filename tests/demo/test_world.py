"""The demo world: what it is made of fits together, and once built no page of it is empty or broken."""

import re
import stat
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.core.db import session
from app.demo import world
from app.demo.cast import CUSTOMERS, PEOPLE, RESELLERS
from app.demo.world.history import HABITS
from app.demo.world.password import demo_password, password_file
from app.demo.world.pictures import logo
from app.demo.world.shops import FURNISHINGS
from app.domain.catalog.models import Offer
from app.domain.orders.models import Order
from app.domain.people.rules.addresses import canonical_email
from app.domain.people.rules.passwords import problem_with
from app.domain.people.rules.roles import ROLES
from app.domain.subscriptions.models import Subscription
from app.domain.tenants import images
from app.verify import CHECKS
from tests.support.browser import Browser


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


@pytest.mark.parametrize("key", list(FURNISHINGS))
def test_the_drawn_logos_are_pictures_that_a_shop_takes(key):
    plan = FURNISHINGS[key]
    picture = images.take(logo(RESELLERS[key].name, plan.mark, plan.colour, plan.ink), field="logo")
    assert picture.width > picture.height > 20


@pytest.mark.full
def test_a_world_is_built_once_holds_every_invariant_and_shows_no_broken_page(app, in_scope):
    said: list[str] = []
    world.build(app, progress=said.append)
    assert len(said) == 4
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
    world.build(app, progress=said.append)
    assert len(said) == 4, "a world that is there is left alone"
    for key in ("ann", "paul", "tess", "olivia", "finn", "gwen", "dora"):
        assert _broken_pages(app, key) == []


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
