"""Kept pages: given again as they were, never late, never to anybody else.

A new mark (`app/web/kit/marks.py`) asks for a write below that shows what it is for. That no mark is missing is the
subject of `tests/architecture/test_kept_pages.py`.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.actor import SYSTEM
from app.core.ids import new_id
from app.domain.catalog.actions import choose
from app.domain.catalog.models import PriceSheet
from app.domain.notices.models import Notice
from app.domain.orders.actions import carts
from app.domain.people.models import Delegation
from app.domain.pricing import actions as pricing
from app.domain.pricing.actions.drafts import default_rule
from app.domain.pricing.models import PriceBook
from app.domain.pricing.rules.checks import RuleInput
from app.web.kit import arrival, keeping, marks, remember
from tests.support.kept import TOKEN, World, kept_world
from tests.support.shopping import over


@pytest.fixture
def world(app, browser_for, in_scope, seeds):
    with kept_world(app, browser_for, in_scope, seeds) as made:
        yield made


def _publish(world: World, percent: int) -> None:
    with world.in_scope(world.acme) as session:
        _publish_another(session.get_one(PriceBook, world.book), percent)


def _publish_another(book: PriceBook, percent: int) -> None:
    draft = pricing.draft_of(book, by=SYSTEM)
    pricing.change_rule(default_rule(draft), RuleInput("percent", Decimal(percent)), by=SYSTEM)
    pricing.publish(draft, by=SYSTEM)


def _put_in_cart(world: World) -> None:
    with world.in_scope(world.ann):
        carts.add(world.nimbus.id, world.offers[1], 1, by=world.ann.actor)


def _ask_for_approval(world: World) -> None:
    world.shop.policy(world.otto, world.nimbus, over("1", asks="customer"))
    world.shop.order(world.paul, [(world.offers[0], 5)])


def _tell(world: World) -> None:
    with world.in_scope(world.acme) as session:
        about = {
            "event_id": new_id(),
            "kind": "order.placed",
            "values": {},
            "path": "/orders",
            "mail_how": "never",
        }
        session.add(Notice(person_id=world.ann.id, **about))


def _stand_in(world: World) -> None:
    today = clock.today("Europe/Berlin")
    with world.in_scope(world.acme) as session:
        session.add(
            Delegation(person_id=world.paul.id, delegate_id=world.ann.id, starts_on=today, ends_on=today)
        )


def _choose(world: World) -> None:
    with world.in_scope(world.acme):
        choose("product", world.product, False, by=SYSTEM)


def _take_a_sheet(world: World) -> None:
    with world.in_scope() as session:
        session.add(
            PriceSheet(
                vendor_id=world.shop.vendor, file_name="next.csv", digest="1" * 64, size=1, person_name="A test",
                state="taken", revision=2,
            )
        )  # fmt: skip
        session.execute(text("UPDATE product SET title = title || ' Plus'"))


def _distributors_book(world: World) -> None:
    with world.in_scope():
        book = pricing.make_book("Resellers", "EUR", [RuleInput("percent", Decimal(20))], by=SYSTEM)
        pricing.set_default(book, by=SYSTEM)


def _distributor_publishes(world: World) -> None:
    with world.in_scope() as session:
        book = session.query(PriceBook).filter_by(name="Resellers").one()
        _publish_another(book, 50)


def _another_host(world: World) -> None:
    world.sql("UPDATE tenant_host SET is_canonical = false WHERE tenant_id = :id", id=world.acme.id)
    world.sql("INSERT INTO tenant_host VALUES ('acme.test', :id, true, now())", id=world.acme.id)


def _price_turns(world: World) -> None:
    """An hour passes; in it the vendor asked another price, and nobody wrote anything."""


WRITES = {
    "tenant": lambda w: w.sql("UPDATE tenant SET name = 'Akme' WHERE id = :id", id=w.acme.id),
    "host": _another_host,
    "person": lambda w: w.sql("UPDATE person SET roles = '{billing}' WHERE id = :id", id=w.ann.id),
    "account": lambda w: w.sql("UPDATE account SET name = 'Cumulus' WHERE id = :id", id=w.nimbus.id),
    "cart": _put_in_cart,
    "approvals": _ask_for_approval,
    "notices": _tell,
    "stand-ins": _stand_in,
    "choices": _choose,
    "catalog": _take_a_sheet,
    "own prices": lambda w: _publish(w, 30),
    "distributor's prices": _distributor_publishes,
    "turned": _price_turns,
}
"""For each mark something that changes what it speaks for, and can be seen at /catalogue."""

UNSEEN = {"host": "nothing on these pages names the shop's own host; mails and the like do"}


def _prepare(world: World, name: str) -> None:
    # two publications at one instant: the second moves no turn, only the count of changes
    if name == "own prices":
        _publish(world, 20)
    if name == "distributor's prices":
        _distributors_book(world)
    if name == "stand-ins":
        world.sql("UPDATE person SET roles = '{buyer}' WHERE id = :id", id=world.ann.id)
    if name == "turned":
        with world.in_scope():
            world.shop.price(world.offers[0], "99.00", since=clock.now() + timedelta(minutes=1))


def _later(world: World, name: str) -> Any:
    return clock.at(clock.now() + timedelta(minutes=2 if name == "turned" else 0))


def test_a_page_that_has_not_changed_is_given_again_byte_for_byte_by_one_statement(world, statements):
    world.keep()  # the first page of a session gives it its token
    for path in world.pages:
        first = world.browser.get(path)
        with statements() as seen:
            again = world.browser.get(path)
        assert seen == ["the marks of a kept page"], path
        assert again.response.data == first.response.data
        assert list(again.response.headers) == list(first.response.headers)
        assert again.response.headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in again.response.headers


def test_there_is_a_write_for_every_mark():
    assert list(WRITES) == [mark.name for mark in marks.MARKS], "add the write that your mark is for"


@pytest.mark.parametrize("name", WRITES)
def test_a_page_changes_with_everything_it_shows(world, name, monkeypatch):
    """And its mutant: without this one mark, the page is given late."""
    with clock.at(clock.now()):
        _changes_with(world, name, monkeypatch)


def _changes_with(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _prepare(world, name)
    blind = [mark._replace(sql="NULL") if mark.name == name else mark for mark in marks.MARKS]
    with monkeypatch.context() as mutant:
        mutant.setattr(keeping, "_STILL", keeping.for_psycopg(marks.still(blind)))
        mutant.setattr(arrival, "_ARRIVE", text(marks.arriving(blind)))
        before = {path: world.get(path) for path in world.pages}
        WRITES[name](world)
        with _later(world, name):
            assert world.get("/catalogue") == before["/catalogue"], (
                "the mutant sees it, so something else tells"
            )
    with _later(world, name):
        for path in world.pages[: 2 if name == "choices" else 3]:
            shown = world.get(path)
            assert shown == world.made(path)
            assert name in UNSEEN or path != "/catalogue" or shown != before[path], "nothing to be seen"


def test_an_ended_session_sees_nothing_of_it_any_more(world):
    world.keep()
    world.sql("DELETE FROM web_session")
    for path in world.pages:
        assert "Nimbus" not in world.get(path)


def test_nobody_is_given_another_ones_page(world, browser_for, seeds, monkeypatch):
    """The cookie is part of what was asked; and were it not, a page still belongs to one cookie."""
    others = [browser_for(seeds.meet("paul")), browser_for(host=world.browser.host)]
    for blind in (False, True):
        with monkeypatch.context() as patch:
            if blind:
                patch.setattr(keeping, "READ", tuple(n for n in keeping.READ if n != "HTTP_COOKIE"))
            world.keeping.store.clear()
            world.keep()
            hers = {path: world.get(path) for path in world.pages}
            for path in world.pages:
                for other in others:
                    shown = TOKEN.sub("", other.get(path).html)
                    assert shown != hers[path]
                    assert world.ann.name not in shown
                assert world.get(path) == hers[path]


def test_two_shops_never_share_a_page(world, browser_for, seeds):
    tess = browser_for(seeds.meet("tess"))
    for _ in range(2):
        assert "Acme" in world.get("/catalogue")
        assert "Acme" not in tess.get("/catalogue").html


def _look_in_turn(world: World, browsers: list[Any]) -> None:
    """Each sees what they see alone, whoever came before and whatever of theirs was remembered."""

    def seen(browser: Any, path: str) -> str:
        world.keeping.store.clear()
        return TOKEN.sub("", browser.get(path).html)

    for path in (*world.pages, "/catalogue?q=product"):
        alone = []
        for browser in browsers:
            remember.forget()
            alone.append(seen(browser, path))
        for order in (range(len(browsers)), reversed(range(len(browsers)))):
            remember.forget()
            for n in order:
                assert seen(browsers[n], path) == alone[n]


def test_whoever_came_before_leaves_nothing_on_a_page(world, browser_for, seeds, monkeypatch):
    world.shop.offer("30.00", segment="education")
    others = [browser_for(seeds.meet(name)) for name in ("paul", "nora", "liam")]
    browsers = [world.browser, *others, browser_for(host=world.browser.host)]
    for browser in browsers:
        browser.get("/")  # the first page of a session gives it its token
    _look_in_turn(world, browsers)
    # the mutant: what is a person's is remembered as if it were the shop's
    monkeypatch.setattr(
        remember, "of_the_person", lambda name, make: remember.of_the_shop(name, "everybody", make)
    )
    with pytest.raises(AssertionError):
        _look_in_turn(world, browsers)


def _publish_and_read(world: World, times: int) -> None:
    shown = [world.get("/catalogue")]
    for turn in range(times):
        _publish(world, 11 + turn)
        shown.append(world.get("/catalogue"))
        assert shown[-1] == world.get("/catalogue")
    assert len(set(shown)) == times + 1


def test_what_was_published_is_read_at_once(world):
    _publish_and_read(world, 25)


@pytest.mark.full
def test_what_was_published_is_read_at_once_a_thousand_times(world):
    _publish_and_read(world, 1000)


def test_the_store_holds_no_more_than_it_may():
    store = keeping.Store(100_000)
    for n in range(50):
        ticket = keeping.Ticket(("", ""), {})
        store.put((str(n),), keeping.Page(ticket, None, [], b"x" * 8_000, ""))
        store.put((str(n),), keeping.Page(ticket, None, [], b"x" * 9_000, ""))
        assert store.get(("0",)) is not None or n >= 8, "what was asked for last goes last"
        assert store.size == sum(page.size for page in store._pages.values()) <= 100_000
    store.put(("huge",), keeping.Page(ticket, None, [], b"x" * 30_000, ""))
    assert store.get(("huge",)) is None
