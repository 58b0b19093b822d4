"""How people want to be told: at once, once a day, never; and what must be told all the same."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.errors import Invalid
from app.core.ids import new_id
from app.domain.notices import actions as notices
from app.domain.notices import queries
from app.domain.notices.models import Notice, Recipient
from app.domain.notices.rules.summaries import due_on
from app.domain.people.models import Person
from tests.support.shopping import Shopping


@pytest.fixture
def shop(app):
    return Shopping(app)


def _choose(in_scope, who, **hows) -> None:
    with in_scope(who):
        notices.choose(hows, time_zone="Europe/Berlin", summary_hour=8, by=who.actor)


def _told(in_scope, who, number: str) -> None:
    with in_scope(who) as session:
        notices.notify(
            "order_placed",
            to=session.get(Person, who.id),
            facts={"order_number": number},
            path=f"/orders/{number}",
            event_id=new_id(),
        )


def test_whoever_wants_no_mail_gets_none_and_the_bell_shows_it(
    shop, worker, mailbox, ann, in_scope, statements
):
    _choose(in_scope, ann, orders="never")
    shop.order(ann, [(shop.offer("10.00"), 1)])
    worker()
    assert mailbox.to(ann.email) == []
    with in_scope(ann), statements() as seen:
        (row,) = queries.bell(ann.actor, "en").rows
        assert queries.unread_count(ann.actor) == 1
    assert len(seen) == 3
    assert row.sentence.startswith("We have your order O-")
    with in_scope(ann):
        notices.mark_read(row.id, ann.actor)
        assert queries.unread_count(ann.actor) == 0


def test_a_days_summary_has_everything_once_and_comes_at_ones_own_hour(worker, mailbox, ann, in_scope):
    _choose(in_scope, ann, orders="daily")
    evening = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
    with clock.at(evening):
        _told(in_scope, ann, "O-1")
        _told(in_scope, ann, "O-2")
    for hours, mails in (
        (1, 1),
        (9, 1),
        (10, 1),
        (34, 1),
    ):  # 21:00 in Berlin is past 8: today's is due at once
        with clock.at(evening + timedelta(hours=hours)):
            _run(worker)
            assert len(mailbox.to(ann.email)) == mails
    (mail,) = mailbox.to(ann.email)
    assert mail.text.index("O-1") < mail.text.index("O-2")
    assert "http://acme.localhost:8000/orders/O-2" in mail.html
    with clock.at(evening + timedelta(days=1, hours=9)):  # 07:00 in Berlin, where the clocks went forward
        _told(in_scope, ann, "O-3")
        _run(worker)
    assert len(mailbox.to(ann.email)) == 1
    with clock.at(evening + timedelta(days=1, hours=10)):
        _run(worker)
    assert "O-3" in mailbox.to(ann.email)[1].text
    assert "O-2" not in mailbox.to(ann.email)[1].text


def _run(worker) -> None:
    from app.domain.notices.jobs import summaries_job

    with worker.app.app_context():
        summaries_job()
    worker()


def test_what_was_read_meanwhile_is_in_no_summary(worker, mailbox, ann, in_scope):
    _choose(in_scope, ann, orders="daily")
    _told(in_scope, ann, "O-1")
    with in_scope(ann) as session:
        notices.mark_all_read(ann.actor)
        assert notices.summarise(ann.id, date(2026, 1, 1)) is None
        assert session.scalar(select(Notice.summarised_at)) is not None
    worker()
    assert mailbox.to(ann.email) == []


@pytest.mark.parametrize(
    ("now", "zone", "last", "due"),
    [
        ("2026-03-01T06:59+00:00", "Europe/Berlin", None, None),
        ("2026-03-01T07:00+00:00", "Europe/Berlin", None, date(2026, 3, 1)),
        ("2026-03-01T07:00+00:00", "Europe/Berlin", date(2026, 3, 1), None),
        ("2026-03-01T23:30+00:00", "Asia/Tokyo", date(2026, 3, 1), date(2026, 3, 2)),
        ("2026-03-01T12:00+00:00", "America/New_York", None, None),
    ],
)
def test_a_summary_is_due_once_a_day_in_the_readers_calendar(now, zone, last, due):
    assert due_on(datetime.fromisoformat(now), zone, 8, last) == due


def test_choices_are_checked(in_scope, ann):
    with in_scope(ann), pytest.raises(Invalid) as refused:
        notices.choose(
            {"orders": "loudly", "sales": "daily"}, time_zone="Mars/Base", summary_hour=25, by=ann.actor
        )
    assert set(refused.value.errors) == {"orders", "sales", "time_zone", "summary_hour"}


def test_the_link_in_a_mail_mutes_only_when_it_is_posted(
    app, worker, mailbox, shop, ann, in_scope, browser_for
):
    shop.order(ann, [(shop.offer("10.00"), 1)])
    worker()
    link = mailbox.to(ann.email)[0].unsubscribe
    assert link.startswith("http://acme.localhost:8000/unsubscribe/")
    stranger = browser_for(host=ann.host)
    assert stranger.get(link).status == 200
    with in_scope(ann) as session:
        assert session.scalars(select(Recipient)).all() == []
    assert browser_for(host="globex.localhost").get(link.split(":8000")[1]).status == 404
    # not the very last letter: of its six bits some say nothing
    forged = link[:-8] + ("x" if link[-8] != "x" else "y") + link[-7:]
    assert stranger.get(forged).status == 404
    answer = app.test_client().post(
        link.split(":8000")[1],
        base_url="http://acme.localhost:8000",
        data={"List-Unsubscribe": "One-Click"},
    )
    assert answer.status_code == 200, "a mail program has no session and follows nowhere"
    with in_scope(ann) as session:
        assert session.scalar(select(Recipient.hows)) == {"orders": "never"}
