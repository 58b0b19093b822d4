"""Prices as the shop asks for them: which book counts, when it begins to, and how little the database is asked."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import NotFound
from app.core.scope import NoScope
from app.domain.people.models import Account
from app.domain.pricing import actions
from app.domain.pricing.queries import convert, quotes
from app.domain.pricing.rules.checks import RuleInput
from app.domain.pricing.rules.rates import NoRate

D = Decimal


def one(put, quantity=1, account=None, **asked):
    return quotes([(put.offer, quantity)], account_id=account and account.id, **asked)[put.offer]


def percent(value, **more):
    return RuleInput("percent", D(value), **more)


def test_a_visitor_pays_list_price_where_there_is_no_book(acme, shelf, in_scope):
    with in_scope():
        put = shelf.put("10", "12.5")
    with in_scope(acme):
        quote = one(put)
    assert (quote.unit_cycle_price, quote.unit_cycle_cost, quote.currency) == (D("12.50"), D("10.00"), "EUR")
    assert quote.book_id is None


def test_the_distributors_book_makes_the_resellers_cost_and_its_own_the_price(
    acme, globex, nimbus, shelf, in_scope
):
    with in_scope():
        put = shelf.put("120", "144", term="P1Y")
        actions.set_default(actions.make_book("To resellers", "EUR", [percent(5)], by=SYSTEM), by=SYSTEM)
        theirs = actions.make_book("To Acme", "EUR", [percent(4)], by=SYSTEM)
        actions.assign(theirs, for_tenant_id=acme.id, by=SYSTEM)
    with in_scope(acme):
        book = actions.make_book("Nimbus", "EUR", [percent(18)], by=SYSTEM)
        book_id = book.id
        actions.assign(book, account_id=nimbus.id, by=SYSTEM)
    with in_scope(nimbus):
        quote = one(put, 40, nimbus)
    # 120 / 12 = 10.00; + 4 % = 10.40; + 18 % = 12.272
    assert (quote.unit_cycle_price, quote.unit_cycle_cost) == (D("12.27"), D("10.40"))
    assert quote.line_amount.amount == D("490.80")
    assert quote.commitment_amount.amount == D("5889.60")
    assert quote.book_id == book_id
    with in_scope(globex):
        actions.set_rate("EUR", "GBP", D(1), by=SYSTEM)
        assert one(put).unit_cycle_cost == D("10.50")


def test_the_narrowest_assignment_counts(acme, nimbus, harbour, shelf, in_scope):
    subscription = uuid4()
    with in_scope():
        put, elsewhere = shelf.put("100", "200"), shelf.put("100", "200", vendor=1)
    with in_scope(acme):

        def made(value, **target):
            actions.assign(
                actions.make_book(f"{value} %", "EUR", [percent(value)], by=SYSTEM), by=SYSTEM, **target
            )

        made(1)
        assert one(put).unit_cycle_price == D(101)
        made(2, vendor_id=put.vendor)
        made(3, account_id=nimbus.id)
        made(4, account_id=nimbus.id, vendor_id=put.vendor)
        made(5, subscription_id=subscription)
        assert one(elsewhere).unit_cycle_price == D(101)
        assert one(put, 1, harbour).unit_cycle_price == D(102)
        assert one(elsewhere, 1, nimbus).unit_cycle_price == D(103)
        assert one(put, 1, nimbus).unit_cycle_price == D(104)
        assert one(put, 1, nimbus, subscription_id=subscription).unit_cycle_price == D(105)


def test_a_book_given_later_takes_over_at_its_instant_by_itself(acme, nimbus, shelf, in_scope):
    with in_scope():
        put = shelf.put("100", "200")
    with in_scope(acme):
        now = clock.now()
        for value, at in ((10, None), (20, now + timedelta(days=1))):
            book = actions.make_book(f"{value}", "EUR", [percent(value)], by=SYSTEM)
            actions.assign(book, account_id=nimbus.id, by=SYSTEM, at=at)
        edge = now + timedelta(days=1)
        asked = [
            one(put, 1, nimbus, instant=edge + timedelta(microseconds=off)).unit_cycle_price
            for off in (-1, 0, 1)
        ]
    assert asked == [D(110), D(120), D(120)]


def test_a_scheduled_version_takes_over_at_its_instant_by_itself_and_can_be_withdrawn_before(
    acme, shelf, in_scope
):
    with in_scope():
        put = shelf.put("100", "200")
    with in_scope(acme):
        book = actions.make_book("Standard", "EUR", [percent(10)], by=SYSTEM)
        actions.set_default(book, by=SYSTEM)
        edge = clock.now() + timedelta(days=1)
        draft = actions.draft_of(book, by=SYSTEM)
        assert draft.number == 2
        actions.add_rule(draft, RuleInput("fixed", D("77.5"), "offer", put.offer), by=SYSTEM)
        assert one(put).unit_cycle_price == D(110), "a draft prices nothing"
        actions.publish(draft, by=SYSTEM, at=edge)
        asked = [one(put, instant=edge + timedelta(microseconds=off)).unit_cycle_price for off in (-1, 0)]
        assert asked == [D(110), D("77.50")]
        actions.withdraw(draft, by=SYSTEM)
        assert one(put, instant=edge).unit_cycle_price == D(110)


def test_both_edges_of_a_promotion_and_of_a_quantity_break(acme, shelf, in_scope):
    with in_scope():
        put = shelf.put("100", "200")
    with in_scope(acme):
        start = clock.now() + timedelta(hours=1)
        end = start + timedelta(days=7)
        rules = [
            percent(50),
            RuleInput("list_minus", D(30), "product", put.product, starts_at=start, ends_at=end),
            RuleInput("list_minus", D(40), "product", put.product, min_quantity=25),
        ]
        actions.set_default(actions.make_book("Autumn", "EUR", rules, by=SYSTEM), by=SYSTEM)
        step = timedelta(microseconds=1)
        at = [start - step, start, end - step, end]
        assert [one(put, 24, instant=instant).unit_cycle_price for instant in at] == [
            D(150),
            D(140),
            D(140),
            D(150),
        ]
        assert [one(put, quantity).unit_cycle_price for quantity in (24, 25, 26)] == [D(150), D(120), D(120)]


def test_a_future_price_of_the_vendor_takes_effect_by_itself(acme, shelf, in_scope):
    with in_scope():
        put = shelf.put("100", "200")
        rise = clock.now() + timedelta(days=3)
        shelf.price(put, "110", "220", since=rise)
    with in_scope(acme):
        asked = [one(put, instant=rise + timedelta(microseconds=off)).unit_cycle_price for off in (-1, 0)]
    assert asked == [D(200), D(220)]


def test_an_offer_without_a_price_or_a_rate_says_so_and_an_unknown_one_is_not_there(acme, shelf, in_scope):
    with in_scope():
        unpriced, dollars = shelf.put(None), shelf.put("10", "12", currency="USD")
    with in_scope(acme):
        found = quotes([(unpriced.offer, 1), (dollars.offer, 1), (uuid4(), 1)], account_id=None)
        assert not found
        reasons = {offer: why.reason for offer, why in found.missing.items()}
        assert reasons == {unpriced.offer: "not_priced", dollars.offer: "no_rate"}
        with pytest.raises(NoRate):
            convert(one_euro(), "USD")
        actions.set_rate("USD", "EUR", D("0.9"), by=SYSTEM)
        assert one(dollars).unit_cycle_price == D("10.80")


def one_euro():
    from app.core.money import Money

    return Money.of(1, "EUR")


def test_prices_are_in_the_customers_currency(acme, nimbus, shelf, in_scope):
    with in_scope():
        put = shelf.put("100", "120")
        shelf.price(put, "90", "130", "GBP")
    with in_scope(acme) as session:
        session.get_one(Account, nimbus.id).currency = "GBP"
        actions.set_default(actions.make_book("Standard", "EUR", [percent(10)], by=SYSTEM), by=SYSTEM)
        session.flush()
        quote = one(put, 1, nimbus)
        assert (quote.currency, quote.unit_cycle_price) == ("GBP", D(99)), "the vendor asks in pounds too"
        assert one(put).currency == "EUR"


def test_one_tenants_prices_are_asked_for_in_its_own_scope_only(acme, globex, nimbus, quill, shelf, in_scope):
    with in_scope():
        put = shelf.put()
    with in_scope(acme), pytest.raises(NotFound):
        quotes([(put.offer, 1)], account_id=quill.id)
    with in_scope(), pytest.raises(NoScope):
        quotes([(put.offer, 1)], account_id=None)
    with in_scope():
        assert quotes([(put.offer, 1)], account_id=nimbus.id, tenant_id=acme.id)


@pytest.mark.parametrize("quantity", [0, -1, 2**31, 10**40])
def test_a_quantity_out_of_range_is_refused_before_the_database_sees_it(quantity, acme, shelf, in_scope):
    with in_scope(acme), pytest.raises(ValueError, match="out of range"):
        quotes([(uuid4(), quantity)], account_id=None)


def test_a_page_of_24_offers_costs_one_statement_whatever_there_is(
    acme, globex, nimbus, shelf, in_scope, statements
):
    with in_scope():
        puts = [
            shelf.put(str(n), str(n + 2), currency=["EUR", "USD"][n % 2], vendor=n % 2) for n in range(1, 25)
        ]
        actions.load_ecb_rates()
        actions.set_default(actions.make_book("To resellers", "USD", [percent(3)], by=SYSTEM), by=SYSTEM)
    for tenant in (acme, globex):
        with in_scope(tenant):
            for n in range(5):
                rules = [percent(n)] + [RuleInput("fixed", D(5), "offer", put.offer) for put in puts[: n * 3]]
                book = actions.make_book(f"Book {n}", "EUR", rules, by=SYSTEM)
            actions.set_default(book, by=SYSTEM)
    with in_scope(acme):
        actions.assign(
            actions.make_book("Nimbus", "EUR", [percent(9)], by=SYSTEM), account_id=nimbus.id, by=SYSTEM
        )
    with in_scope(nimbus, read_only=True), statements() as seen:
        found = quotes([(put.offer, 3) for put in puts], account_id=nimbus.id)
        for quote in found.values():
            assert quote.steps, "steps need no statement"
    assert len(found) == 24
    assert len(seen) == 1
