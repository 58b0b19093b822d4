"""Who looks after whom: an owner after colleagues, whoever may edit customers after their people; nobody after themselves."""

import pytest
from sqlalchemy import select

from app.core.db import session
from app.core.errors import Conflict, Forbidden
from app.domain.people import actions as people
from app.domain.people.models import Person


def test_the_owner_invites_a_colleague_who_then_signs_in(browser_for, olivia, worker, mailbox):
    browser = browser_for(olivia)
    browser.get("/admin/people")
    browser.follow("Invite somebody")
    page = browser.submit("Send the invitation", name="Kim Vo", email="Kim@acme.example", roles=["sales"])
    assert page.path == "/admin/people"
    assert "A mail with an invitation goes to kim@acme.example" in page.text
    assert "Invited" in page.text
    worker()
    kim = browser_for(host=olivia.host)
    kim.get(mailbox.link("kim@acme.example"))
    page = kim.submit(follow=False, password="seven slow ships in a row", again="seven slow ships in a row")
    assert page.response.headers["Location"] == "/admin"


def test_whoever_edits_customers_invites_their_people(browser_for, sam, nimbus, worker, mailbox):
    browser = browser_for(sam)
    browser.get(f"/admin/accounts/{nimbus.id}/people/new")
    page = browser.submit(
        "Send the invitation", name="Neo Adler", email="neo@nimbus.example", roles=["buyer", "approver"]
    )
    assert page.path == f"/admin/accounts/{nimbus.id}/people"
    assert "Neo Adler" in page.text
    worker()
    assert mailbox.link("neo@nimbus.example").startswith(f"http://{nimbus.host}:8000/invitations/")


@pytest.mark.parametrize("key", ["sam", "otto", "finn"])
def test_only_owners_see_and_manage_colleagues(browser_for, seeds, olivia, key):
    browser = browser_for(seeds.meet(key))
    assert browser.get("/admin/people").status == 403
    assert browser.get("/admin/people/new").status == 403
    assert browser.get(f"/admin/people/{olivia.id}").status == 403
    assert "/admin/people" not in [link["href"] for link in browser.get("/admin").all("nav a")]


def test_finance_sees_a_customers_people_and_changes_nothing(browser_for, finn, ann, nimbus):
    browser = browser_for(finn)
    page = browser.get(f"/admin/accounts/{nimbus.id}/people/{ann.id}")
    assert page.status == 200
    assert not page.all("main form")
    token = {"csrf_token": browser.page.all("input[name=csrf_token]")[0]["value"]}
    assert (
        browser.post(f"/admin/accounts/{nimbus.id}/people/{ann.id}", {"roles": "approver"} | token).status
        == 403
    )


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(browser_for, olivia, sam):
    browser = browser_for(olivia)
    browser.get("/admin/people/new")
    page = browser.submit("Send the invitation", name="Sam Again", email=sam.email, roles=["sales"])
    assert page.status == 422
    assert "Somebody with this address is here already" in page.text
    assert page.one("input[name=name]")["value"] == "Sam Again"
    page = browser.submit("Send the invitation", email="not an address")
    assert page.status == 422
    page = browser.submit("Send the invitation", email="kim@acme.example", roles=None)
    assert page.status == 422
    assert "Choose at least one role" in page.text


def test_losing_a_role_ends_the_sessions_and_gaining_one_does_not(browser_for, olivia, otto):
    theirs, owner = browser_for(otto), browser_for(olivia)
    owner.get(f"/admin/people/{otto.id}")
    owner.submit("Save the roles", roles=["operations", "finance"])
    assert theirs.get("/admin").path == "/admin"
    owner.get(f"/admin/people/{otto.id}")
    page = owner.submit("Save the roles", roles=["finance"])
    assert "has these roles now" in page.text
    assert theirs.get("/admin").path.startswith("/console/sign-in")


def test_letting_somebody_go_asks_first_and_can_be_undone(browser_for, olivia, otto):
    theirs, owner = browser_for(otto), browser_for(olivia)
    owner.get(f"/admin/people/{otto.id}")
    page = owner.follow("Let go")
    assert "cannot sign in any more" in page.text
    assert theirs.get("/admin").path == "/admin"
    page = owner.submit("Let go")
    assert theirs.get("/admin").path.startswith("/console/sign-in")
    assert "Disabled" in page.text
    page = owner.submit("Take back")
    assert "can sign in again" in page.text


