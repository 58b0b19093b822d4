"""Signing in and out: on the right host, under a new token, back to where one wanted to go."""

import pytest
from sqlalchemy import select

from app.core.events import Event
from app.domain.people.models import Person, WebSession
from tests.support.seeding import PASSWORD


def test_a_buyer_signs_in_at_the_shop_and_out_again(browser_for, ann, in_scope):
    browser = browser_for(host=ann.host)
    page = browser.get("/profile")
    assert page.path == "/sign-in?next=/profile"
    page = browser.submit(email="ANN@Nimbus.example ", password=PASSWORD)
    assert (page.path, page.status) == ("/profile", 200)
    assert page.response.headers["Cache-Control"] == "no-store"
    with in_scope() as session:
        assert session.get(Person, ann.id).last_signed_in_at is not None
        assert session.scalar(select(Event.name).where(Event.subject_id == ann.id)) == "person.signed_in"
    page = browser.submit("/sign-out")
    assert page.path == "/sign-in"
    assert "You are signed out" in page.text
    assert browser.get("/profile").path.startswith("/sign-in")


@pytest.mark.parametrize(("key", "home"), [("otto", "/admin"), ("dora", "/distributor")])
def test_resellers_and_distributor_sign_in_at_the_console(browser_for, seeds, key, home):
    person = seeds.meet(key)
    browser = browser_for(host=person.host)
    browser.get("/console/sign-in")
    page = browser.submit(follow=False, email=person.email, password=PASSWORD)
    assert page.status == 303
    assert page.response.headers["Location"] == home


def test_a_console_person_is_nobody_at_the_shop_and_a_buyer_nobody_at_the_console(browser_for, ann, otto):
    browser = browser_for(host=ann.host)
    browser.get("/sign-in")
    assert browser.submit(email=otto.email, password=PASSWORD).status == 422
    browser.get(f"http://{otto.host}:8000/console/sign-in")
    assert browser.submit(email=ann.email, password=PASSWORD).status == 422


def test_whose_password_it_is_decides_where_one_address_works_for_two_resellers(
    app, browser_for, in_scope, acme, gwen, sam
):
    from app.domain.people.passwords import hash_password

    with in_scope() as session:
        session.get(Person, gwen.id).email = sam.email
        session.get(Person, gwen.id).password_hash = hash_password("another boat with other oars")
    for password, tenant_id in ((PASSWORD, sam.tenant_id), ("another boat with other oars", gwen.tenant_id)):
        browser = browser_for(host=sam.host)
        browser.get("/console/sign-in")
        browser.submit(follow=False, email=sam.email, password=password)
        assert browser.page.status == 303
        with in_scope() as session:
            found = session.scalars(select(WebSession).order_by(WebSession.created_at.desc())).first()
            assert found.tenant_id == tenant_id


def test_the_token_changes_when_a_person_signs_in_and_the_old_one_is_nothing(browser_for, ann):
    browser = browser_for(host=ann.host)
    browser.get("/sign-in")
    fixed = browser.cookie()
    assert fixed
    browser.submit(email=ann.email, password=PASSWORD)
    assert browser.cookie() not in (None, fixed)
    attacker = browser_for(host=ann.host)
    attacker.set_cookie(ann.host, fixed)
    assert attacker.get("/profile").path.startswith("/sign-in")


def test_signing_out_ends_the_session_itself(browser_for, ann):
    browser = browser_for(ann)
    token = browser.cookie()
    browser.get("/profile")
    browser.submit("/sign-out")
    thief = browser_for(host=ann.host)
    thief.set_cookie(ann.host, token)
    assert thief.get("/profile").path.startswith("/sign-in")


@pytest.mark.parametrize(
    "wanted",
    ["//evil.test", "https://evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test", "/%09/evil.test\r\nX: y",
     "javascript:alert(1)", "evil.test", "///evil.test", "/ /evil.test"],
)  # fmt: skip
def test_next_leads_nowhere_else(browser_for, ann, wanted):
    browser = browser_for(host=ann.host)
    browser.open("GET", "/sign-in", query_string={"next": wanted})
    page = browser.submit(follow=False, email=ann.email, password=PASSWORD)
    assert page.status == 303
    assert page.response.headers["Location"] == "/"


def test_next_leads_to_ones_own_side_only(browser_for, dora):
    browser = browser_for(host=dora.host)
    browser.get("/console/sign-in?next=/admin/orders")
    page = browser.submit(follow=False, email=dora.email, password=PASSWORD)
    assert page.response.headers["Location"] == "/distributor"


def test_somebody_signed_in_already_is_taken_where_they_wanted(browser_for, ann):
    assert browser_for(ann).get("/sign-in?next=/profile").path == "/profile"


def test_what_was_typed_when_a_session_ran_out_is_there_after_signing_in_again(
    app, browser_for, ann, in_scope
):
    browser = browser_for(ann)
    browser.get("/profile")
    with in_scope() as session:
        session.query(WebSession).delete()
    page = browser.submit("Save", name="Ann Becker-Holm")
    assert page.path == "/sign-in?next=/profile"
    page = browser.submit(email=ann.email, password=PASSWORD)
    assert page.path == "/profile"
    assert page.one("input[name=name]")["value"] == "Ann Becker-Holm"
    page = browser.submit("Save")
    assert "Your profile is saved" in page.text


def test_a_person_let_go_is_out_on_the_next_request(browser_for, ann, in_scope):
    browser = browser_for(ann)
    assert browser.get("/profile").path == "/profile"
    with in_scope() as session:
        session.get(Person, ann.id).is_active = False
    assert browser.get("/profile").path.startswith("/sign-in")
    assert browser.submit(email=ann.email, password=PASSWORD).status == 422


@pytest.mark.parametrize(
    "email", ["mıke@x.test", "a@x.test,b@evil.test", "ann@nimbus.example\r\nBcc: x@evil.test"]
)
def test_what_is_not_an_address_is_said_beside_the_field(browser_for, ann, email):
    browser = browser_for(host=ann.host)
    browser.get("/sign-in")
    page = browser.submit(email=email, password=PASSWORD)
    assert page.status == 422
    assert page.one("input[name=email]")["aria-invalid"] == "true"


def test_a_field_that_the_form_does_not_have_is_refused(browser_for, ann):
    browser = browser_for(host=ann.host)
    browser.get("/sign-in")
    page = browser.post(
        "/sign-in", {"email": ann.email, "password": PASSWORD, "realm": "console"} | browser.csrf()
    )
    assert page.status == 400


def test_a_form_without_its_token_is_refused(browser_for, ann):
    browser = browser_for(host=ann.host)
    browser.get("/sign-in")
    assert browser.post("/sign-in", {"email": ann.email, "password": PASSWORD}).status == 400
    token = browser.csrf() if browser.page.all("input[name=csrf_token]") else {}
    page = browser.post(
        "/sign-in",
        {"email": ann.email, "password": PASSWORD} | token,
        headers={"Origin": "https://evil.test"},
    )
    assert page.status == 400


def test_flask_login_knows_the_same_person(app, browser_for, ann):
    from flask import g
    from flask_login import current_user

    seen = []

    def look(response):
        seen.append((current_user.is_authenticated, g.arrival.person is not None))
        return response

    app.after_request_funcs.setdefault(None, []).append(look)
    try:
        browser_for(ann).get("/profile")
        browser_for(host=ann.host).get("/sign-in")
    finally:
        app.after_request_funcs[None].remove(look)
    assert seen == [(True, True), (False, False)]
