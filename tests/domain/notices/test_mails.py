"""Who is told what by mail, in whose name, and that a dead mail server delays mails and nothing else (P23)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import reactions
from app.core import clock
from app.core.faults import FaultInjected, arm
from app.core.unit import unit
from app.domain.notices import actions as notices
from app.domain.notices.jobs import WAITS, deliver_job
from app.domain.notices.models import Mail
from app.domain.notices.ports import MailRejected, MailUnavailable
from app.domain.notices.rules.headers import one_line
from app.domain.notices.rules.links import PLACE
from app.domain.notices.telling import TELLS
from app.domain.people.models import AccessLink, Person
from app.domain.tenants.models import Tenant
from tests.support.shopping import Shopping, over


@pytest.fixture
def shop(app):
    return Shopping(app)


@pytest.fixture
def vendor(app, monkeypatch):
    from app.domain.vendors import Vendors
    from tests.support.fake_vendor import FakeVendor

    made = FakeVendor()
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": made}))
    return made


def test_every_event_that_tells_somebody_has_its_reaction():
    assert {name for name, jobs in reactions.LATER.items() if "notices.tell" in jobs} == set(TELLS)


def _subjects(mailbox, email: str) -> list[str]:
    return [envelope.subject for envelope in mailbox.to(email)]


def test_an_order_over_the_threshold_is_told_from_asking_to_delivery(
    shop, vendor, worker, mailbox, ann, paul, otto, ines, sam
):
    shop.policy(otto, None, over("100"))
    order = shop.order(ann, [(shop.offer("10.00"), 40)])
    worker()
    assert _subjects(mailbox, ann.email) == [
        "We have your order O-2026-000001".replace("2026", str(clock.now().year))
    ]
    assert "waits for approval" in mailbox.to(ann.email)[0].text
    for approver in (otto, ines):
        (asked,) = mailbox.to(approver.email)
        assert "waits for your decision" in asked.subject
        assert "Ann Becker of Nimbus GmbH" in asked.text
        assert re.search(
            rf"http://{re.escape(approver.host)}:8000/admin/approvals/[0-9a-f-]{{36}}/decision\s", asked.text
        )
    assert mailbox.to(sam.email) == []
    assert mailbox.to(paul.email) == []
    shop.decide(otto, order)
    worker()
    assert [subject.split(" O-")[0] for subject in _subjects(mailbox, ann.email)] == [
        "We have your order", "Your order", "Your order",
    ]  # fmt: skip
    assert "is approved" in mailbox.to(ann.email)[1].subject
    assert "Fine." in mailbox.to(ann.email)[1].text
    assert "is delivered" in mailbox.to(ann.email)[2].subject


def test_a_refusal_tells_the_reason(shop, worker, mailbox, ann, otto):
    shop.policy(otto, None, over("100"))
    order = shop.order(ann, [(shop.offer("10.00"), 40)])
    shop.decide(otto, order, "refused", comment="Half of these seats are free.")
    worker()
    told = mailbox.to(ann.email)[-1]
    assert "was refused" in told.subject
    assert "Half of these seats are free." in told.text
    assert "Half of these seats are free." in told.html


def test_an_event_tells_a_person_once_however_often_its_job_runs(app, shop, worker, mailbox, ann, in_scope):
    shop.order(ann, [(shop.offer("10.00"), 1)])
    worker("notices.tell")
    with in_scope() as session:
        event_id = session.scalar(select(Mail.event_id))
    with app.app_context():
        from app.domain.notices.jobs import tell_job

        tell_job(str(event_id), str(ann.tenant_id))
    worker()
    assert len([mail for mail in mailbox.to(ann.email) if mail.subject.startswith("We have")]) == 1


def test_links_in_mails_lead_to_pages_that_exist(app, shop, worker, mailbox, ann, otto, browser_for):
    shop.policy(otto, None, over("100"))
    order = shop.order(ann, [(shop.offer("10.00"), 40)])
    shop.decide(otto, order)
    worker()
    for who in (ann, otto):
        for envelope in mailbox.to(who.email):
            links = set(re.findall(r"https?://\S+", envelope.text))
            assert len(links) == 3, "the page, what one is told, and no more of it"
            for link in links:
                assert link in envelope.html
                assert browser_for(who).get(link).status == 200, link


def test_a_mail_is_in_the_shops_name_and_colours_and_escapes_what_people_typed(
    app, worker, mailbox, ann, in_scope
):
    with in_scope() as session:
        tenant = session.get(Tenant, ann.tenant_id)
        tenant.name, tenant.brand = "Acme <Cloud>", {"brand_color": "#facc15"}
        tenant.profile = {"legal_name": "Acme GmbH", "postal_code": "20457", "city": "Hamburg"}
        session.get(Person, ann.id).name = "<script>alert(1)</script>\r\nBcc: evil@x.test"
    with in_scope(ann) as session:
        notices.send("new_password", to=session.get(Person, ann.id), link_purpose="password")
    worker()
    (envelope,) = mailbox.envelopes
    assert envelope.from_name == "Acme <Cloud>"
    assert "\n" not in envelope.to_name
    assert "<script>" not in envelope.html
    assert "Acme &lt;Cloud&gt;" in envelope.html
    assert "background:#facc15;color:#0b0d12" in envelope.html, "the ink that can be read on this colour"
    assert "20457 Hamburg" in envelope.text
    assert PLACE not in envelope.text + envelope.html


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("a\r\nBcc: b", "a Bcc: b"), ("a\x00\x1b[31mb", "a [31mb"), ("x" * 300, "x" * 179 + "…")],
)
def test_a_header_is_one_line(typed, shown):
    assert one_line(typed) == shown


def _queue(in_scope, ann) -> str:
    with in_scope(ann) as session:
        return str(notices.send("new_password", to=session.get(Person, ann.id), link_purpose="password").id)


def _mail(in_scope, mail_id: str) -> Mail:
    with in_scope() as session:
        mail = session.get(Mail, mail_id)
        session.expunge(mail)
        return mail


def test_a_dead_mail_server_is_tried_again_and_then_given_up(app, worker, mailbox, ann, in_scope):
    mail_id = _queue(in_scope, ann)
    mailbox.failure = MailUnavailable("the mail server cannot be reached")
    for attempt in range(1, len(WAITS) + 1):
        with app.app_context(), pytest.raises(MailUnavailable):
            deliver_job(mail_id, str(ann.tenant_id))
        mail = _mail(in_scope, mail_id)
        assert (mail.state, mail.attempts) == ("queued", attempt)
    with app.app_context():
        deliver_job(mail_id, str(ann.tenant_id))
    assert _mail(in_scope, mail_id).state == "failed"
    mailbox.failure = None
    with app.app_context(), unit(ann.scope) as session:
        notices.send_again(session.get(Mail, mail_id))
    worker("notices.deliver")
    assert _mail(in_scope, mail_id).state == "sent"


def test_a_rejected_mail_is_not_tried_again(app, mailbox, ann, in_scope):
    mail_id = _queue(in_scope, ann)
    mailbox.failure = MailRejected("the server refused the recipient (550)")
    with app.app_context():
        deliver_job(mail_id, str(ann.tenant_id))
    mail = _mail(in_scope, mail_id)
    assert (mail.state, mail.error) == ("failed", "the server refused the recipient (550)")


def test_every_attempt_carries_a_fresh_token_and_only_the_last_is_good(
    app, mailbox, ann, in_scope, browser_for
):
    mail_id = _queue(in_scope, ann)
    tokens = []
    with app.app_context(), arm("notices.deliver.after_carry", _raise), pytest.raises(FaultInjected):
        deliver_job(mail_id, str(ann.tenant_id))  # the mail left, and the worker died before it noted that
    tokens.append(mailbox.token(ann.email))
    with app.app_context():
        deliver_job(mail_id, str(ann.tenant_id))
    tokens.append(mailbox.token(ann.email))
    first, second = mailbox.to(ann.email)
    assert first.key == second.key, "the same Message-ID, so that a double can be recognised"
    browser = browser_for(host=ann.host)
    assert browser.get(f"/new-password/{tokens[0]}").status == 404
    assert browser.get(f"/new-password/{tokens[1]}").status == 200
    with app.app_context():
        deliver_job(mail_id, str(ann.tenant_id))
    assert len(mailbox.to(ann.email)) == 2


def _raise() -> None:
    raise FaultInjected("notices.deliver.after_carry")


def test_a_rollback_sends_nothing(app, worker, mailbox, ann):
    def send_and_fail() -> None:
        with unit(ann.scope) as session:
            notices.send("new_password", to=session.get(Person, ann.id), link_purpose="password")
            raise RuntimeError

    with app.app_context(), pytest.raises(RuntimeError):
        send_and_fail()
    worker()
    assert mailbox.envelopes == []


def test_the_distributors_staff_get_mail_too(worker, mailbox, dora, browser_for):
    browser = browser_for(host=dora.host)
    browser.get("/console/forgotten-password")
    browser.submit(email=dora.email)
    worker()
    assert mailbox.to(dora.email)[0].from_name == "Awning"
    assert browser.get(mailbox.link(dora.email)).status == 200


def test_old_links_are_cleared_away_after_a_month(app, worker, mailbox, ann, in_scope):
    from app.domain.people.jobs import clear_links

    _queue(in_scope, ann)
    worker()
    for days, left in ((20, 1), (32, 0)):
        with app.app_context(), clock.at(clock.now() + timedelta(days=days)):
            clear_links()
        with in_scope() as session:
            assert len(session.scalars(select(AccessLink)).all()) == left
