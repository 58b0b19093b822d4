"""Carrying mails by SMTP, against a real server in this process: what arrives, and which failures are final."""

import email
import email.policy
import socket
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from app.connectors.mail.smtp import Carrier
from app.domain.notices.ports import Envelope, MailRejected, MailUnavailable


class Catcher:
    """Takes everything, unless told otherwise."""

    def __init__(self):
        self.caught = []
        self.answer = ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.caught.append(envelope)
        return "250 OK"


@pytest.fixture
def catcher():
    caught = Catcher()
    controller = Controller(caught, hostname="127.0.0.1", port=0)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    caught.port = controller.port
    yield caught
    controller.stop()


def _carrier(port: int) -> Carrier:
    return Carrier(
        host="127.0.0.1",
        port=port,
        user=None,
        password=None,
        starttls=False,
        sender="Awning <no-reply@console.test>",
    )


def _envelope(**changes: object) -> Envelope:
    said = {
        "key": UUID(int=7),
        "from_name": "Acme & Söhne, Cloud",
        "to_name": "Ann Becker",
        "to_email": "ann@nimbus.example",
        "subject": "Ihre Bestellung ist da: 40 × Microsoft 365",
        "text": "Grüße\n.\nEnde\n",
        "html": "<p>Grüße</p>",
    }
    return Envelope(**(said | changes))


def test_text_and_html_arrive_side_by_side(catcher):
    _carrier(catcher.port).carry(_envelope())
    (caught,) = catcher.caught
    assert caught.mail_from == "no-reply@console.test"
    assert caught.rcpt_tos == ["ann@nimbus.example"]
    message = email.message_from_bytes(caught.content, policy=email.policy.default)
    assert message["From"].addresses[0].display_name == "Acme & Söhne, Cloud"
    assert message["To"].addresses[0].addr_spec == "ann@nimbus.example"
    assert message["Subject"] == "Ihre Bestellung ist da: 40 × Microsoft 365"
    assert message["Message-ID"] == "<00000000-0000-0000-0000-000000000007@console.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body(["plain"]).get_content().replace("\r\n", "\n") == "Grüße\n.\nEnde\n"
    assert message.get_body(["html"]).get_content().strip() == "<p>Grüße</p>"


@pytest.mark.parametrize("field", ["from_name", "to_name", "subject"])
def test_a_line_break_in_a_header_is_refused_and_nothing_leaves(catcher, field):
    with pytest.raises(MailRejected):
        _carrier(catcher.port).carry(_envelope(**{field: "Ann\r\nBcc: evil@x.test"}))
    assert catcher.caught == []


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ("550 no such mailbox", MailRejected),
        ("452 mailbox full", MailUnavailable),
        ("421 later", MailUnavailable),
    ],
)
def test_final_and_passing_refusals_are_told_apart(catcher, answer, failure):
    catcher.answer = answer
    with pytest.raises(failure):
        _carrier(catcher.port).carry(_envelope())


def test_a_server_that_is_not_there_is_unavailable(catcher):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    with pytest.raises(MailUnavailable, match="cannot be reached"):
        _carrier(free).carry(_envelope())


def test_a_server_that_says_nothing_is_given_up_after_a_while(monkeypatch):
    from app.connectors.mail import smtp

    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(MailUnavailable):
            _carrier(silent.getsockname()[1]).carry(_envelope())
