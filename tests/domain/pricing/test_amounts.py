"""What must hold for any amounts: lines add up to the last coin, the order of things never matters, and no coin is half (P10)."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.money import Money, exponent, total
from app.domain.pricing.rules.cycles import charge_cycle
from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.kinds import Rule
from app.domain.pricing.rules.quote import NoPrice, Quote
from app.domain.pricing.rules.rates import Converter, RateRow, RateTable
from app.domain.pricing.rules.resolution import Applied, Ask, Buyer, Line, Promotion, work_out

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ID = UUID(int=1)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD"])
WAYS = st.sampled_from(
    [("P1M", "monthly"), ("P1Y", "monthly"), ("P1Y", "annual"), ("P3Y", "monthly"), ("P3Y", "annual")]
)
AMOUNTS = st.decimals(min_value=0, max_value=90_000, places=4)
PERCENTS = st.decimals(min_value=-90, max_value=200, places=2)
RATES = st.decimals(min_value="0.01", max_value="300", places=5)


def rows(usd, jpy, kwd, margin=Decimal(0)):
    pairs = (("USD", usd), ("JPY", jpy), ("KWD", kwd))
    return [RateRow("ecb", "EUR", quote, rate, margin, NOW) for quote, rate in pairs]


@st.composite
def quoted(draw) -> Quote | NoPrice:
    """One line as pricing makes it: any vendor price, rule, promotion, currency and quantity."""
    term, plan = draw(WAYS)
    rounding = draw(st.sampled_from(["none", ".99", ".95", ".00", "0.05"]))
    rule = Rule(ID, "default", "percent", draw(PERCENTS), "EUR", rounding=rounding)
    granted = draw(st.none() | st.integers(1, 90).map(lambda n: Promotion(ID, "P", Decimal(n), NOW)))
    ask = Ask(ID, draw(CURRENCIES), draw(AMOUNTS), draw(AMOUNTS), NOW)
    by = Applied(ID, "B", ID, 1, NOW, rule, draw(st.booleans()))
    table = RateTable(rows(draw(RATES), draw(RATES), draw(RATES)))
    line = Line(ID, draw(st.integers(1, 5000)), term, plan, ask, None, by, granted)
    return work_out(line, Buyer(None, draw(CURRENCIES), NOW, table))


def whole_coins(money: Money) -> bool:
    return money.amount == money.amount.quantize(Decimal(1).scaleb(-exponent(money.currency)))


def examples(count):
    return settings(max_examples=count, deadline=None, database=None)


def hold(quotes) -> None:
    """What is true of any order of these lines."""
    quotes = [quote for quote in quotes if isinstance(quote, Quote)]
    for quote in quotes:
        count = charge_cycle(quote.term, quote.billing_plan).count
        assert whole_coins(quote.unit_price)
        assert whole_coins(quote.line_amount)
        assert Fraction(quote.line_amount.amount) == Fraction(quote.unit_cycle_price) * quote.quantity
        assert Fraction(quote.commitment_amount.amount) == Fraction(quote.line_amount.amount) * count
        assert quote.margin_amount == quote.line_amount - quote.cost_amount
        assert quote.unit_cycle_regular is None or quote.unit_cycle_regular > quote.unit_cycle_price
        assert quote.line_amount + (-quote.line_amount) == Money.zero(
            quote.currency
        )  # a credit mirrors its debit
    for currency in {quote.currency for quote in quotes}:
        amounts = [quote.line_amount for quote in quotes if quote.currency == currency]
        assert total(amounts, currency) == total(reversed(amounts), currency)
        halves = total(amounts[::2], currency) + total(amounts[1::2], currency)
        assert halves == total(amounts, currency)
        assert Fraction(halves.amount) == sum(Fraction(amount.amount) for amount in amounts)


@examples(150)
@given(st.lists(quoted(), min_size=1, max_size=6))
def test_lines_add_up_in_any_order(quotes):
    hold(quotes)


@pytest.mark.full
def test_20000_lists_of_lines_add_up_in_any_order():
    examples(20_000)(given(st.lists(quoted(), min_size=1, max_size=6))(hold))()


def there_and_back(amount, first, second, usd, jpy, kwd, margin) -> None:
    """A conversion and its reverse never make money for whoever asks: exactly the same without a margin, dearer with one."""
    converter = Converter(RateTable(rows(usd, jpy, kwd, margin)))
    back = converter.convert(converter.convert(Amount.of(amount, first), second), first)
    worth = Fraction(back.over) / Fraction(back.under)
    if first == second or not margin:
        assert worth == Fraction(amount)
    else:
        assert worth >= Fraction(amount)


MARGINS = st.sampled_from([Decimal(0), Decimal("1.5")])


@examples(150)
@given(AMOUNTS, CURRENCIES, CURRENCIES, RATES, RATES, RATES, MARGINS)
def test_there_and_back_earns_nobody_anything(amount, first, second, usd, jpy, kwd, margin):
    there_and_back(amount, first, second, usd, jpy, kwd, margin)


@pytest.mark.full
def test_20000_conversions_earn_nobody_anything():
    examples(20_000)(given(AMOUNTS, CURRENCIES, CURRENCIES, RATES, RATES, RATES, MARGINS)(there_and_back))()


@pytest.mark.parametrize(
    ("cost", "listed", "kind", "value", "price"),
    [
        ("80", "100", "percent", "25", "100.00"),  # markup 25 % of the cost is a margin of 20 % of the price
        ("8.43", "20", "percent", "25", "10.54"),
        ("80", "100", "margin", "20", "100.00"),
        ("50", "72.00", "list_minus", "10", "64.80"),
        ("80", "100", "split", "50", "90.00"),
    ],
)
def test_the_fields_worked_examples_of_margin_and_markup(cost, listed, kind, value, price):
    by = Applied(ID, "B", ID, 1, NOW, Rule(ID, "default", kind, Decimal(value), "EUR"))
    line = Line(ID, 1, "P1M", "monthly", Ask(ID, "EUR", Decimal(cost), Decimal(listed), NOW), None, by)
    quote = work_out(line, Buyer(None, "EUR", NOW, RateTable()))
    assert isinstance(quote, Quote)
    assert str(quote.unit_cycle_price) == price


def test_markup_and_margin_are_told_apart():
    by = Applied(ID, "B", ID, 1, NOW, Rule(ID, "default", "percent", Decimal(25), "EUR"))
    line = Line(ID, 1, "P1M", "monthly", Ask(ID, "EUR", Decimal(80), Decimal(100), NOW), None, by)
    quote = work_out(line, Buyer(None, "EUR", NOW, RateTable()))
    assert isinstance(quote, Quote)
    assert quote.margin_percent == Decimal("20.00")
