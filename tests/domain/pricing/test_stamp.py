"""The stamp changes whenever a price may, and only then; nothing has to remember to change it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import NotFound
from app.domain.pricing import actions
from app.domain.pricing.queries import price_stamp
from app.domain.pricing.rules.checks import RuleInput

D = Decimal


def test_every_change_that_may_move_a_price_changes_the_stamp(acme, globex, nimbus, shelf, in_scope):
    keys: list[str] = []
    others: list[str] = []

    def look():
        with in_scope(acme):
            keys.append(price_stamp(nimbus.id).key)
        with in_scope(globex):
            others.append(price_stamp(None).key)

    look()
    with in_scope(acme):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", D(1))], by=SYSTEM)
        book_id = book.id
    look()
    with in_scope(acme) as session:
        book = session.get_one(type(book), book_id)
        given = actions.assign(book, account_id=nimbus.id, by=SYSTEM)
        session.flush()
        given_id, kind = given.id, type(given)
    look()
    with in_scope(acme):
        actions.set_rate("EUR", "USD", D(1), by=SYSTEM)
    look()
    with in_scope(acme) as session:
        actions.unassign(session.get_one(kind, given_id), by=SYSTEM)
    look()
    assert len(set(keys)) == 5
    assert len(set(others)) == 1, "what one reseller does is nothing to another"
    with in_scope():
        actions.load_ecb_rates()
    look()
    assert keys[-1] != keys[-2]
    assert others[-1] != others[-2]


def test_drafting_changes_nothing(acme, shelf, in_scope):
    with in_scope(acme):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", D(1))], by=SYSTEM)
        before = price_stamp(None).key
        draft = actions.draft_of(book, by=SYSTEM)
        actions.add_rule(draft, RuleInput("percent", D(2), min_quantity=5), by=SYSTEM)
        assert price_stamp(None).key == before


def test_an_instant_at_which_prices_turn_changes_the_stamp_and_is_foretold(acme, shelf, in_scope):
    start = clock.now() + timedelta(days=1)
    end = start + timedelta(days=1)
    with in_scope(acme):
        rules = [RuleInput("percent", D(1)), RuleInput("percent", D(-1), starts_at=start, ends_at=end)]
        actions.set_default(actions.make_book("Standard", "EUR", rules, by=SYSTEM), by=SYSTEM)
        step = timedelta(microseconds=1)
        stamps = [
            price_stamp(None, instant=instant)
            for instant in (start - step, start, end - step, end, end + step)
        ]
    assert stamps[0].turns_at == start
    assert stamps[1].turns_at == end
    assert stamps[3].turns_at is None
    keys = [stamp.key for stamp in stamps]
    assert keys[1] == keys[2]
    assert keys[3] == keys[4]
    assert len(set(keys)) == 3


def test_a_stamp_is_the_customers_own(acme, nimbus, quill, in_scope):
    with in_scope(acme):
        assert price_stamp(nimbus.id).key != price_stamp(None).key
        with pytest.raises(NotFound):
            price_stamp(quill.id)
