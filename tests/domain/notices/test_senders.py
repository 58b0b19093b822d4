"""Mail from a reseller's own domain: only while the domain itself says so."""

import pytest

from app.connectors.dns import TableResolver
from app.core.errors import Invalid
from app.domain.notices import actions as notices
from app.domain.notices import queries
from app.domain.notices.rules.records import look, wanted_records
from app.domain.people.models import Person


@pytest.fixture
def dns(app, monkeypatch):
    table = TableResolver()
    monkeypatch.setitem(app.extensions, "dns", table)
    return table


def _ask(in_scope, who, address: str) -> list:
    with in_scope(who):
        return notices.records_of(notices.ask_for_sender(address, who.actor))


def _set(dns, records) -> None:
    dns.table.update({record.name: ["unrelated", record.value] for record in records})


def _from(in_scope, who, mailbox, worker) -> str:
    with in_scope(who) as session:
        notices.send("order_placed", to=session.get(Person, who.id))
    worker()
    return mailbox.to(who.email)[-1].from_email


def test_a_mail_comes_from_the_resellers_address_while_the_records_stand(
    dns, worker, mailbox, in_scope, otto, ann
):
    records = _ask(in_scope, otto, "Orders@Acme.example")
    worker()
    assert _from(in_scope, ann, mailbox, worker) == "", "nothing is proved yet"
    _set(dns, records)
    _look(worker)
    assert _from(in_scope, ann, mailbox, worker) == "orders@acme.example"
    dns.table.clear()
    _look(worker)
    assert _from(in_scope, ann, mailbox, worker) == "", "the records are gone"


def _look(worker) -> None:
    from app.domain.notices.jobs import look_at_senders_job

    with worker.app.app_context():
        look_at_senders_job()
    worker()


def test_a_domain_is_one_resellers_and_whose_is_not_said(dns, worker, in_scope, otto, gwen):
    mine = _ask(in_scope, otto, "orders@acme.example")
    theirs = _ask(in_scope, gwen, "sales@acme.example")
    dns.table["_awning-mail.acme.example"] = [mine[0].value, theirs[0].value]
    dns.table["acme.example"] = [mine[1].value]
    with in_scope(otto):
        notices.look_again(queries.sender())
    _look(worker)
    with in_scope(otto):
        first = queries.proved_address()
    with in_scope(gwen):
        second, found = queries.proved_address(), queries.sender().found
    assert sorted([first, second]) in (["", "orders@acme.example"], ["", "sales@acme.example"])
    assert second or found["proof"] == "taken"


def test_another_domain_begins_anew(dns, worker, in_scope, otto):
    _set(dns, _ask(in_scope, otto, "orders@acme.example"))
    _look(worker)
    _ask(in_scope, otto, "orders@other.example")
    worker()
    with in_scope(otto):
        assert queries.proved_address() == ""


@pytest.mark.parametrize("address", ["acme@gmail.com", "no address", "a@b.example, c@d.example"])
def test_an_address_that_cannot_be_ones_own_is_refused(in_scope, otto, address):
    with in_scope(otto), pytest.raises(Invalid) as refused:
        notices.ask_for_sender(address, otto.actor)
    assert "address" in refused.value.errors


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        ([], "missing"),
        (["v=spf1 include:mail.example -all"], "good"),
        (["v=spf1 a mx -all"], "other"),
        (["v=spf1 include:mail.example ~all", "v=spf1 -all"], "other"),
        (["v=spf10 include:mail.example"], "missing"),
    ],
)
def test_two_spf_policies_are_none(texts, state):
    records = wanted_records("acme.example", "t", "mail.example")
    assert look(records, {"acme.example": texts})["spf"] == state


def test_the_page_shows_what_to_set_and_what_was_found(dns, worker, browser_for, otto):
    browser = browser_for(otto)
    browser.get("/admin/mail-sender")
    assert browser.submit("Save", address="me@gmail.com").status == 422
    browser.submit("Save", address="orders@acme.example")
    assert "_awning-mail.acme.example" in browser.page.text
    assert "Not proved yet" in browser.page.text
    browser.submit("Look now")
    worker()
    assert "Not found" in browser.get("/admin/mail-sender").text
    browser.submit("Give it up")
    assert "_awning-mail" not in browser.page.text
