"""The demo's mail catcher: what comes in by SMTP is kept and shown, and what a mail contains cannot act."""

import re
import smtplib
import stat
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from app.demo.mailbox import MailCatcher

NASTY = "<script>alert(1)</script>"


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    with MailCatcher(tmp_path / "mail") as running:
        yield running


@pytest.fixture
def page(catcher: MailCatcher) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://localhost:{catcher.http_port}", trust_env=False) as client:
        yield client


def send(
    catcher: MailCatcher, *, subject: str = "Your order waits", to: str = "ann@nimbus.example", **parts: str
) -> str:
    message = EmailMessage()
    message["From"] = "Acme Cloud <shop@acme.example>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content(parts.get("text", "Look at https://acme.example/orders/1?a=1&b=2."))
    if "html" in parts:
        message.add_alternative(parts["html"], subtype="html")
    if "file" in parts:
        message.add_attachment(parts["file"].encode(), maintype="text", subtype="html", filename="evil.html")
    with smtplib.SMTP("127.0.0.1", catcher.smtp_port) as client:
        client.send_message(message, to_addrs=[to, "copy@acme.example"])
    return catcher.mailbox.names()[0]


def test_a_mail_is_kept_with_its_real_recipients_and_its_links(catcher):
    send(catcher)
    (mail,) = catcher.mailbox.mails()
    assert mail.subject == "Your order waits"
    assert mail.to == ("ann@nimbus.example", "copy@acme.example")
    assert mail.links == ["https://acme.example/orders/1?a=1&b=2"]


def test_the_list_can_be_narrowed_to_one_person(catcher, page):
    send(catcher, subject="For Ann")
    send(catcher, subject="For Paul", to="paul@nimbus.example")
    assert "For Paul" in page.get("/").text
    assert "For Paul" not in page.get("/", params={"to": "Ann@nimbus.example"}).text


def test_the_newest_mail_stands_first(catcher):
    for number in range(5):
        send(catcher, subject=f"Mail {number}")
    assert [mail.subject for mail in catcher.mailbox.mails()] == [f"Mail {n}" for n in (4, 3, 2, 1, 0)]


def test_links_in_the_text_can_be_clicked(catcher, page):
    name = send(catcher)
    shown = page.get(f"/mail/{name}").text
    assert 'href="https://acme.example/orders/1?a=1&amp;b=2"' in shown


def test_nothing_in_a_mail_is_markup_on_our_pages(catcher, page):
    name = send(catcher, subject=NASTY, text=NASTY, html=NASTY)
    for path in ("/", f"/mail/{name}"):
        assert "<script" not in page.get(path).text


def test_the_mails_own_html_is_locked_in(catcher, page):
    name = send(
        catcher, html=f"<html><head></head><body>{NASTY}<img src=http://x.example/p.png></body></html>"
    )
    shown = page.get(f"/mail/{name}/html")
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert '<head><base target="_blank">' in shown.text
    frame = re.search(r"<iframe[^>]*>", page.get(f"/mail/{name}").text)
    assert frame is not None
    assert "allow-scripts" not in frame[0]
    assert "allow-same-origin" not in frame[0]


def test_attachments_are_downloaded_and_never_opened(catcher, page):
    name = send(catcher, file=NASTY)
    found = page.get(f"/mail/{name}/attachments/0")
    assert found.headers["content-disposition"].startswith("attachment")
    assert found.headers["content-type"] == "application/octet-stream"
    assert page.get(f"/mail/{name}/attachments/1").status_code == 404


@pytest.mark.parametrize(
    "path", ["/mail/../secret_key", "/mail/x", "/mail/20260101T000000000000-00000000", "/nowhere"]
)
def test_an_address_that_is_not_a_mail_is_a_plain_404(page, path):
    assert page.get(path).status_code == 404


def test_another_host_name_sees_nothing_of_the_mails(catcher, page):
    send(catcher, subject="Secret")
    found = page.get("/", headers={"Host": f"evil.example:{catcher.http_port}"})
    assert found.status_code == 404
    assert "Secret" not in found.text


def test_all_mail_can_be_deleted_from_the_page_and_from_nowhere_else(catcher, page):
    send(catcher)
    assert page.post("/emptying", headers={"Origin": "http://evil.example"}).status_code == 404
    assert len(catcher.mailbox.mails()) == 1
    assert page.post("/emptying").status_code == 303
    assert catcher.mailbox.mails() == []


def test_mails_of_any_shape_are_shown(catcher, page):
    for content in (
        b"",
        b"no headers at all",
        b"Subject: =?utf-8?q?=ff?=\r\n\r\n\xff\xfe",
        b"Content-Type: text/html; charset=nope\r\n\r\nhi",
    ):
        catcher.mailbox.keep(content, ["a@b.example"])
    for mail in catcher.mailbox.mails():
        assert page.get(f"/mail/{mail.name}").status_code == 200
    assert page.get("/").status_code == 200


def test_the_folder_is_its_owners_alone(catcher):
    assert stat.S_IMODE(catcher.mailbox.folder.stat().st_mode) == 0o700
