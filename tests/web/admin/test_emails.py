"""A reseller's mails in the console: their words, how they are sent, and whether they arrived."""

import pytest

from app.domain.notices import actions as notices
from app.domain.notices.ports import MailRejected
from app.domain.people.models import Person

PAGE = "/admin/email-templates/order_delivered"


def test_a_reseller_says_it_in_its_own_words_in_each_language(
    browser_for, otto, ann, worker, mailbox, in_scope
):
    browser = browser_for(otto)
    assert "Order delivered" in browser.get("/admin/email-templates?tag=orders").text
    browser.get(f"{PAGE}?language=en")
    assert "Hello {person_name}," in browser.page.one("textarea[name=body]").text
    refused = browser.submit("Save", subject="Done {{7*7}}", body="Hello {event.__init__}")
    assert refused.status == 422
    assert "There is no placeholder {event.__init__} in this mail." in refused.text
    assert "Done {{7*7}}" in refused.html, "nothing that was typed is lost"
    browser.submit("Save", subject="Done: {shop_name} {{7*7}}", body="Dear <b>{person_name}</b>,\n\n{button}")
    assert browser.page.status == 200
    assert "●" in browser.page.text
    with in_scope(ann) as session:
        session.get(Person, ann.id).name = "<i>Ann</i> {shop_name}"
        notices.send("order_delivered", to=session.get(Person, ann.id), path="/orders")
    worker()
    mail = mailbox.to(ann.email)[-1]
    assert mail.subject == "Done: Acme Cloud {{7*7}}" or mail.subject.startswith("Done: Acme")
    assert "Dear <b><i>Ann</i> {shop_name}</b>," in mail.text
    assert "Dear &lt;b&gt;&lt;i&gt;Ann&lt;/i&gt; {shop_name}&lt;/b&gt;," in mail.html
    browser.get(f"{PAGE}?language=en")
    browser.submit("Back to the usual words")
    assert "Hello {person_name}," in browser.page.one("textarea[name=body]").text


def test_how_a_mail_is_sent_is_the_resellers_choice(browser_for, otto, ann, worker, mailbox, in_scope):
    browser = browser_for(otto)
    settings = _token(browser, PAGE) | {"from_name": "Acme\r\nBcc: x@evil.example"}
    page = browser.post(f"{PAGE}/settings", settings | {"is_enabled": "y", "bcc": "not an address"})
    assert page.status == 422
    browser.post(
        f"{PAGE}/settings",
        settings | {"is_enabled": "y", "bcc": "log@acme.example", "reply_to": "us@acme.example"},
    )
    _send(in_scope, ann, "order_delivered")
    worker()
    mail = mailbox.to(ann.email)[-1]
    assert (mail.from_name, mail.reply_to, mail.bcc) == (
        "Acme Bcc: x@evil.example",
        "us@acme.example",
        "log@acme.example",
    )
    browser.post(f"{PAGE}/settings", settings)
    assert _send(in_scope, ann, "order_delivered") is None, "it was switched off"
    refused = browser.post(
        "/admin/email-templates/invitation/settings", settings | {"bcc": "log@acme.example"}
    )
    assert refused.status == 422, "a link that lets somebody in goes to nobody else"
    assert _send(in_scope, ann, "invitation") is not None


def _token(browser, path: str) -> dict[str, str]:
    browser.get(path)
    return browser.csrf()


def _send(in_scope, who, kind: str):
    with in_scope(who) as session:
        mail = notices.send(kind, to=session.get(Person, who.id))
        return mail and mail.id


@pytest.mark.parametrize(
    "kind", ["order_delivered", "approval_asked", "invitation", "daily_summary", "mail_refused"]
)
def test_a_preview_and_a_test_mail_need_no_real_case(browser_for, otto, worker, mailbox, kind):
    browser = browser_for(otto)
    token = _token(browser, f"/admin/email-templates/{kind}")
    shown = browser.post(
        f"/admin/email-templates/{kind}/preview",
        token | {"language": "de", "subject": "X", "body": "Nur ein Versuch {nobody}"},
    )
    assert shown.status == 200
    assert "Nur ein Versuch" not in shown.html, "what cannot be saved is not shown"
    assert "sandbox" in shown.response.headers["Content-Security-Policy"]
    browser.post(f"/admin/email-templates/{kind}/test-mail", token | {"language": "de"})
    worker()
    (mail,) = mailbox.to(otto.email)
    assert "{" not in mail.subject + mail.text
    assert mail.unsubscribe == "" if kind == "invitation" else mail.unsubscribe


def test_a_mail_that_did_not_arrive_is_shown_and_sent_again(
    browser_for, otto, sam, ann, worker, mailbox, in_scope, statements
):
    mailbox.failure = MailRejected("the server refused the recipient (550): <b>gone</b>", of_recipient=True)
    mail_id = _send(in_scope, ann, "order_delivered")
    worker()
    mailbox.failure = None
    browser = browser_for(otto)
    browser.get("/admin/emails")
    with statements() as seen:
        page = browser.get("/admin/emails?state=failed&q=ann")
    assert len(seen) <= 10
    assert "&lt;b&gt;gone&lt;/b&gt;" in page.html
    assert "everything in your order" in browser.get(f"/admin/emails/{mail_id}/letter").text
    browser.get(f"/admin/emails/{mail_id}")
    browser.submit("Send it again")
    worker("notices.deliver")
    assert len(mailbox.to(ann.email)) == 1
    assert "Sent" in browser.get(f"/admin/emails/{mail_id}").text
    assert browser_for(sam).get("/admin/emails").status == 403


def test_the_bell_counts_opens_and_goes_quiet(browser_for, otto, ann, worker, mailbox, statements, shop):
    shop.policy(otto, None)
    shop.order(ann, [(shop.offer(), 1)])
    worker()
    for who, home in ((ann, ""), (otto, "/admin")):
        browser = browser_for(who)
        browser.get(f"{home}/notifications")
        with statements() as seen:
            page = browser.get(f"{home}/notifications")
        assert len(seen) <= (6 if not home else 10)
        count = page.one(".bell .count-badge").text
        assert count.startswith(tuple("123456789"))
        assert browser.get(f"{home}/parts/bell").one(".count-badge").text == count
        browser.get(f"{home}/notifications")
        browser.submit("I have read all")
        assert not browser.get(f"{home}/notifications").all(".bell .count-badge")
        assert "Nothing is unread" in browser.get(f"{home}/notifications?view=unread").text
