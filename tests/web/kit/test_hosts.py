"""Which hosts answer, and with what (P15, attacks A-01 to A-09): exact names that were verified, and nothing else.

And a session is worth nothing on another host (B-01).
"""

import re

import pytest
from sqlalchemy import func, select
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from app.domain.people.models import WebSession
from app.domain.tenants.rules.hosts import BadHost, canonical_host


@pytest.mark.parametrize(
    "written",
    ["acme.localhost", "ACME.localhost", "acme.localhost.", "acme.localhost:8000", "Acme.LocalHost.:443"],
)
def test_a_host_may_be_written_in_several_ways(app, acme, written):
    answer = app.test_client().get("/sign-in", headers={"Host": written})
    assert answer.status_code == 200
    assert "Acme Cloud" in answer.get_data(as_text=True)


UNKNOWN = [
    "evil.test",
    "acme.localhost.evil.test",
    "xacme.localhost",
    "localhost",
    "a.acme.localhost",
    "xn--cme-7cd.localhost",
]
MALFORMED = [
    "", "acme.localhost:99999", "acme.localhost:", "acme.localhost:80a", "acme_.localhost", "-acme.localhost",
    "127.0.0.1", "[::1]", "0x7f.1", "2130706433", "acme..localhost", "acme.localhost..", "acme localhost",
    "acme.localhost/evil", "acme.localhost@evil.test", "acme.localhost\x00", "ﬁrm.test", "１２７.0.0.1",
    "acme\u3002localhost", "ac\u200dme.localhost", "xn--a.localhost", "a" * 64 + ".localhost", "a." * 130 + "b",
    "acme.localhost,evil.test", "acme.localhost, acme.localhost",
]  # fmt: skip


def _ask(app, host: str, path: str = "/sign-in", method: str = "GET") -> Response:
    """A request whose Host header is exactly `host`, which a client would refuse to send."""
    environ = EnvironBuilder(path=path, method=method).get_environ() | {"HTTP_HOST": host}
    return Response(*run_wsgi_app(app, environ))


@pytest.mark.parametrize("host", UNKNOWN)
def test_an_unknown_host_gets_the_same_plain_404_as_any_other(app, acme, host):
    answer = _ask(app, host)
    assert (answer.status_code, answer.get_data(as_text=True)) == (404, "404 Nothing here\n")
    assert answer.content_type.startswith("text/plain")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("host", MALFORMED)
@pytest.mark.parametrize("path", ["/sign-in", "/console/sign-in", "/no/such/page"])
def test_a_malformed_host_gets_400(app, acme, host, path):
    answer = _ask(app, host, path)
    assert answer.status_code == 400
    assert "Acme" not in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


def test_an_absent_host_gets_400(app, acme):
    assert app.test_client().get("/sign-in", environ_overrides={"HTTP_HOST": None}).status_code == 400


@pytest.mark.parametrize("host", ["evil.test", "acme.localhost:99999"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_strange_hosts_write_nothing(app, acme, in_scope, host, method):
    _ask(app, host, "/forgotten-password", method)
    with in_scope() as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0


def test_hosts_are_canonicalised_by_one_function():
    assert canonical_host("SHOP.Example.:443") == "shop.example"
    for host in (*MALFORMED[1:], "shop.example:0"):
        with pytest.raises(BadHost):
            canonical_host(host)


def _plain(page) -> str:
    """The page without what differs at every request: the CSRF token."""
    return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", page.html)


def test_the_consoles_paths_do_not_exist_in_a_shop_nor_the_shops_in_the_console(app, ann, otto, browser_for):
    gates = app.extensions["gates"]
    buyer, operator = browser_for(ann), browser_for(otto)
    missing = buyer.get("/no/such/page")
    for rule in app.url_map.iter_rules():
        side = gates[rule.endpoint].side
        if rule.arguments or "GET" not in rule.methods or side == "both":
            continue
        if side == "platform":
            page = buyer.get(f"http://{ann.host}:8000{rule.rule}", follow=False)
            assert page.status == 404, rule.rule
            assert _plain(page) == _plain(missing).replace("/no/such/page", rule.rule)
        elif rule.rule != "/":
            page = operator.get(f"http://{otto.host}:8000{rule.rule}", follow=False)
            assert page.status == 404, rule.rule


def test_a_shops_session_is_nothing_at_another_shop_nor_at_the_console(browser_for, ann, tess, otto):
    token = browser_for(ann).cookie()
    for host, path, way_in in (
        (tess.host, "/profile", "/sign-in"),
        (otto.host, "/console/profile", "/console/sign-in"),
        (otto.host, "/admin", "/console/sign-in"),
    ):
        thief = browser_for(host=host)
        thief.set_cookie(host, token)
        assert thief.get(path).path.split("?")[0] == way_in


def test_a_consoles_session_is_nothing_at_a_shop(browser_for, otto, dora, acme):
    for person in (otto, dora):
        thief = browser_for(host=acme.host)
        thief.set_cookie(acme.host, browser_for(person).cookie())
        assert thief.get("/profile").path.startswith("/sign-in")


def test_a_session_row_moved_to_another_host_is_nothing_there_either(
    browser_for, in_scope, ann, globex, otto
):
    """The second bolt: even a row that names the other host belongs to a person of another tenant."""
    for host, path in ((globex.host, "/profile"), (otto.host, "/console/profile")):
        browser = browser_for(ann)
        with in_scope() as session:
            session.query(WebSession).update({"host": host})
        thief = browser_for(host=host)
        thief.set_cookie(host, browser.cookie(ann.host))
        assert "sign-in" in thief.get(path).path


def test_a_form_of_one_shop_cannot_be_sent_to_another(browser_for, ann, globex):
    browser = browser_for(host=ann.host)
    browser.get("/forgotten-password")
    token = browser.csrf()
    other = browser_for(host=globex.host)
    other.get("/forgotten-password")
    assert other.post("/forgotten-password", {"email": ann.email} | token).status == 400


def test_over_tls_the_cookie_is_bound_to_the_host(database, acme):
    from dataclasses import replace

    from app import create_app
    from app.core.db import db

    secure = create_app(replace(database.settings, scheme="https", port=443))
    try:
        answer = secure.test_client().get("/sign-in", base_url="https://acme.localhost")
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-awning=")
        for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert word in cookie
        assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"]
    finally:
        with secure.app_context():
            for engine in db.engines.values():
                engine.dispose()
