"""The query and the rules together give what a slow and obvious calculation gives, in random worlds full of edges."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from fractions import Fraction
from random import Random

import pytest

from app.core import scope
from app.core.unit import unit
from app.domain.pricing.queries import quotes
from app.domain.pricing.queries.statement import QUOTES
from tests.domain.pricing import oracle
from tests.domain.pricing.shelf import Shelf
from tests.domain.pricing.worlds import EDGES, Maker


class _Back(Exception):
    """Takes a world back."""


def compare(app, seed: int, questions: int, seen: Counter) -> None:
    """Makes the world of `seed`, asks, and takes it back. Each question is a page of four offers."""
    random = Random(seed)
    with suppress(_Back), app.app_context(), unit(scope.everyone(reason="a world of prices")):
        maker = Maker(random, Shelf())
        maker.make()
        maker.as_the_reseller()
        for _ in range(questions):
            at = random.choice(EDGES) + random.choice(
                [timedelta(0), timedelta(microseconds=-1), timedelta(minutes=30)]
            )
            account = random.choice([None, *maker.accounts])
            currency = maker.accounts.get(account, maker.currency)
            subscription = maker.subscription if random.random() < 0.25 else None
            asked = [(put.offer, random.choice([1, 9, 10, 24, 25, 400])) for put in maker.puts]
            found = quotes(
                asked, account_id=account, instant=at, subscription_id=subscription, tenant_id=maker.tenant
            )
            for offer, quantity in asked:
                expected = oracle.ask(
                    maker.world, maker.tenant, account, currency, offer, quantity, at, subscription
                )
                told = f"seed {seed}: {offer} x {quantity} for {account} at {at}"
                if isinstance(expected, str):
                    assert offer in found.missing, told
                    assert found.missing[offer].reason == expected, told
                    seen[expected] += 1
                    continue
                assert offer in found, f"{told}: {found.missing.get(offer)}"
                quote = found[offer]
                assert quote.currency == currency
                assert (
                    Fraction(quote.unit_cycle_price),
                    Fraction(quote.unit_cycle_cost),
                    Fraction(quote.unit_cycle_list),
                    None if quote.unit_cycle_regular is None else Fraction(quote.unit_cycle_regular),
                    quote.vendor_price_id,
                    quote.version_id,
                    quote.rule_id,
                    quote.cost_version_id,
                    quote.cost_rule_id,
                ) == expected, told
                assert quote.steps[-1].after == quote.unit_cycle_price
                seen["priced"] += 1
                seen["by a book"] += quote.version_id is not None
                seen["with a break"] += any(step.what == "quantity_break" for step in quote.steps)
                seen["promoted"] += quote.unit_cycle_regular is not None
                seen["promotion kept"] += any(step.what == "promotion_kept" for step in quote.steps)
                seen["converted"] += bool(quote.rates)
        raise _Back


def _thirty_worlds(app) -> Counter:
    seen: Counter = Counter()
    for seed in range(30):
        compare(app, seed, 10, seen)
    return seen


def test_300_pages_in_30_worlds_agree_with_the_oracle(app):
    seen = _thirty_worlds(app)
    # the worlds are not empty ones
    assert seen["by a book"] > 300, seen
    assert (
        min(
            seen[what]
            for what in (
                "no_rate",
                "not_priced",
                "below_zero",
                "with a break",
                "converted",
                "promoted",
                "promotion kept",
            )
        )
        > 5
    ), seen


@pytest.mark.full
def test_20000_pages_in_2000_worlds_agree_with_the_oracle(app):
    seen: Counter = Counter()
    for seed in range(1000, 3000):
        compare(app, seed, 10, seen)


MUTANTS = {
    "windows closed at their end": ("ends_at > :at", "ends_at >= :at"),
    "windows open at their start": ("starts_at <= :at", "starts_at < :at"),
    "lowest quantity first": ("ORDER BY rank, min_quantity DESC", "ORDER BY rank, min_quantity"),
    "widest rule first": ("ORDER BY rank,", "ORDER BY rank DESC,"),
    "a break one too late": ("min_quantity <= l.quantity\n      AND (starts", "min_quantity < l.quantity\n      AND (starts"),
    "the oldest version": ("ORDER BY effective_at DESC, number DESC", "ORDER BY effective_at, number"),
    "withdrawn versions count": ("AND withdrawn_at IS NULL", ""),
    "the vendor before the customer": (
        "g.account_id NULLS LAST, g.program_id NULLS LAST, g.vendor_id NULLS LAST",
        "g.vendor_id NULLS LAST, g.account_id NULLS LAST",
    ),
    "an older price list": ("effective_from DESC, revision DESC", "effective_from, revision DESC"),
    "a program before the reseller": (
        "g.for_tenant_id NULLS LAST, g.program_id NULLS LAST", "g.program_id NULLS LAST, g.for_tenant_id NULLS LAST",
    ),
    "a program that was left": ("m.starts_at <= :at AND (m.ends_at IS NULL OR m.ends_at > :at)", "m.starts_at <= :at"),
    "promotions that have ended": ("m.starts_at <= :at AND m.ends_at > :at\n", "m.starts_at <= :at AND m.ends_at >= :at\n"),
    "promotions for any quantity": ("AND m.min_quantity <= l.quantity", ""),
    "the smaller promotion": ("ORDER BY m.percent DESC", "ORDER BY m.percent"),
    "an older rate": ("ORDER BY r.effective_at DESC", "ORDER BY r.effective_at"),
}  # fmt: skip


@pytest.mark.parametrize("what", MUTANTS)
def test_the_oracle_notices(what, app, monkeypatch):
    """Each of these mistakes in the statement is found within as many worlds as the fast lane asks."""
    from app.domain.pricing.queries import quoting

    before, after = MUTANTS[what]
    assert before in QUOTES
    monkeypatch.setattr(
        quoting, "_STATEMENT", quoting.text(QUOTES.replace(before, after)).bindparams(*quoting._PARAMETERS)
    )
    with pytest.raises(AssertionError):
        _thirty_worlds(app)
