"""No kept page may read what no mark speaks for (`app/web/kit/marks.py`), nor of a request what it is not found by."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from werkzeug.datastructures import EnvironHeaders, Headers

from app.core.db import Base, db
from app.domain.catalog.queries import shelf
from app.web.kit import keeping, marks, remember
from tests.support.kept import kept_world

#: They only say what the scope is.
OF_THE_WALL = {"tenant_in_scope", "everyone_in_scope", "account_in_scope", "plain"}


@pytest.fixture
def world(app, browser_for, in_scope, seeds):
    with kept_world(app, browser_for, in_scope, seeds) as made:
        yield made


def _reads(app: Flask, act: Callable[[], None]) -> set[str]:
    """The tables and functions of ours that are named in what is asked."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    asked = re.sub(r"'[^']*'", "", " ".join(seen))
    with app.app_context(), engine.connect() as connection:
        ours = text(
            "SELECT proname FROM pg_proc WHERE proowner = (SELECT relowner FROM pg_class WHERE relname = 'tenant')"
        )
        functions = set(connection.execute(ours).scalars()) - OF_THE_WALL
    tables = set(re.findall(r"(?:FROM|JOIN|,)\s+\"?([a-z_]+)", asked)) & set(Base.metadata.tables)
    return tables | (set(re.findall(r"([a-z_]+)\(", asked)) & functions)


def test_every_table_a_kept_page_reads_has_its_mark(world, browser_for):
    stranger = browser_for(host=world.browser.host)

    def look() -> None:
        for path in (*world.pages, "/catalogue?q=product&vendor=microsoft&sort=-title"):
            shelf._kept.clear()
            world.made(path)
            remember.forget()
            stranger.get(path)

    found = _reads(world.app, look)
    assert {"tenant", "person", "cart_line", "price_rule", "offer"} <= found, "the search finds nothing"
    uncovered = found - marks.COVERED
    assert not uncovered, "add a mark for these tables in app/web/kit/marks.py"


def test_the_search_finds_a_table_without_a_mark(world):
    def look() -> None:
        with world.in_scope() as session:
            session.execute(text("SELECT count(*) FROM subscription"))

    assert _reads(world.app, look) - marks.COVERED == {"subscription"}


#: Asked for by the machinery of every request, and never shown.
UNSHOWN = {
    "Content-Type",
    "Content-Length",
    "Transfer-Encoding",
    "Origin",
    "User-Agent",
    "X-Forwarded-For",
    "If-None-Match",
}
FOUND_BY = {name.removeprefix("HTTP_").replace("_", "-").title() for name in keeping.READ if "HTTP_" in name}


def test_a_kept_page_reads_nothing_of_a_request_but_what_it_is_found_by(world, browser_for, monkeypatch):
    read: set[str] = set()

    def noting(plain: Any) -> Any:
        def note(self: Any, key: Any, *args: Any, **options: Any) -> Any:
            if isinstance(self, EnvironHeaders) and isinstance(key, str):
                read.add(key.title())
            return plain(self, key, *args, **options)

        return note

    stranger = browser_for(host=world.browser.host)
    for kind in (Headers, EnvironHeaders):
        for name in {"__getitem__", "get", "getlist", "__contains__"} & set(vars(kind)):
            monkeypatch.setattr(kind, name, noting(vars(kind)[name]))
    for path in world.pages:
        world.made(path)
        stranger.get(path)
    assert {"Cookie", "Accept-Language"} <= read, "the notes are empty"
    assert not read - FOUND_BY - UNSHOWN
