"""Reports of mails that came back: which are believed, and what follows."""

import pytest
from sqlalchemy import select

from app.core.unit import unit
from app.domain.notices import actions as notices
from app.domain.notices.jobs import deliver_job
from app.domain.notices.models import Mail, Recipient
from app.domain.notices.ports import MailRejected
from app.domain.notices.queries import refusals
from app.domain.notices.rules.bounces import read_bounces
from app.domain.people.models import Person

REPORT = """From: MAILER-DAEMON@mx.example
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {email}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such
  user here

--b
Content-Type: text/rfc822-headers

Message-ID: <{key}@console.localhost>
Subject: x
--b--
"""


def _report(mail, **changes) -> bytes:
    values = {"email": mail.to_email, "key": mail.id, "action": "failed", "status": "5.1.1"} | changes
    return REPORT.format(**values).replace("\n", "\r\n").encode()


@pytest.fixture
def sent(app, worker, mailbox, ann, in_scope):
    with in_scope(ann) as session:
        mail = notices.send("order_placed", to=session.get(Person, ann.id))
        mail_id = mail.id
    worker()
    with in_scope() as session:
        mail = session.get(Mail, mail_id)
        session.expunge(mail)
    assert mail.state == "sent"
    return mail


def _take(in_scope, raw: bytes) -> list[Mail | None]:
    with in_scope():
        return [notices.take_bounce(bounce) for bounce in read_bounces(raw)]


def test_a_mail_that_came_back_is_noted_and_told_and_no_optional_mail_follows(
    sent, in_scope, ann, otto, worker, mailbox
):
    assert _take(in_scope, _report(sent)) != [None]
    worker()
    with in_scope(ann) as session:
        mail = session.get(Mail, sent.id)
        assert (mail.state, mail.error) == ("bounced", "5.1.1 550 no such user here")
        assert "no such user" in refusals([ann.id])[ann.id]
        assert notices.send("order_placed", to=session.get(Person, ann.id)).state == "suppressed"
        assert (
            notices.send("new_password", to=session.get(Person, ann.id), link_purpose="password").state
            == "queued"
        )
    assert f"A mail to {ann.email} did not arrive" in [one.subject for one in mailbox.to(otto.email)]
    with in_scope(ann) as session:
        notices.send_again(session.get(Mail, sent.id))
        notices.clear_refusal(ann.id)
        assert notices.send("order_placed", to=session.get(Person, ann.id)).state == "queued"


@pytest.mark.parametrize(
    "forged",
    [
        {"email": "somebody@else.example"},
        {"key": "00000000-0000-0000-0000-000000000000"},
        {"key": "no-key-at-all"},
        {"action": "delayed"},
        {"status": "4.2.2"},
    ],
)
def test_a_report_about_something_else_changes_nothing(sent, in_scope, forged):
    assert not any(_take(in_scope, _report(sent, **forged)))
    with in_scope() as session:
        assert session.get(Mail, sent.id).state == "sent"
        assert session.scalars(select(Recipient)).all() == []


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"Content-Type: multipart/report\r\n\r\nx", b"a" * 1_000_001]
)
def test_what_is_no_report_says_nothing(raw):
    assert read_bounces(raw) == []


def test_a_mail_server_pipes_a_report_in(app, sent, in_scope):
    answer = app.test_cli_runner().invoke(args=["mail", "take-bounce"], input=_report(sent))
    assert (answer.exit_code, answer.output) == (0, "Noted.\n")
    with in_scope() as session:
        assert session.get(Mail, sent.id).state == "bounced"


def test_an_address_refused_at_the_door_is_noted_on_the_person(app, mailbox, ann, in_scope):
    with in_scope(ann) as session:
        mail_id = str(notices.send("order_placed", to=session.get(Person, ann.id)).id)
    mailbox.failure = MailRejected("the server refused the recipient (550): no such user", of_recipient=True)
    with app.app_context():
        deliver_job(mail_id, str(ann.tenant_id))
    with app.app_context(), unit(ann.scope):
        assert refusals([ann.id]) == {ann.id: "the server refused the recipient (550): no such user"}
