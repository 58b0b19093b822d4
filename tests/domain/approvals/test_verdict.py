"""Holding rules against an ask, as pure arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.approvals.rules.frozen import amount_text, canonical, difference, digest_of
from app.domain.approvals.rules.verdict import NO_POLICY, Rule, Spent, Verdict, evaluate, strictest

AMOUNTS = st.decimals("0", "100000", places=2)


def rule(trigger, amount=None, days=None, asks="reseller", position=1, role=None, currency="EUR"):
    has = trigger != "always"
    return Rule(
        position, trigger, asks, Decimal(amount) if has else None, currency if has else None, days, role
    )


@pytest.mark.parametrize(("asked", "must_ask"), [("499.99", False), ("500.00", True), ("500.01", True)])
def test_a_threshold_is_met_at_the_amount(asked, must_ask):
    assert evaluate([rule("order_total", "500")], {"EUR": Decimal(asked)}, {}).must_ask is must_ask


def test_what_was_spent_and_this_order_count_together():
    verdict = evaluate(
        [rule("window_spend", "1000", 30)],
        {"EUR": Decimal("412")},
        {(30, "EUR"): Spent(Decimal("820"), waiting=Decimal("99"), decided=Decimal("5000"))},
    )
    assert verdict.must_ask
    assert verdict.met[0].sentence == "820.00 in 30 days + 412.00 ≥ 1,000.00 EUR"


def test_waiting_and_decided_orders_are_shown_and_do_not_eat_the_allowance():
    verdict = evaluate(
        [rule("window_spend", "1000", 30)],
        {"EUR": Decimal("412")},
        {(30, "EUR"): Spent(Decimal(0), waiting=Decimal("700"), decided=Decimal("5000"))},
    )
    assert not verdict.must_ask
    assert (verdict.reasons[0].waiting, verdict.reasons[0].decided) == ("700.00", "5000.00")


@pytest.mark.parametrize(
    ("asked", "spent"),
    [
        ({"USD": None}, {(30, "USD"): Spent(Decimal(0))}),
        ({"USD": Decimal(1)}, {(30, "USD"): Spent(None)}),
        ({}, {}),
    ],
)
def test_no_rate_means_asking(asked, spent):
    verdict = evaluate([rule("window_spend", "1000", 30, currency="USD")], asked, spent)
    assert verdict.must_ask
    assert "exchange rate" in verdict.met[0].sentence


def test_the_same_people_are_asked_once_and_in_the_order_of_the_rules():
    verdict = evaluate(
        [
            rule("always", position=3),
            rule("order_total", "10", position=1, asks="customer"),
            rule("order_total", "20", position=2),
        ],
        {"EUR": Decimal(100)},
        {},
    )
    assert [step.asks for step in verdict.steps] == ["customer", "reseller"]
    assert len(verdict.met) == 3


@given(AMOUNTS, AMOUNTS, st.decimals("0.01", "100000", places=2))
def test_going_ahead_means_staying_under_the_limit(spent, asked, limit):
    verdict = evaluate(
        [rule("window_spend", limit, 30)], {"EUR": asked}, {(30, "EUR"): Spent(Decimal(spent))}
    )
    assert verdict.must_ask is (spent + asked >= limit)


@given(AMOUNTS, AMOUNTS)
def test_more_rules_never_ask_less(asked, limit):
    few = evaluate([rule("order_total", limit)], {"EUR": asked}, {})
    many = evaluate([rule("order_total", limit), rule("order_total", "500", position=2)], {"EUR": asked}, {})
    assert many.must_ask >= few.must_ask
    both = strictest([few, NO_POLICY])
    assert both.must_ask


def test_a_verdict_is_stored_and_read_back():
    verdict = evaluate([rule("order_total", "5"), rule("always", position=2)], {"EUR": Decimal(9)}, {})
    assert Verdict.from_dict(verdict.to_dict()) == verdict


def test_canonical_json_is_one_text_for_one_content():
    one = canonical({"b": 1, "a": ["ü", None, True]})
    assert one == '{"a":["ü",null,true],"b":1}' == canonical({"a": ["ü", None, True], "b": 1})
    assert len(digest_of(one)) == 64


@pytest.mark.parametrize("value", [1.5, Decimal("1"), {1: "x"}, object()])
def test_what_has_two_spellings_cannot_be_frozen(value):
    with pytest.raises(TypeError):
        canonical({"a": value})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=0, max_value=10**9))
def test_an_amount_is_written_in_one_way_whatever_its_scale(amount):
    text = amount_text(amount)
    assert Decimal(text) == amount
    assert text == amount_text(amount + Decimal("0.00000000")) == amount_text(Decimal(text))


def test_the_difference_is_readable():
    before = {"total": "412", "lines": [{"quantity": 40, "term": "P1Y"}]}
    after = {"total": "431.2", "lines": [{"quantity": 40, "term": "P1M"}, {"quantity": 1, "term": "P1M"}]}
    assert [str(change) for change in difference(before, after)] == [
        "Line 1: term: P1Y → P1M",
        "Line 2: quantity: (nothing) → 1",
        "Line 2: term: (nothing) → P1M",
        "Total: 412 → 431.2",
    ]
