"""Vendors' promotions: read from files, entered, ended; what they make of a price, and who gets them."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.core import clock
from app.core.errors import Conflict, Invalid
from app.domain.pricing import actions
from app.domain.pricing.queries import quotes
from app.domain.pricing.rules.checks import RuleInput
from app.domain.pricing.rules.promotions import COLUMNS, PromotionInput, read_promotions

START = datetime(2026, 7, 1, tzinfo=UTC)
END = datetime(2026, 8, 1, tzinfo=UTC)
BEFORE = START - timedelta(days=3)
D = Decimal


def summer(**more) -> PromotionInput:
    return PromotionInput(
        **{"code": "S:1:2", "name": "Summer", "percent": D(20), "starts_at": START, "ends_at": END} | more
    )


@pytest.fixture
def sold(in_scope, acme, dora, shelf):
    """An offer that costs Acme 10.00 and lists at 12.50, sold at cost plus 20 %, and a promotion of 20 % on it."""
    with in_scope(), clock.at(BEFORE):
        put = shelf.put()
        actions.set_rate("EUR", "GBP", D(1), by=dora.actor)
        actions.enter_promotion(put.vendor, summer(), [put.offer], by=dora.actor)
    with in_scope(acme), clock.at(BEFORE):
        actions.set_default(
            actions.make_book("Standard", "EUR", [RuleInput("percent", D(20))], by=dora.actor), by=dora.actor
        )
    return put


def ask(in_scope, whose, put, at, quantity=1, account_id=None):
    with in_scope(whose):
        return quotes([(put.offer, quantity)], account_id=account_id, instant=at)[put.offer]


def told(quote):
    return quote.unit_cycle_price, quote.unit_cycle_cost, quote.unit_cycle_regular


def test_a_promotion_holds_its_start_and_not_its_end(in_scope, acme, sold):
    microsecond = timedelta(microseconds=1)
    asked = [
        told(ask(in_scope, acme, sold, at)) for at in (START - microsecond, START, END - microsecond, END)
    ]
    full, promoted = (D("12.00"), D("10.00"), None), (D("9.60"), D("8.00"), D("12.00"))
    assert asked == [full, promoted, promoted, full]


def test_the_customer_reads_was_and_until_and_no_percentage(in_scope, acme, sold):
    quote = ask(in_scope, acme, sold, START)
    shown = quote.for_customer()
    assert str(shown.unit_regular) == "12.00 EUR"
    step = next(step for step in shown.steps if step.what == "vendor_promotion")
    assert step.detail == {"until": END.isoformat(), "was": "12.00 EUR"}
    assert not any("percent" in step.detail or step.after == D("8.00") for step in shown.steps)
    assert any(step.what == "promotion_cost" and step.detail["percent"] == "20" for step in quote.steps)
    assert type(quote).from_dict(quote.to_dict()) == quote


def test_a_quote_without_a_promotion_is_stored_as_it_was_before_there_were_any(in_scope, acme, sold):
    stored = ask(in_scope, acme, sold, BEFORE).to_dict()
    assert "promotion_id" not in stored
    assert "unit_cycle_regular" not in stored


def test_a_book_that_keeps_promotions_asks_the_same_and_earns_more(in_scope, acme, dora, sold):
    with in_scope(acme), clock.at(BEFORE):
        book = actions.create_book("Keeps", "EUR", by=dora.actor)
        draft = actions.draft_of(book, by=dora.actor)
        actions.pass_promotions(draft, False, by=dora.actor)
        actions.publish(draft, by=dora.actor)
        with pytest.raises(Conflict):
            actions.pass_promotions(draft, True, by=dora.actor)
        assert actions.draft_of(book, by=dora.actor).passes_promotions is False
        actions.set_default(book, vendor_id=sold.vendor, by=dora.actor)
    quote = ask(in_scope, acme, sold, START)
    assert told(quote) == (D("10.00"), D("8.00"), None)
    assert any(step.what == "promotion_kept" for step in quote.steps)


def test_the_distributor_may_keep_it_from_the_reseller(in_scope, acme, dora, sold):
    with in_scope(), clock.at(BEFORE):
        book = actions.create_book("What resellers pay", "EUR", by=dora.actor)
        draft = actions.draft_of(book, by=dora.actor)
        actions.pass_promotions(draft, False, by=dora.actor)
        actions.publish(draft, by=dora.actor)
        actions.set_default(book, by=dora.actor)
    assert told(ask(in_scope, acme, sold, START)) == (D("12.00"), D("10.00"), None)


def test_who_has_no_book_pays_list_price_all_the_same(in_scope, globex, sold):
    assert told(ask(in_scope, globex, sold, START)) == (D("12.50"), D("8.00"), None)


def test_list_prices_come_down_before_the_reduction_of_a_book_does(in_scope, acme, dora, shelf):
    """Promotion first, then the rule: 10.50 x 0.8 = 8.40, less 10 % is 7.56."""
    with in_scope(), clock.at(BEFORE):
        put = shelf.put("8", "10.50")
        actions.enter_promotion(put.vendor, summer(), [put.offer], by=dora.actor)
    with in_scope(acme), clock.at(BEFORE):
        book = actions.make_book("List", "EUR", [RuleInput("list_minus", D(10))], by=dora.actor)
        actions.set_default(book, by=dora.actor)
    assert ask(in_scope, acme, put, START).unit_cycle_price == D("7.56")


def test_it_counts_between_its_quantities_and_the_larger_one_counts(in_scope, acme, dora, sold):
    with in_scope(), clock.at(BEFORE):
        large = summer(code="L", percent=D(50), min_quantity=10, max_quantity=20)
        actions.enter_promotion(sold.vendor, large, [sold.offer], by=dora.actor)
    costs = [ask(in_scope, acme, sold, START, quantity).unit_cycle_cost for quantity in (9, 10, 20, 21)]
    assert costs == [D("8.00"), D("5.00"), D("5.00"), D("8.00")]


def test_one_that_ends_early_ends_for_everybody_at_once(in_scope, acme, dora, sold):
    from app.domain.pricing.models import Promotion
    from app.domain.pricing.queries import price_stamp

    at = START + timedelta(days=4)
    with in_scope(acme):
        before = price_stamp(None, instant=at)
    with in_scope() as session, clock.at(at):
        promotion = session.query(Promotion).one()
        with pytest.raises(Invalid):
            actions.end_promotion(promotion, at=at - timedelta(days=1), by=dora.actor)
        actions.end_promotion(promotion, by=dora.actor)
    assert told(ask(in_scope, acme, sold, at)) == (D("12.00"), D("10.00"), None)
    with in_scope(acme):
        assert price_stamp(None, instant=at).key != before.key


def test_a_reseller_enters_none(in_scope, acme, dora, sold):
    with in_scope(acme), pytest.raises(Conflict):
        actions.enter_promotion(sold.vendor, summer(code="X"), [sold.offer], by=dora.actor)


MICROSOFTS = {
    "totalCount": 1,
    "items": [
        {
            "id": "39NFJQT1PJQB:0001:39NFJQT1Q5KN",
            "name": "Visio Plan 1",
            "startDate": "2026-07-01T00:00:00+00:00",
            "endDate": "2026-07-31T23:59:59.0000000Z",
            "properties": {"isAutoApplicable": True},
            "requiredProducts": [
                {
                    "productId": "CFQ7TTC0HD33",
                    "skuId": "0003",
                    "term": {"duration": "P1Y", "billingCycle": "Annual"},
                    "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.05"}],
                }
            ],
        }
    ],
}


def test_microsofts_answer_is_read():
    (found,) = read_promotions(json.dumps(MICROSOFTS).encode(), market="DE", segment="commercial")
    assert (found.code, found.percent) == ("39NFJQT1PJQB:0001:39NFJQT1Q5KN", D(5))
    assert found.ends_at == datetime(2026, 7, 31, 23, 59, 59, tzinfo=UTC)
    (target,) = found.targets
    assert (target.product_id, target.sku_id, target.term) == ("CFQ7TTC0HD33", "0003", "P1Y")
    assert (target.billing_plan, target.segment, target.market) == ("annual", "commercial", "DE")


LINE = "S:1,Summer,P0001,,P1M,Monthly,Commercial,DE,20,2026-07-01,2026-08-01,,"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"\xff\xfe", "not a text file"),
        (b"{", "is not"),
        (b"Code,Name\n", "Line 1: there is no column ProductId"),
        (b'{"items": [{"id": "x"}]}', "Promotion 1: there is no requiredProducts"),
        (f"{','.join(COLUMNS)}\n{LINE.replace(',20,', ',1e3,')}".encode(), "Line 2: Percent"),
        (f"{','.join(COLUMNS)}\n{LINE.replace(',20,', ',100,')}".encode(), "Line 2: A promotion takes off"),
        (f"{','.join(COLUMNS)}\n{LINE}\n{LINE.replace(',20,', ',30,')}".encode(), "Line 3: S:1 was told otherwise"),
        (f"{','.join(COLUMNS)}\n{LINE.replace('2026-08-01', 'soon')}".encode(), "Line 2: 'soon' is not a date"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_says_where(body, sentence):
    with pytest.raises(Invalid) as wrong:
        read_promotions(body, market="DE", segment="commercial")
    assert sentence in wrong.value.errors["file"]


def test_a_file_is_taken_once_and_a_moved_end_is_moved(in_scope, acme, dora, shelf):
    def load(text):
        with in_scope(), clock.at(BEFORE):
            report = actions.import_promotions(
                f"{','.join(COLUMNS)}\n{text}".encode(), vendor_id=shelf.vendors[0], market="DE",
                segment="commercial", by=dora.actor,
            )  # fmt: skip
            return report.new, report.moved, report.unknown

    with in_scope():
        put = shelf.put()
    assert load(LINE) == (1, 0, 0)
    assert load(LINE) == (0, 0, 0)
    assert load(LINE.replace("2026-08-01", "2026-07-15")) == (0, 1, 0)
    assert load(LINE.replace("P0001", "P9999").replace("S:1", "S:2")) == (0, 0, 1)
    assert ask(in_scope, acme, put, datetime(2026, 7, 14, tzinfo=UTC)).unit_cycle_cost == D("8.00")
    assert ask(in_scope, acme, put, datetime(2026, 7, 15, tzinfo=UTC)).unit_cycle_cost == D("10.00")
