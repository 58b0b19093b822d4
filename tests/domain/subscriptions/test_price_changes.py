"""What a publication does to what runs: the notice, its days, and prices that change before a renewal only where it is so set."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.core import clock
from app.core.errors import Invalid
from app.core.jobs import registry
from app.domain.pricing import actions
from app.domain.pricing.actions.drafts import default_rule
from app.domain.pricing.models import PriceBook
from app.domain.pricing.queries import settings
from app.domain.pricing.rules.checks import RuleInput
from app.domain.subscriptions.models import PriceNotice, Subscription
from app.domain.subscriptions.queries.running import running_changes
from app.domain.vendors import Vendors
from tests.support.fake_vendor import FakeVendor
from tests.support.shopping import Shopping, over

D = Decimal


@pytest.fixture
def running(app, monkeypatch, in_scope, olivia, ann, nimbus, worker):
    """Nimbus runs five seats for a year billed monthly, at cost plus 20 %: 12.00; and two by the month at list price."""
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": FakeVendor()}))
    shop = Shopping(app)
    yearly = shop.offer("180.00", cost="120.00", term="P1Y")
    monthly = shop.offer("15.00", cost="10.00")
    shop.policy(olivia, None, over("100000"))
    with in_scope(olivia):
        book = actions.make_book("Nimbus", "EUR", [RuleInput("percent", D(20))], by=olivia.actor)
        actions.assign(book, account_id=nimbus.id, by=olivia.actor)
        book_id = book.id
    shop.order(ann, [(yearly, 5), (monthly, 2)])
    worker("orders.%")
    return book_id


def draft(session, book_id, olivia, percent):
    found = actions.draft_of(session.get_one(PriceBook, book_id), by=olivia.actor)
    actions.change_rule(default_rule(found), RuleInput("percent", D(percent)), by=olivia.actor)
    return found


def choose(in_scope, olivia, **values):
    with in_scope(olivia):
        actions.choose_settings(replace(settings(), **values), by=olivia.actor)


def test_the_preview_says_what_moves_and_when(in_scope, olivia, running):
    with in_scope(olivia) as session:
        changes = running_changes(draft(session, running, olivia, 30), clock.now())
        runs = {one.number: one for one in session.query(Subscription)}
        assert [(one.before, one.after, one.quantity) for one in changes] == [
            (D("12.00"), D("13.00"), 5), (D("12.00"), D("13.00"), 2),
        ]  # fmt: skip
        assert [one.changes_on for one in changes] == [runs[one.number].renews_on for one in changes]
        assert all(one.is_rise for one in changes)
        assert running_changes(draft(session, running, olivia, 20), clock.now()) == []
        assert not any(
            one.is_rise for one in running_changes(draft(session, running, olivia, 10), clock.now())
        )
    choose(in_scope, olivia, monthly_terms="kept")
    with in_scope(olivia) as session:
        changes = running_changes(draft(session, running, olivia, 30), clock.now())
        assert [one.is_rise for one in changes] == [True, False]


def test_a_rise_waits_for_its_notice_and_is_told(in_scope, olivia, ann, nimbus, running, worker, mailbox):
    choose(in_scope, olivia, notice_days=14)
    with in_scope(olivia) as session:
        version = draft(session, running, olivia, 30)
        notice = actions.notice_of(version)
        assert (notice.customers, notice.subscriptions, notice.days) == (1, 2, 14)
        with pytest.raises(Invalid, match="1 customer pays more"):
            actions.publish(version, by=olivia.actor)
        with pytest.raises(Invalid, match="told 14 days ahead"):
            actions.publish(version, at=clock.now() + timedelta(days=13), by=olivia.actor)
        actions.publish(version, at=clock.now() + timedelta(days=14, minutes=1), by=olivia.actor)
    worker()
    (mail,) = [mail for mail in mailbox.to(ann.email) if "New prices" in mail.subject]
    assert "12.00 → 13.00 EUR" in mail.text
    assert "10.00" not in mail.text
    with in_scope(olivia) as session:
        assert [(row.account_id, len(row.lines)) for row in session.query(PriceNotice)] == [(nimbus.id, 2)]
    worker()
    assert len([mail for mail in mailbox.to(ann.email) if "New prices" in mail.subject]) == 1


def test_without_the_notice_only_knowingly_and_a_fall_at_once(
    in_scope, olivia, ann, running, worker, mailbox
):
    choose(in_scope, olivia, notice_days=14)
    with in_scope(olivia) as session:
        actions.publish(draft(session, running, olivia, 30), overrides_notice=True, by=olivia.actor)
    worker()
    assert len([mail for mail in mailbox.to(ann.email) if "New prices" in mail.subject]) == 1
    with in_scope(olivia) as session:
        actions.publish(draft(session, running, olivia, 5), by=olivia.actor)
    worker()
    assert len([mail for mail in mailbox.to(ann.email) if "New prices" in mail.subject]) == 1


def test_a_longer_term_changes_with_its_charge_only_where_it_is_so_set(
    app, in_scope, olivia, running, worker
):
    with in_scope(olivia) as session:
        actions.publish(draft(session, running, olivia, 30), by=olivia.actor)
        found = session.query(Subscription).where(Subscription.term == "P1Y").one()
        charge = found.started_at + timedelta(days=31)
        starts = found.term_starts_on
    from app.domain.pricing.rules.running import months_later

    charge = charge.replace(
        year=months_later(starts, 1).year,
        month=months_later(starts, 1).month,
        day=months_later(starts, 1).day,
    )

    def night(at):
        with app.app_context(), clock.at(at):
            registry["subscriptions.reprice_due"].handler()
        with in_scope(olivia) as session:
            return session.query(Subscription).where(Subscription.term == "P1Y").one().unit_amount

    assert night(charge) == D("12.00")
    choose(in_scope, olivia, running_terms="period")
    assert night(charge + timedelta(days=1)) == D("12.00")
    assert night(charge) == D("13.00")
    with in_scope(olivia) as session:
        actions.choose_running_terms(session.get_one(PriceBook, running), "renewal", None, by=olivia.actor)
        actions.publish(draft(session, running, olivia, 40), by=olivia.actor)
    assert night(charge) == D("13.00")
