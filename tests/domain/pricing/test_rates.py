"""Exchange rates: where they come from, from when they count, and what cannot be set."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import Conflict, Invalid, NotFound
from app.core.money import Money
from app.domain.pricing import actions
from app.domain.pricing.queries import convert, rate_history
from app.domain.pricing.queries.owning import own
from app.domain.pricing.rules.rates import NoRate

D = Decimal


def test_the_central_banks_rates_come_with_the_package_and_count_from_the_next_midnight(acme, in_scope):
    friday = date(2026, 10, 30)
    with in_scope():
        assert actions.load_ecb_rates([friday]) > 25
        assert actions.load_ecb_rates([friday, date(2026, 10, 31)]) == 0, (
            "twice changes nothing; Saturday has none"
        )
    midnight = datetime(2026, 10, 31, tzinfo=UTC)
    with in_scope(acme):
        with pytest.raises(NoRate):
            convert(Money.of(100, "EUR"), "USD", instant=midnight - timedelta(microseconds=1))
        assert convert(Money.of(100, "EUR"), "USD", instant=midnight)[0] == Money.of("111.72", "USD")
        monday = midnight + timedelta(days=2)
        yen, used = convert(Money.of(100, "USD"), "JPY", instant=monday)
        assert (yen, used.rate, used.source) == (Money.of(15725, "JPY"), D("157.25026853"), "ecb")


def test_without_days_the_latest_are_loaded(in_scope):
    with in_scope():
        assert actions.load_ecb_rates() > 25


def test_the_central_banks_rates_are_the_distributors_to_load(acme, in_scope):
    with in_scope(acme), pytest.raises(Conflict):
        actions.load_ecb_rates()


def test_hand_goes_before_the_bank_and_a_reseller_before_the_distributor_until_it_is_ended(
    acme, globex, in_scope
):
    with in_scope():
        actions.load_ecb_rates([date(2026, 10, 30)])
        actions.set_rate("EUR", "USD", D("1.2"), by=SYSTEM, margin_percent=D("1.5"))
    with in_scope(acme):
        own_rate = actions.set_rate("EUR", "USD", D("1.3"), by=SYSTEM)
        assert convert(Money.of(100, "EUR"), "USD")[0] == Money.of("130.00", "USD")
        assert [rate.rate for rate in rate_history("EUR", "USD")] == [D("1.3")]
        actions.end_rate(own_rate, by=SYSTEM)
        assert convert(Money.of(100, "EUR"), "USD", instant=clock.now())[0] == Money.of("121.80", "USD")
    with in_scope(globex):
        assert convert(Money.of(100, "EUR"), "USD")[0] == Money.of("121.80", "USD")
    with in_scope():
        theirs = next(rate for rate in rate_history("EUR", "USD") if rate.source == "hand")
        actions.end_rate(theirs, by=SYSTEM)
    with in_scope(globex):
        assert convert(Money.of(100, "EUR"), "USD", instant=clock.now())[0] == Money.of("111.72", "USD")


def test_a_rate_can_be_set_for_later(acme, in_scope):
    later = clock.now() + timedelta(days=1)
    with in_scope(acme):
        actions.set_rate("EUR", "USD", D(1), by=SYSTEM)
        actions.set_rate("EUR", "USD", D(2), by=SYSTEM, at=later)
        got = [
            convert(Money.of(1, "EUR"), "USD", instant=later + timedelta(microseconds=off))[0].amount
            for off in (-1, 0)
        ]
    assert got == [D("1.00"), D("2.00")]


def test_nobody_ends_anothers_rate(acme, globex, in_scope):
    with in_scope(acme) as session:
        rate = actions.set_rate("EUR", "USD", D(1), by=SYSTEM)
        session.flush()
        rate_id = rate.id
    with in_scope(globex) as session, pytest.raises(NotFound):
        own(session.get(type(rate), rate_id))


@pytest.mark.parametrize(
    ("base", "quote", "rate", "margin", "field"),
    [
        ("EUR", "EUR", "1", "0", "quote"),
        ("XXX", "EUR", "1", "0", "base"),
        ("EUR", "HRK", "7.5", "0", "quote"),
        ("EUR", "USD", "0", "0", "rate"),
        ("EUR", "USD", "-1", "0", "rate"),
        ("EUR", "USD", "NaN", "0", "rate"),
        ("EUR", "USD", "1.123456789", "0", "rate"),
        ("EUR", "USD", "1", "-1", "margin_percent"),
        ("EUR", "USD", "1", "100", "margin_percent"),
    ],
)
def test_a_rate_that_cannot_be_is_told_at_its_field(base, quote, rate, margin, field, acme, in_scope):
    with in_scope(acme), pytest.raises(Invalid) as wrong:
        actions.set_rate(base, quote, D(rate), by=SYSTEM, margin_percent=D(margin))
    assert field in wrong.value.errors
