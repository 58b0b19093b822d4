"""The arithmetic of prices, without a database: kinds, floors, endings, currencies, cycles and what a quote says."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.pricing.rules.cycles import charge_cycle
from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.explain import explain
from app.domain.pricing.rules.kinds import Rule
from app.domain.pricing.rules.quote import NoPrice, Quote
from app.domain.pricing.rules.rates import Converter, NoRate, RateRow, RateTable
from app.domain.pricing.rules.resolution import Applied, Ask, Buyer, Line, work_out
from app.domain.pricing.rules.rounding import settle

D = Decimal
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ID = UUID(int=7)


def rule(kind="inherit", value=None, **more) -> Rule:
    return Rule(ID, "default", kind, None if value is None else D(value), more.pop("currency", "EUR"), **more)


def applied(found: Rule | None, name="Nimbus 2026") -> Applied | None:
    return found and Applied(ID, name, ID, 3, NOW, found)


def price(
    cost="10", listed="12.50", own=None, theirs=None, *, ask="EUR", to="EUR", rates=(), term="P1M", plan="monthly",
    quantity=1,
):  # fmt: skip
    line = Line(
        ID,
        quantity,
        term,
        plan,
        Ask(ID, ask, D(cost), D(listed), NOW),
        applied(theirs, "To resellers"),
        applied(own),
    )
    return work_out(line, Buyer(None, to, NOW, RateTable(rates)))


def ecb(quote: str, rate: str, margin="0") -> RateRow:
    return RateRow("ecb", "EUR", quote, D(rate), D(margin), NOW)


# -- the worked examples of the trade ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "cost", "listed", "asked", "expected"),
    [
        ("markup of 25 % on cost", "8.43", "20", rule("percent", "25"), "10.54"),
        ("margin of 20 %", "80", "200", rule("margin", "20"), "100.00"),
        ("the same as a markup of 25 %", "80", "200", rule("percent", "25"), "100.00"),
        ("list price less 10 %", "50", "72.00", rule("list_minus", "10"), "64.80"),
        ("half of the way from cost to list", "80", "100", rule("split", "50"), "90.00"),
        ("a fixed price", "80", "100", rule("fixed", "77.70"), "77.70"),
        ("markup, never above list", "80", "100", rule("percent", "40", is_capped=True), "100.00"),
        ("reduction, never under cost", "80", "100", rule("list_minus", "30", floor="cost"), "80.00"),
        ("cost as it is", "80", "100", rule(), "80.00"),
        ("list as it is", "80", "100", rule(base="list"), "100.00"),
        ("an amount on top", "80", "100", rule("delta", "2.50"), "82.50"),
        ("an amount off the list", "80", "100", rule("delta", "-2.50", base="list"), "97.50"),
        ("a least margin", "80", "100", rule("percent", "5", floor="margin", floor_value=D(20)), "100.00"),
        (
            "a least amount",
            "80",
            "100",
            rule("percent", "5", floor="amount", floor_value=D("84.01")),
            "84.01",
        ),
    ],
)
def test_a_worked_example_comes_out_to_the_cent(what, cost, listed, asked, expected):
    assert price(cost, listed, asked).unit_cycle_price == D(expected), what


def test_a_markup_of_25_percent_is_a_margin_of_20():
    assert price("80", "200", rule("percent", "25")).margin_percent == D("20.00")


def test_a_promotion_comes_before_the_resellers_own_reduction():
    # 10.50 less 20 % = 8.40, less another 10 % = 7.56
    quote = price("9", "10.50", rule("percent", "-10"), rule("list_minus", "20"))
    assert (quote.unit_cycle_cost, quote.unit_cycle_price) == (D("8.40"), D("7.56"))


def test_the_exact_product_decides_a_tie_and_not_a_quotient_cut_short():
    # 10 / 12 = 0.8333…, x 1.206 = 1.005 exactly
    assert price("10", "20", rule("percent", "20.6"), term="P1Y").unit_cycle_price == D("1.01")


def test_the_market_example_of_an_annual_term_billed_monthly():
    quote = price("60", "75.60", None, term="P1Y", quantity=40)
    assert quote.unit_price.amount == D("6.30")
    assert quote.line_amount.amount == D("252.00")
    assert quote.commitment_amount.amount == D("3024.00")


# -- terms and plans --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "plan", "count", "words"),
    [
        ("P1M", "Monthly", 1, "per user, per month, billed monthly"),
        ("P1Y", "Monthly", 12, "per user, per month, billed monthly"),
        ("P1Y", "annual", 1, "per user, per year, billed yearly"),
        ("P3Y", "monthly", 36, "per user, per month, billed monthly"),
        ("P3Y", "annual", 3, "per user, per year, billed yearly"),
        ("P3Y", "triennial", 1, "per user, for 3 years, billed once"),
        ("P1M", "none", 1, "per user, per month, free trial"),
    ],
)
def test_a_term_is_charged_as_the_vendor_charges_it(term, plan, count, words):
    cycle = charge_cycle(term, plan)
    assert (cycle.count, cycle.words()) == (count, words)
    assert cycle.count * cycle.months == cycle.term_months


def test_a_yearly_charge_is_also_told_by_the_month():
    quote = price("57", "72.00", None, term="P1Y", plan="annual")
    assert (quote.unit_price.amount, quote.unit_monthly_price.amount) == (D("72.00"), D("6.00"))
    assert quote.cycle.words(monthly=True) == "per user, per month, billed yearly"


@pytest.mark.parametrize(
    ("term", "plan"), [("P1M", "annual"), ("P1Y", "triennial"), ("P2Y", "annual"), ("P1Y", "daily")]
)
def test_a_pair_that_nobody_sells_is_refused(term, plan):
    with pytest.raises(ValueError, match=r"unknown term|cannot be billed"):
        charge_cycle(term, plan)


# -- rounding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "rounding", "expected"),
    [
        ("10.494999", "none", "10.49"), ("10.495", "none", "10.50"), ("0.001", "none", "0.01"), ("0", "none", "0.00"),
        ("10.49", ".99", "10.99"), ("10.48999", ".99", "9.99"), ("0.10", ".99", "0.99"), ("9.99", ".99", "9.99"),
        ("10.45", ".95", "10.95"), ("10.449", ".95", "9.95"), ("0.30", ".00", "1.00"), ("10.50", ".00", "11.00"),
        ("10.025", "0.05", "10.05"), ("10.0249", "0.05", "10.00"), ("0.01", "0.05", "0.05"), ("0", ".99", "0.00"),
    ],
)  # fmt: skip
def test_a_price_is_brought_to_the_nearest_ending_and_ties_go_up(amount, rounding, expected):
    assert settle(Amount.of(D(amount), "EUR"), rounding) == D(expected)


@pytest.mark.parametrize(
    ("currency", "rounding", "expected"),
    [
        ("JPY", "none", "1235"),
        ("JPY", ".99", "1235"),
        ("KWD", "none", "1234.568"),
        ("KWD", ".99", "1234.990"),
    ],
)
def test_currencies_round_to_their_own_coins(currency, rounding, expected):
    found = settle(Amount.of(D("1234.5675"), currency), rounding)
    assert str(found) == expected


def test_an_ending_never_takes_a_price_under_its_floor():
    assert price("10.05", "20", rule("percent", "1", rounding=".99", floor="cost")).unit_cycle_price == D(
        "10.99"
    )


def test_an_ending_never_takes_a_price_above_its_cap():
    assert price("10", "10.60", rule("percent", "50", rounding=".99", is_capped=True)).unit_cycle_price == D(
        "9.99"
    )


def test_a_floor_goes_before_a_cap():
    asked = rule("percent", "50", rounding=".99", is_capped=True, floor="cost")
    assert price("10.50", "10.60", asked).unit_cycle_price == D("10.60")
    assert price("11", "10.60", asked).unit_cycle_price == D("11.00")


# -- nothing is free by accident --------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", ["-10", "-10.01", "-99"])
def test_a_reduction_that_leaves_nothing_means_no_price(off):
    answer = price("10", "12", rule("delta", off))
    assert isinstance(answer, NoPrice)
    assert answer.reason == "below_zero"


def test_a_price_too_large_to_write_down_is_no_price():
    answer = price("999999999", "999999999", rule("percent", "10000"), quantity=1_000_000)
    assert isinstance(answer, NoPrice)
    assert answer.reason == "too_large"


def test_a_trial_is_free():
    quote = price("0", "0", rule("percent", "18"), plan="none")
    assert (quote.unit_cycle_price, quote.margin_percent) == (D("0.00"), None)


# -- currencies -------------------------------------------------------------------------------------------------------


def test_a_price_is_converted_before_it_is_rounded():
    quote = price("100", "120", rule("percent", "18"), ask="USD", rates=[ecb("USD", "1.1172")])
    assert quote.unit_cycle_price == D("105.62")  # 118 / 1.1172 = 105.6212…
    assert quote.rates[0].rate == D("0.89509488")


def test_the_central_banks_rates_are_crossed_through_the_euro():
    rates = RateTable([ecb("USD", "1.1172"), ecb("JPY", "175.68")])
    found = Converter(rates).convert(Amount.of(D(1), "USD"), "JPY")
    assert found.quotient(D("0.01")) == D("157.25")


def test_no_rate_is_no_price():
    answer = price("100", "120", rule("percent", "18"), ask="USD", rates=[ecb("JPY", "175")])
    assert isinstance(answer, NoPrice)
    assert (answer.reason, answer.message) == ("no_rate", "No price in EUR: an exchange rate is missing.")
    with pytest.raises(NoRate):
        RateTable().find("USD", "EUR")


def test_the_resellers_rate_goes_before_the_distributors_and_that_before_the_central_banks():
    own = RateRow("own", "USD", "EUR", D("0.8"), D(0), NOW)
    hand = RateRow("hand", "USD", "EUR", D("0.9"), D(0), NOW)
    bank = ecb("USD", "2")
    for rows, expected in [((bank,), "50"), ((bank, hand), "90"), ((bank, hand, own), "80")]:
        assert price("100", "100", None, ask="USD", rates=rows).unit_cycle_price == D(expected)


def test_the_distributors_part_never_uses_the_resellers_rate():
    own = RateRow("own", "USD", "EUR", D("0.5"), D(0), NOW)
    hand = RateRow("hand", "USD", "EUR", D("0.9"), D(0), NOW)
    theirs = rule("delta", "1", currency="EUR")
    quote = price("100", "100", rule(), theirs, ask="USD", rates=(own, hand))
    assert quote.unit_cycle_cost == D("91.00")
    assert [used.source for used in quote.rates] == ["hand", "own"]


def test_a_rates_margin_is_put_on_top_whichever_way_it_is_read():
    for row in (
        RateRow("hand", "USD", "EUR", D("0.5"), D(2), NOW),
        RateRow("hand", "EUR", "USD", D(2), D(2), NOW),
    ):
        assert price("100", "100", None, ask="USD", rates=[row]).unit_cycle_price == D("51.00")


@given(
    st.decimals("0.01", "9999", places=2),
    st.decimals("0.0001", "900", places=4),
    st.decimals("0.0001", "900", places=4),
)
@settings(max_examples=200, deadline=None)
def test_there_and_back_at_the_central_banks_rates_is_no_profit(amount, one, other):
    converter = Converter(RateTable([ecb("USD", str(one)), ecb("JPY", str(other))]))
    start = Amount.of(amount, "USD")
    back = converter.convert(converter.convert(start, "JPY"), "USD")
    assert back.quotient(D("0.00000001")) == amount


# -- what a quote says ------------------------------------------------------------------------------------------------

KINDS = st.sampled_from(
    [
        rule(), rule(base="list"), rule("percent", "18"), rule("percent", "-3.5", base="list"), rule("margin", "33.3"),
        rule("list_minus", "7.25"), rule("split", "40"), rule("delta", "0.37"), rule("fixed", "19.99"),
        rule("fixed", "19.99", currency="USD"), rule("delta", "1", currency="JPY"),
    ]
)  # fmt: skip
FLOORS = st.sampled_from([("none", None), ("cost", None), ("margin", D("12.5")), ("amount", D("3.33"))])
ROUNDINGS = st.sampled_from(["none", ".99", ".95", ".00", "0.05"])
RATES = (ecb("USD", "1.1172"), ecb("JPY", "175.68"), ecb("KWD", "0.3391"))


@given(
    st.decimals("0.01", "5000", places=4),
    st.decimals("0.01", "9000", places=4),
    KINDS,
    KINDS,
    FLOORS,
    ROUNDINGS,
    st.booleans(),
    st.sampled_from(["EUR", "USD", "JPY", "KWD"]),
    st.sampled_from(["EUR", "USD", "JPY", "KWD"]),
    st.sampled_from([("P1M", "monthly"), ("P1Y", "monthly"), ("P3Y", "annual"), ("P3Y", "triennial")]),
    st.integers(1, 5000),
)
@settings(max_examples=300, deadline=None)
def test_every_quote_adds_up_keeps_its_floor_and_survives_storing(
    cost, listed, own, theirs, floor, rounding, capped, ask, to, plan, quantity
):
    own = Rule(
        **{
            **{name: getattr(own, name) for name in Rule.__slots__},
            "floor": floor[0], "floor_value": floor[1], "rounding": rounding, "is_capped": capped,
        }
    )  # fmt: skip
    quote = price(
        str(cost),
        str(listed),
        own,
        theirs,
        ask=ask,
        to=to,
        rates=RATES,
        term=plan[0],
        plan=plan[1],
        quantity=quantity,
    )
    if isinstance(quote, NoPrice):
        assert quote.reason in ("below_zero", "too_large")
        return
    # money: the rounded charge is the one rounding; everything else is a product of it
    assert quote.unit_price == quote.unit_price.rounded()
    assert quote.line_amount.amount == quote.unit_cycle_price * quantity
    assert quote.commitment_amount.amount == quote.unit_cycle_price * quantity * quote.cycle.count
    assert quote.unit_cycle_price > 0
    # floors hold for the amounts that people see
    if own.floor == "cost":
        assert quote.unit_cycle_price >= quote.unit_cycle_cost
    if own.floor == "margin":
        assert (
            quote.unit_cycle_price - quote.unit_cycle_cost >= quote.unit_cycle_price * own.floor_value / 100
        )
    # storing
    again = Quote.from_dict(json.loads(json.dumps(quote.to_dict())))
    assert again == quote
    assert again.digest == quote.digest
    assert again.steps == quote.steps


@given(
    KINDS,
    FLOORS,
    ROUNDINGS,
    st.sampled_from(["EUR", "USD"]),
    st.decimals("5", "200", places=2),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_a_customers_explanation_never_holds_cost_or_margin(own, floor, rounding, ask, listed, capped):
    secrets = {"cost": D("7.1317"), "theirs": D("3.7703")}
    own = Rule(
        **{
            **{name: getattr(own, name) for name in Rule.__slots__},
            "floor": floor[0], "floor_value": floor[1], "rounding": rounding, "is_capped": capped, "min_quantity": 5,
            "ends_at": NOW + timedelta(days=3),
        }
    )  # fmt: skip
    quote = price(
        str(secrets["cost"]), str(listed), own, rule("percent", "3.7703"), ask=ask, rates=RATES, quantity=9
    )
    if isinstance(quote, NoPrice):
        return
    shown = quote.for_customer()
    told = " ".join(f"{line.text} {line.amount}" for line in explain(shown, "reseller"))
    told += json.dumps([dict(step.detail) for step in shown.steps])
    numbers = set(re.findall(r"[0-9]+(?:\.[0-9]+)?", told))
    hidden = {str(quote.unit_cycle_cost), "7.1317", "3.7703"}
    if quote.unit_cycle_cost in (quote.unit_cycle_price, quote.unit_cycle_list):
        hidden.discard(str(quote.unit_cycle_cost))
    if own.kind in ("percent", "margin"):
        hidden.add(str(abs(own.value)))
    assert not hidden & numbers
    assert not [word for word in ("Nimbus 2026", "To resellers", "cost", "Cost", "margin") if word in told]
    assert not [name for name in vars(shown) if "cost" in name or "margin" in name]
    # the reseller's does hold them: the hiding is the audience's doing
    full = " ".join(line.text for line in explain(quote, "reseller"))
    assert "Your cost" in full
    assert "To resellers" in full
    assert explain(quote, "customer") == explain(shown, "customer")


def test_a_customer_is_not_shown_a_list_price_that_is_lower():
    dear = price("10", "11", rule("percent", "50")).for_customer()
    assert dear.unit_list is None
    assert not [step for step in dear.steps if step.what == "list_price"]
    fair = price("10", "20", rule("percent", "50")).for_customer()
    assert fair.unit_list is not None
    assert fair.unit_list.amount == D("20.00")


def test_steps_follow_one_another_in_the_order_of_the_arithmetic():
    own = rule(
        "list_minus", "5", min_quantity=10, rounding=".99", floor="cost", ends_at=NOW + timedelta(days=1)
    )
    quote = price("100", "150", own, rule("percent", "3"), ask="USD", rates=RATES, quantity=10)
    assert [step.what for step in quote.steps] == [
        "vendor_price", "cost_rule", "cost_converted", "cost", "list_converted", "list_price", "book", "rule",
        "off_list", "quantity_break", "promotion", "converted", "rounded", "asked",
    ]  # fmt: skip
    assert quote.steps[-1].after == quote.unit_cycle_price


def test_a_quote_binds_for_a_day_and_not_a_moment_longer():
    quote = price()
    assert not quote.is_expired(NOW + timedelta(hours=24) - timedelta(microseconds=1))
    assert quote.is_expired(NOW + timedelta(hours=24))


def test_only_what_the_buyer_is_asked_counts_as_moved():
    before, after = price("10", "12", rule("fixed", "15")), price("11", "12", rule("fixed", "15"))
    assert before.digest != after.digest
    assert before.asks_the_same(after)
    assert not before.asks_the_same(price("10", "12", rule("fixed", "15.01")))