def test_nobody_changes_their_own_rights(browser_for, olivia, in_scope):
    browser = browser_for(olivia)
    page = browser.get(f"/admin/people/{olivia.id}")
    assert not page.all("main form")
    token = {"csrf_token": page.all("input[name=csrf_token]")[0]["value"]}
    assert browser.post(f"/admin/people/{olivia.id}", {"roles": "sales"} | token).status == 403
    assert browser.post(f"/admin/people/{olivia.id}/deactivation", token).status == 403
    with in_scope() as current:
        assert current.get(Person, olivia.id).roles == ["owner"]


@pytest.mark.parametrize("forged", ["owner", "staff", "buyer", "root", ""])
def test_no_role_is_given_that_is_not_on_offer(browser_for, sam, nimbus, in_scope, forged):
    browser = browser_for(sam)
    browser.get(f"/admin/accounts/{nimbus.id}/people/new")
    form = {"name": "X", "email": "x@nimbus.example", "roles": forged} | browser.csrf()
    page = browser.post(f"/admin/accounts/{nimbus.id}/people/new", form)
    assert page.status == (200 if forged == "buyer" else 422)
    for extra in ({"realm": "console"}, {"tenant_id": "1"}, {"is_active": "1"}):
        assert browser.post(f"/admin/accounts/{nimbus.id}/people/new", form | extra).status in (400, 422)


def test_a_colleague_gives_no_more_than_they_hold(in_scope, olivia, sam, ines):
    """Below the doors: even with the permission, rights that one lacks cannot be given (C-11)."""
    from dataclasses import replace

    half = replace(sam.actor, permissions=sam.actor.permissions | {"person:manage"})
    with in_scope(sam), pytest.raises(Forbidden):
        people.invite_colleague(email="a@acme.example", name="A", roles=["operations"], by=half)
    with in_scope(sam), pytest.raises(Forbidden):
        people.change_roles(session().get(Person, ines.id), ["sales"], by=half)
    with in_scope(sam), pytest.raises(Forbidden):
        people.invite_colleague(email="a@acme.example", name="A", roles=["sales"], by=sam.actor)
    with in_scope(sam):
        people.invite_colleague(email="a@acme.example", name="A", roles=["sales"], by=half)


def test_the_last_owner_stays(in_scope, olivia, sam):
    from dataclasses import replace

    other_owner = replace(olivia.actor, person_id=sam.id)
    with in_scope(olivia), pytest.raises(Conflict):
        people.deactivate(session().get(Person, olivia.id), by=other_owner)
    with in_scope(olivia), pytest.raises(Conflict):
        people.change_roles(session().get(Person, olivia.id), ["sales"], by=other_owner)
    with in_scope(olivia):
        people.change_roles(session().get(Person, sam.id), ["sales", "owner"], by=olivia.actor)
    with in_scope(olivia):
        people.deactivate(session().get(Person, olivia.id), by=other_owner)


def test_another_resellers_people_are_not_there(browser_for, olivia, gwen, tess, nimbus, quill, in_scope):
    browser = browser_for(olivia)
    for path in (
        f"/admin/people/{gwen.id}",
        f"/admin/people/{tess.id}",
        f"/admin/accounts/{quill.id}/people",
        f"/admin/accounts/{nimbus.id}/people/{tess.id}",
        f"/admin/accounts/{quill.id}/people/{tess.id}",
    ):
        assert browser.get(path).status == 404, path
    with in_scope() as current:
        assert current.scalar(select(Person.is_active).where(Person.id == gwen.id))


def test_a_customers_person_is_no_colleague_and_a_colleague_no_contact(
    browser_for, olivia, sam, ann, nimbus, harbour
):
    browser = browser_for(olivia)
    assert browser.get(f"/admin/people/{ann.id}").status == 404
    assert browser.get(f"/admin/accounts/{nimbus.id}/people/{sam.id}").status == 404
    assert browser.get(f"/admin/accounts/{harbour.id}/people/{ann.id}").status == 404


def test_an_invitation_is_sent_again_and_not_after_it_was_taken_up(
    browser_for, olivia, ann, nimbus, worker, mailbox
):
    browser = browser_for(olivia)
    browser.get(f"/admin/accounts/{nimbus.id}/people/new")
    browser.submit("Send the invitation", name="Neo Adler", email="neo@nimbus.example", roles=["buyer"])
    worker()
    browser.follow("Neo Adler")
    assert "The invitation is good until" in browser.page.text
    browser.submit("Send the invitation again")
    worker()
    assert len(mailbox.to("neo@nimbus.example")) == 2
    assert "Sent" in browser.get(browser.page.url).text
    token = {"csrf_token": browser.page.all("input[name=csrf_token]")[0]["value"]}
    assert browser.post(f"/admin/accounts/{nimbus.id}/people/{ann.id}/invitation", token).status == 409
