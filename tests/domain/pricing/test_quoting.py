"""Prices as the shop asks for them: which book, which rule, which vendor price, in which currency."""

from decimal import Decimal

import pytest

from app.core.actor import SYSTEM
from app.domain.pricing import actions
from app.domain.pricing.queries import quotes
from app.domain.pricing.rules.checks import RuleInput
from tests.domain.pricing.shelf import Shelf

D = Decimal


@pytest.fixture
def shelf(in_scope):
    with in_scope():
        return Shelf()


def one(put, quantity=1, **asked):
    return quotes([(put.offer, quantity)], **asked)[put.offer]


def test_a_visitor_pays_list_price_where_there_is_no_book(acme, shelf, in_scope):
    with in_scope():
        put = shelf.put("10", "12.5")
    with in_scope(acme):
        quote = one(put, account_id=None)
    assert (quote.unit_cycle_price, quote.unit_cycle_cost, quote.currency) == (D("12.50"), D("10.00"), "EUR")
    assert quote.book_id is None


def test_a_customers_book_prices_from_the_resellers_cost(acme, nimbus, shelf, in_scope):
    with in_scope():
        put = shelf.put("120", "144", term="P1Y")
        theirs = actions.make_book("To resellers", "EUR", [RuleInput("percent", D(5))], by=SYSTEM)
        actions.set_default(theirs, by=SYSTEM)
    with in_scope(acme):
        book = actions.make_book("Nimbus", "EUR", [RuleInput("percent", D(18))], by=SYSTEM)
        actions.assign(book, account_id=nimbus.id, by=SYSTEM)
    with in_scope(nimbus):
        quote = one(put, 40, account_id=nimbus.id)
    # 120 / 12 = 10.00; + 5 % = 10.50; + 18 % = 12.39
    assert (quote.unit_cycle_price, quote.unit_cycle_cost) == (D("12.39"), D("10.50"))
    assert quote.line_amount.amount == D("495.60")
    assert quote.commitment_amount.amount == D("5947.20")
    assert quote.book_id == book.id
