"""Links from mails: good once, for a while, on one host, for one purpose; opening one changes nothing (P17, A-01)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.events import Event
from app.core.unit import unit
from app.domain.notices.models import Mail
from app.domain.people import actions as people
from app.domain.people.models import AccessLink, Person, WebSession
from tests.support.seeding import PASSWORD

FRESH = "seven slow ships in a row"


@pytest.fixture
def asked(browser_for, worker, mailbox, ann):
    """Ann asked for a new password; the answer is the link in her mail."""
    browser = browser_for(host=ann.host)
    browser.get("/forgotten-password")
    assert "a mail with a link is on its way" in browser.submit(email=ann.email).text
    worker()
    return mailbox.link(ann.email)


def test_a_forgotten_password_is_chosen_anew_by_a_link_on_the_shops_own_host(
    browser_for, asked, ann, mailbox
):
    assert asked.startswith(f"http://{ann.host}:8000/new-password/")
    envelope = mailbox.to(ann.email)[-1]
    assert envelope.from_name == "Acme Cloud"
    assert "Acme Cloud" in envelope.html
    browser = browser_for(host=ann.host)
    page = browser.get(asked)
    assert page.response.headers["Referrer-Policy"] == "no-referrer"
    assert page.response.headers["Cache-Control"] == "no-store"
    page = browser.submit(password=FRESH, again=FRESH)
    assert page.path == "/sign-in"
    assert browser.submit(email=ann.email, password=PASSWORD).status == 422
    assert browser.submit(follow=False, email=ann.email, password=FRESH).status == 303


def test_opening_the_link_changes_nothing_however_often(browser_for, asked, ann, in_scope):
    scanner = browser_for(host=ann.host)
    for _ in range(3):
        assert scanner.get(asked).status == 200
        assert scanner.open("HEAD", asked).status == 200
    with in_scope() as session:
        assert session.scalar(select(AccessLink)).used_at is None


def test_a_link_is_good_once(browser_for, asked, ann):
    browser = browser_for(host=ann.host)
    browser.get(asked)
    form = {"password": FRESH, "again": FRESH} | browser.csrf()
    assert browser.submit(password=FRESH, again=FRESH).path == "/sign-in"
    assert browser.get(asked).status == 404
    browser.get("/sign-in")
    assert browser.post(asked, form | browser.csrf()).status == 404


def test_a_password_that_cannot_be_taken_leaves_the_link_good(browser_for, asked, ann):
    browser = browser_for(host=ann.host)
    browser.get(asked)
    page = browser.submit(password="short", again="short")
    assert page.status == 422
    assert "at least 12 characters" in page.text
    assert browser.submit(password=FRESH, again="something else entirely").status == 422
    assert browser.submit(password=FRESH, again=FRESH).path == "/sign-in"


def test_a_link_runs_out_after_an_hour(app, browser_for, asked, ann):
    browser = browser_for(host=ann.host)
    assert browser.get(asked).status == 200
    with clock.at(clock.now() + timedelta(minutes=61)):
        assert browser.get(asked).status == 404


def test_a_newer_link_makes_the_older_one_void(browser_for, asked, ann, worker, mailbox):
    browser = browser_for(host=ann.host)
    browser.get("/forgotten-password")
    browser.submit(email=ann.email)
    worker()
    assert mailbox.link(ann.email) != asked
    assert browser.get(asked).status == 404
    assert browser.get(mailbox.link(ann.email)).status == 200


def test_a_link_is_nothing_on_another_host_or_for_another_purpose(browser_for, asked, ann, globex, otto):
    token = urlsplit(asked).path.rsplit("/", 1)[-1]
    browser = browser_for(host=ann.host)
    assert browser.get(f"/invitations/{token}").status == 404
    browser = browser_for(host=globex.host)
    assert browser.get(f"/new-password/{token}").status == 404
    browser = browser_for(host=otto.host)
    assert browser.get(f"/console/new-password/{token}").status == 404
    assert browser_for(host=ann.host).get(asked).status == 200


def test_links_die_when_the_password_changes_another_way(browser_for, asked, ann):
    browser = browser_for(ann)
    browser.get("/profile/password")
    page = browser.submit(present=PASSWORD, password=FRESH, again=FRESH)
    assert "Your password is changed" in page.text
    assert browser_for(host=ann.host).get(asked).status == 404


def test_every_session_ends_with_the_old_password(browser_for, asked, ann):
    elsewhere = browser_for(ann)
    assert elsewhere.get("/profile").path == "/profile"
    browser = browser_for(host=ann.host)
    browser.get(asked)
    browser.submit(password=FRESH, again=FRESH)
    assert elsewhere.get("/profile").path.startswith("/sign-in")


def test_changing_ones_own_password_keeps_this_session_and_ends_the_others(browser_for, ann):
    here, there = browser_for(ann), browser_for(ann)
    here.get("/profile/password")
    assert here.submit(present="not my password", password=FRESH, again=FRESH).status == 422
    here.submit(present=PASSWORD, password=FRESH, again=FRESH)
    assert here.get("/profile").path == "/profile"
    assert there.get("/profile").path.startswith("/sign-in")


@pytest.mark.parametrize("host", ["evil.test", "acme.localhost.evil.test"])
def test_a_poisoned_host_gets_no_mail_sent(browser_for, ann, worker, mailbox, host):
    browser = browser_for(host=ann.host)
    browser.get("/forgotten-password")
    form = {"email": ann.email} | browser.csrf()
    browser.host = host
    assert browser.post(f"http://{host}:8000/forgotten-password", form).status == 404
    worker()
    assert mailbox.envelopes == []


def test_forwarded_hosts_are_not_believed(browser_for, ann, worker, mailbox):
    browser = browser_for(host=ann.host)
    browser.get("/forgotten-password")
    form = {"email": ann.email} | browser.csrf()
    forged = {"X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test", "X-Host": "evil.test"}
    browser.post("/forgotten-password", form, headers=forged)
    worker()
    assert mailbox.link(ann.email).startswith(f"http://{ann.host}:8000/")


def test_no_token_is_kept_anywhere_but_in_the_mail(app, asked, ann, in_scope, mailbox):
    token = mailbox.token(ann.email)
    with in_scope() as session:
        tables = session.execute(
            select(func.string_agg(func.cast(Mail.text + Mail.html, Mail.text.type), " "))
        ).scalar_one()
        assert token not in tables
        assert token not in str([event.data for event in session.scalars(select(Event))])
        assert token.encode() not in session.scalar(select(AccessLink.token_hash))


def test_one_address_at_two_resellers_gets_a_mail_from_each_on_the_consoles_host(
    browser_for, worker, mailbox, in_scope, sam, gwen
):
    with in_scope() as session:
        session.get(Person, gwen.id).email = sam.email
    browser = browser_for(host=sam.host)
    browser.get("/console/forgotten-password")
    browser.submit(email=sam.email)
    worker()
    assert {envelope.from_name for envelope in mailbox.to(sam.email)} == {"Acme Cloud", "Globex Digital"}
    assert all(
        f"http://{sam.host}:8000/console/new-password/" in envelope.text for envelope in mailbox.envelopes
    )


def test_an_invitation_is_taken_up_by_choosing_a_password(
    app, browser_for, worker, mailbox, in_scope, olivia, nimbus
):
    with in_scope(olivia):
        from app.domain.people.queries import account

        people.invite_contact(
            account(nimbus.id),
            email="Neo@Nimbus.example",
            name="Neo  Adler",
            roles=["buyer"],
            by=olivia.actor,
        )
    worker()
    link = mailbox.link("neo@nimbus.example")
    assert link.startswith(f"http://{nimbus.host}:8000/invitations/")
    assert "Olivia Brandt has given you access to Acme Cloud" in mailbox.to("neo@nimbus.example")[-1].text
    browser = browser_for(host=nimbus.host)
    page = browser.get(link)
    assert "Welcome, Neo Adler" in page.text
    page = browser.submit(follow=False, password=FRESH, again=FRESH)
    assert page.response.headers["Location"] == "/"
    assert browser.get("/profile").path == "/profile"
    with in_scope() as session:
        person = session.scalar(select(Person).where(Person.email == "neo@nimbus.example"))
        assert (person.state, person.roles, person.account_id) == ("active", ["buyer"], nimbus.id)


def test_an_invitation_runs_out_after_a_week_and_can_be_sent_again(
    app, browser_for, worker, mailbox, in_scope, olivia
):
    with in_scope(olivia):
        person = people.invite_colleague(
            email="kim@acme.example", name="Kim Vo", roles=["sales"], by=olivia.actor
        )
        person_id = person.id
    worker()
    first = mailbox.link("kim@acme.example")
    assert first.startswith(f"http://{olivia.host}:8000/console/invitations/")
    browser = browser_for(host=olivia.host)
    later = clock.now() + timedelta(days=8)
    with clock.at(later):
        assert browser.get(first).status == 404
        with app.app_context(), unit(olivia.scope) as session:
            people.resend_invitation(session.get(Person, person_id), by=olivia.actor)
        worker()
        assert browser.get(mailbox.link("kim@acme.example")).status == 200


def test_somebody_invited_who_forgot_gets_the_invitation_again(browser_for, worker, mailbox, in_scope, ann):
    with in_scope() as session:
        session.get(Person, ann.id).password_hash = ""
    browser = browser_for(host=ann.host)
    browser.get("/forgotten-password")
    browser.submit(email=ann.email)
    worker()
    assert "/invitations/" in mailbox.link(ann.email)


def test_a_person_let_go_gets_no_link_and_an_old_one_is_void(
    browser_for, asked, ann, olivia, in_scope, worker, mailbox
):
    with in_scope(olivia) as session:
        people.deactivate(session.get(Person, ann.id), by=olivia.actor)
    browser = browser_for(host=ann.host)
    assert browser.get(asked).status == 404
    mailbox.envelopes.clear()
    browser.get("/forgotten-password")
    browser.submit(email=ann.email)
    worker()
    assert mailbox.envelopes == []
    with in_scope() as session:
        assert (
            session.scalar(select(func.count()).select_from(WebSession).where(WebSession.person_id == ann.id))
            == 0
        )
