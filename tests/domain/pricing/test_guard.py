"""The margin guard: what it finds after a rise, what somebody decides, and that no sale goes round it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.core import clock
from app.core.errors import Conflict, Invalid
from app.domain.people.models import Account
from app.domain.pricing import actions
from app.domain.pricing.actions.guarding import sweep
from app.domain.pricing.models import MarginFinding
from app.domain.pricing.queries import held, quotes, settings
from app.domain.pricing.rules.checks import RuleInput
from app.domain.pricing.rules.guard import least_price

D = Decimal
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
RISE = NOW + timedelta(days=1)
LATER = RISE + timedelta(hours=1)


@pytest.fixture
def line(in_scope, acme, nimbus, olivia, shelf):
    """Nimbus has a fixed price of 11.00 for what costs 10.00 now and 11.50 from tomorrow on; others pay cost plus 20 %."""
    with in_scope():
        put = shelf.put("10", "15")
        shelf.price(put, "11.50", "16", since=RISE, revision=2)
    with in_scope(acme), clock.at(NOW):
        standard = actions.make_book("Standard", "EUR", [RuleInput("percent", D(20))], by=olivia.actor)
        actions.set_default(standard, by=olivia.actor)
        fixed = actions.make_book("Nimbus", "EUR", [RuleInput("fixed", D(11))], by=olivia.actor)
        actions.assign(fixed, account_id=nimbus.id, by=olivia.actor)
    return put


def swept(in_scope, acme, at, cause="price_sheet", **options):
    with in_scope(acme), clock.at(at):
        return sweep(cause, **options)


def findings(in_scope, acme):
    with in_scope(acme) as session:
        return [
            (f.state, f.reason, f.unit_price, f.unit_cost, f.cause)
            for f in session.query(MarginFinding).order_by(MarginFinding.created_at)
        ]


def decide(in_scope, acme, at, action, **options):
    with in_scope(acme) as session, clock.at(at):
        (row,) = session.query(MarginFinding).where(MarginFinding.state != "resolved")
        action(row, version=row.version, **options)


def set_guard(in_scope, acme, olivia, **values):
    with in_scope(acme), clock.at(NOW):
        actions.choose_settings(replace(settings(), **values), by=olivia.actor)


def how(in_scope, acme, nimbus, put, at):
    with in_scope(acme), clock.at(at):
        return held(list(quotes([(put.offer, 1)], account_id=nimbus.id).values())).get(put.offer)


def test_a_rise_over_a_fixed_price_is_found_once_and_resolves_by_itself(in_scope, acme, olivia, line):
    assert swept(in_scope, acme, NOW).found == 0
    first = swept(in_scope, acme, LATER)
    assert (first.lines, first.found, first.new) == (2, 1, 1)
    assert swept(in_scope, acme, LATER + timedelta(minutes=1)).new == 0
    assert findings(in_scope, acme) == [("open", "under_cost", D(11), D("11.5"), "price_sheet")]
    with in_scope() as session:
        from app.domain.pricing.models import PriceBook

        book_id = session.query(PriceBook).where(PriceBook.name == "Nimbus").one().id
    with in_scope(acme) as session, clock.at(LATER):
        from app.domain.pricing.actions.drafts import default_rule

        draft = actions.draft_of(session.get_one(PriceBook, book_id), by=olivia.actor)
        actions.change_rule(default_rule(draft), RuleInput("fixed", D(12)), by=olivia.actor)
        actions.publish(draft, by=olivia.actor)
    assert swept(in_scope, acme, LATER + timedelta(minutes=2), "price_book").resolved == 1
    assert [state for state, *_ in findings(in_scope, acme)] == ["resolved"]


def test_a_floor_that_makes_the_price_is_told_and_holds_nothing(in_scope, acme, nimbus, olivia, line):
    with in_scope(acme), clock.at(NOW + timedelta(minutes=1)):
        rules = [RuleInput("fixed", D(11), floor="margin", floor_value=D(5))]
        actions.assign(
            actions.make_book("Floored", "EUR", rules, by=olivia.actor), account_id=nimbus.id, by=olivia.actor
        )
    set_guard(in_scope, acme, olivia, guard="closed")
    swept(in_scope, acme, LATER)
    assert findings(in_scope, acme) == [("open", "at_floor", D("12.11"), D("11.5"), "price_sheet")]
    assert how(in_scope, acme, nimbus, line, LATER) is None


@pytest.mark.parametrize(
    ("guard", "expected"), [("list", None), ("approval", "approval"), ("closed", "closed")]
)
def test_the_setting_says_what_happens_to_a_sale_before_anything_was_swept(
    guard, expected, in_scope, acme, nimbus, olivia, line
):
    set_guard(in_scope, acme, olivia, guard=guard)
    assert how(in_scope, acme, nimbus, line, NOW) is None
    assert how(in_scope, acme, nimbus, line, RISE) == expected


def test_a_least_margin_watches_prices_that_make_no_loss(in_scope, acme, nimbus, olivia, line):
    set_guard(in_scope, acme, olivia, guard="approval", least_margin_percent=D(17))
    assert how(in_scope, acme, nimbus, line, NOW) == "approval"
    assert swept(in_scope, acme, NOW).found == 2  # 11.00 and 12.00 for what costs 10.00
    assert least_price(D("10.00"), "EUR", D(17)) == D("12.05")


def test_what_was_accepted_is_sold_until_the_day_or_until_it_gets_worse(
    in_scope, acme, nimbus, olivia, line, shelf
):
    set_guard(in_scope, acme, olivia, guard="closed")
    swept(in_scope, acme, LATER)
    until = LATER + timedelta(days=10)
    with pytest.raises(Invalid):
        decide(in_scope, acme, LATER, actions.accept_finding, until=until, comment=" ", by=olivia.actor)
    decide(in_scope, acme, LATER, actions.accept_finding, until=until, comment="Agreed.", by=olivia.actor)
    assert how(in_scope, acme, nimbus, line, until - timedelta(seconds=1)) is None
    assert how(in_scope, acme, nimbus, line, until) == "closed"
    with in_scope():
        shelf.price(line, "11.60", "16", since=LATER + timedelta(days=2), revision=3)
    worse = LATER + timedelta(days=3)
    assert how(in_scope, acme, nimbus, line, worse) == "closed"
    swept(in_scope, acme, worse)
    assert findings(in_scope, acme) == [("open", "under_cost", D(11), D("11.6"), "price_sheet")]


def test_what_was_closed_stays_closed_whatever_the_setting(in_scope, acme, nimbus, olivia, line):
    swept(in_scope, acme, LATER)
    decide(in_scope, acme, LATER, actions.close_finding, comment="", by=olivia.actor)
    assert how(in_scope, acme, nimbus, line, LATER) == "closed"
    decide(in_scope, acme, LATER, actions.reopen_finding, by=olivia.actor)
    assert how(in_scope, acme, nimbus, line, LATER) is None


def test_who_decides_decides_about_what_was_seen(in_scope, acme, olivia, line):
    swept(in_scope, acme, LATER)
    with in_scope(acme) as session, clock.at(LATER):
        row = session.query(MarginFinding).one()
        with pytest.raises(Conflict):
            actions.close_finding(row, comment="", version=row.version + 1, by=olivia.actor)


def test_only_what_changed_is_gone_over_and_the_rest_stays(in_scope, acme, line, shelf):
    swept(in_scope, acme, LATER)
    with in_scope():
        other = shelf.put("10", "15")
    narrow = swept(in_scope, acme, LATER + timedelta(minutes=1), offer_ids=[other.offer])
    assert (narrow.lines, narrow.resolved) == (2, 0)
    assert [state for state, *_ in findings(in_scope, acme)] == ["open"]


def test_without_a_book_the_list_price_is_watched(in_scope, acme, olivia, line, shelf):
    with in_scope(acme) as session, clock.at(NOW):
        from app.domain.pricing.queries import defaults

        actions.unassign(defaults()[0][0], by=olivia.actor)
        assert session.query(Account).count() == 1
    with in_scope():
        shelf.price(line, "17", "16", since=RISE, revision=3)
    swept(in_scope, acme, LATER)
    assert sorted((price, cost) for _, _, price, cost, _ in findings(in_scope, acme)) == [
        (D(11), D(17)), (D(16), D(17)),
    ]  # fmt: skip


def test_every_reseller_is_gone_over_after_a_sheet(in_scope, acme, globex, dora, line, worker):
    with clock.at(NOW):
        worker("pricing.%")
    assert findings(in_scope, acme) == []
    with in_scope(), clock.at(LATER):
        actions.set_rate("EUR", "GBP", D("0.9"), by=dora.actor)
    with clock.at(LATER):
        worker("pricing.%")
    assert [cause for *_, cause in findings(in_scope, acme)] == ["exchange_rate"]
