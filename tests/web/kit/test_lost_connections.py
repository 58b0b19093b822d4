"""A database that was started anew, or went away in the middle: never a 500, and nothing half done (promise P2)."""

import pytest
from sqlalchemy import text

from app.core.database_setup import connect
from app.core.db import db, session
from app.domain.orders.actions import carts
from app.web.kit import arrival
from app.web.storefront import frame
from tests.support.shopping import Shopping

SELF = text("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture(autouse=True)
def answers_errors(app, monkeypatch):
    """As in production: what goes wrong outside of a view is answered, and not raised in the test."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    yield
    with app.app_context():  # so that no dead connection is left to a test that does not expect one
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def ends_connections(app):
    """Ends every connection that the application has, as a restart of the database does."""

    def end():
        with connect(app.config["APP_DATABASE_URL"]) as other:
            ended = other.execute(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            ).fetchone()
        return ended[0]

    return end


def test_a_connection_that_died_in_the_pool_is_noticed_by_nobody(
    app, browser_for, ann, otto, ends_connections, in_scope
):
    shop = Shopping(app)
    offer = shop.offer("10.00")
    with shop.looking():
        product = session().execute(text("SELECT product_id FROM offer")).scalar_one()
    buyer, approver = browser_for(ann), browser_for(otto)
    assert approver.get("/admin").status == 200
    buyer.get(f"/catalogue/{product}")
    assert ends_connections() >= 1
    assert buyer.submit(f"/catalogue/{product}", offer=str(offer), quantity=3).hops == [303]
    assert [line.quantity for line in shop.cart(ann).lines] == [3]
    for browser, path in ((buyer, "/cart"), (approver, "/admin")):
        assert ends_connections() >= 1
        assert browser.get(path).status == 200


def test_a_database_that_stays_away_is_a_503_that_says_when_to_come_back(browser_for, ann, monkeypatch):
    browser = browser_for(ann)

    def arrive(*_):
        session().execute(SELF)

    monkeypatch.setattr(arrival, "arrive", arrive)
    page = browser.get("/cart")
    assert page.status == 503
    assert int(page.response.headers["Retry-After"]) > 0
    assert "Content-Security-Policy" in page.response.headers
    monkeypatch.undo()
    assert browser.get("/cart").status == 200


@pytest.mark.parametrize("path", ["/cart", "/catalogue"])
def test_a_database_that_goes_while_a_page_is_read_is_a_503(browser_for, ann, monkeypatch, path):
    browser = browser_for(ann)
    real = frame.badges
    monkeypatch.setattr(frame, "badges", lambda by: session().execute(SELF) and real(by))
    page = browser.get(path)
    assert page.status == 503
    assert int(page.response.headers["Retry-After"]) > 0
    monkeypatch.setattr(frame, "badges", real)
    assert browser.get(path).status == 200


def test_a_database_that_goes_before_the_commit_leaves_nothing_behind(app, browser_for, ann, monkeypatch):
    shop = Shopping(app)
    offer = shop.offer("10.00")
    with shop.looking():
        product = session().execute(text("SELECT product_id FROM offer")).scalar_one()
    browser = browser_for(ann)
    browser.get(f"/catalogue/{product}")
    real = carts.add

    def add(*args, **named):
        real(*args, **named)
        pid = session().execute(text("SELECT pg_backend_pid()")).scalar_one()
        with connect(app.config["APP_DATABASE_URL"]) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    monkeypatch.setattr(carts, "add", add)
    page = browser.submit(f"/catalogue/{product}", offer=str(offer), quantity=3)
    assert page.status == 503
    assert int(page.response.headers["Retry-After"]) > 0
    monkeypatch.setattr(carts, "add", real)
    assert "It is in your cart" not in browser.get(f"/catalogue/{product}").text
    assert browser.submit(f"/catalogue/{product}", offer=str(offer), quantity=2).status == 200
    assert [line.quantity for line in shop.cart(ann).lines] == [2]
