"""The statement that works out whole books gives, to the coin, what the page's query and the rules give."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import ARRAY, Integer, Uuid, bindparam

from app.core import scope
from app.core.db import session
from app.core.unit import unit
from app.domain.pricing.queries import quotes, worked_out
from app.domain.pricing.queries.worked_out import Lens, parameters, prepared, priced_by
from tests.domain.pricing.shelf import Shelf
from tests.domain.pricing.worlds import EDGES, Maker

LINE = """
    SELECT o.id AS offer_id, w.quantity, o.term, o.billing_plan, o.product_id, p.family_id, p.category_id, p.vendor_id
    FROM unnest(:offers, :quantities) AS w(offer_id, quantity)
    JOIN offer o ON o.id = w.offer_id JOIN product p ON p.id = o.product_id
"""
OWN = (bindparam("offers", type_=ARRAY(Uuid())), bindparam("quantities", type_=ARRAY(Integer())))


class _Back(Exception):
    """Takes a world back."""


def answers(lens, versions, asked):
    """Rows by offer, for `versions` by name."""
    sql = priced_by(LINE, *versions) + " SELECT * FROM priced"
    types = [bindparam(f"{name}_version", type_=Uuid()) for name in versions if name != "none"]
    values = {f"{name}_version": value for name, value in versions.items() if name != "none"}
    rows = session().execute(
        prepared(sql, *OWN, *types),
        parameters(lens) | values | {"offers": [o for o, _ in asked], "quantities": [q for _, q in asked]},
    )
    return {row.offer_id: row for row in rows}


def compare(app, seed: int, questions: int, seen: Counter) -> None:
    random = Random(seed)
    with suppress(_Back), app.app_context(), unit(scope.everyone(reason="a world of prices")):
        maker = Maker(random, Shelf())
        maker.make()
        maker.as_the_reseller()
        books = [a.book for a in maker.world.own]
        for _ in range(questions):
            at = random.choice(EDGES) + random.choice([timedelta(0), timedelta(minutes=30)])
            account, currency = random.choice(list(maker.accounts.items()))
            asked = [(put.offer, random.choice([1, 9, 10, 25])) for put in maker.puts]
            book = random.choice(books) if books else None
            if book is None:
                continue
            one, other = random.choice(book.versions).id, random.choice(book.versions).id
            lens = Lens(maker.tenant, currency, at, book.currency, book.base)
            found = answers(lens, {"before": one, "after": other}, asked)
            for name, version in (("before", one), ("after", other)):
                expected = quotes(
                    asked, account_id=account, instant=at, tenant_id=maker.tenant, version_id=version
                )
                for offer, _quantity in asked:
                    told = f"seed {seed} {name}: {offer} at {at}"
                    row = found[offer]
                    if offer in expected.missing:
                        assert getattr(row, f"{name}_price") is None, told
                        seen[expected.missing[offer].reason] += 1
                        continue
                    quote = expected[offer]
                    assert (getattr(row, f"{name}_price"), row.unit_cost, row.unit_list) == (
                        quote.unit_cycle_price, quote.unit_cycle_cost, quote.unit_cycle_list,
                    ), told  # fmt: skip
                    assert getattr(row, f"{name}_rule_id") == quote.rule_id, told
                    seen["priced"] += 1
                    seen["converted"] += bool(quote.rates)
                    seen["floored"] += getattr(row, f"{name}_is_floored")
        raise _Back


def _worlds(app, seeds) -> Counter:
    seen: Counter = Counter()
    for seed in seeds:
        compare(app, seed, 3, seen)
    return seen


def test_whole_books_agree_with_single_quotes_in_14_worlds(app):
    seen = _worlds(app, range(14))
    assert seen["priced"] > 100, seen
    assert min(seen[what] for what in ("not_priced", "no_rate", "below_zero", "converted", "floored")) > 2, (
        seen
    )


@pytest.mark.full
def test_whole_books_agree_with_single_quotes_in_2000_worlds(app):
    _worlds(app, range(5000, 7000))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("_over * 100\n                   WHEN 'list", "_over * 99\n                   WHEN 'list"),
        ("ceil(", "floor("),
    ],
    ids=["another margin", "floors rounded down"],
)
def test_a_mistake_in_the_arithmetic_is_noticed(right, wrong, app, monkeypatch):
    real = worked_out._stage
    assert right in real("own", "s", "own", "c", "c_cur", "to_cur", "own_list", "g", "c f")
    monkeypatch.setattr(worked_out, "_stage", lambda *asked: real(*asked).replace(right, wrong))
    with pytest.raises(AssertionError):
        _worlds(app, range(25))
