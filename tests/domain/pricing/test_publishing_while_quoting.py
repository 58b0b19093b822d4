"""Publishing again and again while others ask: no answer ever mixes two versions, and none comes late."""

import threading
import time
from decimal import Decimal

import pytest

from app.core.actor import SYSTEM
from app.core.db import session
from app.core.scope import Scope
from app.core.unit import unit
from app.domain.pricing import actions
from app.domain.pricing.models import PriceBook, PriceBookVersion
from app.domain.pricing.queries import live_version, price_stamp, quotes, quoting
from app.domain.pricing.rules.checks import RuleInput

D = Decimal


def set_up(acme, shelf, in_scope, narrow=3):
    """Six offers at 100.00; version n of the book says + n %, by a rule for everything and one each for some products."""
    with in_scope():
        puts = [shelf.put("100", "200") for _ in range(6)]
    with in_scope(acme):
        rules = [RuleInput("percent", D(1))]
        rules += [RuleInput("percent", D(1), "product", put.product) for put in puts[:narrow]]
        book = actions.make_book("Standard", "EUR", rules, by=SYSTEM)
        actions.set_default(book, by=SYSTEM)
        return puts, book.id


def publish_next(book_id) -> None:
    """The next version, whose rules all say its own number."""
    book = session().get_one(PriceBook, book_id)
    version = actions.draft_of(book, by=SYSTEM)
    for rule in actions.drafts.rules_of(version):
        wanted = RuleInput("percent", D(version.number), rule.selector, rule.product_id)
        actions.change_rule(rule, wanted, by=SYSTEM)
    actions.publish(version, by=SYSTEM)


def race(app, acme, puts, book_id, ask, seconds: float) -> tuple[int, int]:
    """(answers that mixed versions, versions published): `ask` gives (number of the version, prices) of one page."""
    stop = threading.Event()
    mixed, published, failures = [0], [0], []

    def guarded(work):
        def run():
            try:
                while not stop.is_set():
                    with app.app_context(), unit(Scope(acme.id)):
                        work()
                    time.sleep(0.002)
            except BaseException as error:
                failures.append(error)
                stop.set()

        return run

    def publisher():
        publish_next(book_id)
        published[0] += 1
        time.sleep(0.02)

    def reader():
        number, prices = ask([(put.offer, 1) for put in puts])
        if {price - 100 for price in prices} != {D(number)}:
            mixed[0] += 1

    threads = [threading.Thread(target=guarded(work)) for work in (publisher, reader)]
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not failures, failures
    return mixed[0], published[0]


def in_one_statement(requests):
    found = list(quotes(requests, account_id=None).values())
    numbers = {_book_step(quote).detail["version"] for quote in found}
    assert len(numbers) == 1, "one page, two versions"
    return int(numbers.pop()), [quote.unit_cycle_price for quote in found]


def _book_step(quote):
    return next(step for step in quote.steps if step.what == "book")


def in_two_statements(requests):
    """The mutant: which version is live is read first, the prices after it."""
    book = session().get_one(PriceBook, quotes(requests[:1], account_id=None)[requests[0][0]].book_id)
    number = live_version(book).number
    time.sleep(0.005)
    return number, [quote.unit_cycle_price for quote in quotes(requests, account_id=None).values()]


def test_no_answer_mixes_two_versions(app, acme, shelf, in_scope):
    puts, book_id = set_up(acme, shelf, in_scope)
    mixed, published = race(app, acme, puts, book_id, in_one_statement, 3.0)
    assert published > 5
    assert mixed == 0


def test_reading_in_two_statements_would_mix_them(app, acme, shelf, in_scope):
    puts, book_id = set_up(acme, shelf, in_scope)
    mixed, published = race(app, acme, puts, book_id, in_two_statements, 3.0)
    assert published > 5
    assert mixed > 0


@pytest.mark.parametrize("times", [50, pytest.param(1000, marks=pytest.mark.full)])
def test_what_was_published_is_never_seen_late_and_the_stamp_tells(times, acme, shelf, in_scope):
    puts, book_id = set_up(acme, shelf, in_scope, narrow=0)
    stamps = set()
    for number in range(2, times + 2):
        with in_scope(acme):
            publish_next(book_id)
        with in_scope(acme, read_only=True):
            stamps.add(price_stamp(None).key)
            assert (
                quotes([(puts[0].offer, 1)], account_id=None)[puts[0].offer].unit_cycle_price == 100 + number
            )
    assert len(stamps) == times


def test_the_page_names_the_version_it_was_worked_out_from(acme, shelf, in_scope):
    puts, _ = set_up(acme, shelf, in_scope)
    with in_scope(acme) as current:
        quote = quotes([(puts[0].offer, 1)], account_id=None)[puts[0].offer]
        version = current.get_one(PriceBookVersion, quote.version_id)
        assert (version.number, version.book_id) == (1, quote.book_id)
        assert quoting.MAX_QUANTITY == 2**31 - 1
