"""Publishing at twenty a second while four buyers check out: each line stands at one version, and stays there (P9)."""

import threading
from contextvars import copy_context
from decimal import Decimal

import pytest
from sqlalchemy import event

from app.core import scope
from app.core.unit import unit
from app.domain.orders.errors import PriceMoved
from app.domain.orders.models import OrderLine
from app.domain.pricing import actions
from app.domain.pricing.actions.drafts import default_rule
from app.domain.pricing.models import PriceBook, PriceBookVersion
from app.domain.pricing.rules.checks import RuleInput
from app.domain.pricing.rules.quote import Quote
from app.domain.subscriptions.models import Subscription
from app.domain.vendors import Vendors
from tests.support.fake_vendor import FakeVendor
from tests.support.shopping import over

D = Decimal


@pytest.fixture
def stocked(app, monkeypatch, in_scope, olivia, shop):
    """Two offers that cost 100.00; version n asks n % more; nobody is asked before buying."""
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": FakeVendor()}))
    shop.policy(olivia, None, over("999999999"))
    with in_scope(olivia):
        book = actions.make_book("Standard", "EUR", [RuleInput("percent", D(1))], by=olivia.actor)
        actions.set_default(book, by=olivia.actor)
        book_id = book.id
    return book_id, [shop.offer("200.00", cost="100.00") for _ in range(2)]


def publish_next(app, olivia, book_id) -> None:
    with app.app_context(), unit(scope.tenant(olivia.tenant_id)) as session:
        draft = actions.draft_of(session.get_one(PriceBook, book_id), by=olivia.actor)
        actions.change_rule(default_rule(draft), RuleInput("percent", D(draft.number)), by=olivia.actor)
        actions.publish(draft, by=olivia.actor)


def buy(shop, who, offers) -> None:
    """Into the cart and out of it; whoever finds that a price has moved looks again and orders at what is shown now."""
    view = shop.fill(who, [(offer, 2) for offer in offers])
    for _ in range(40):
        try:
            shop.checkout(who, view)
            return
        except PriceMoved:
            view = shop.cart(who)
    raise AssertionError("the price moved forty times in a row")


def contend(app, shop, olivia, buyers, book_id, offers, count) -> int:
    """`count` orders by the buyers while versions are published; answers how many versions there were."""
    stop, published, failures = threading.Event(), [1], []

    def publisher():
        while not stop.wait(0.05):
            publish_next(app, olivia, book_id)
            published[0] += 1

    def buyer(who):
        for _ in range(count // len(buyers)):
            if stop.is_set():
                return
            buy(shop, who, offers)

    def guarded(work, *args):
        def run():
            try:
                work(*args)
            except BaseException as error:
                failures.append(error)
                stop.set()

        return threading.Thread(target=copy_context().run, args=(run,), daemon=True)

    threads = [guarded(buyer, who) for who in buyers]
    publishing = guarded(publisher)
    for thread in (publishing, *threads):
        thread.start()
    for thread in threads:
        thread.join(900)
    stop.set()
    publishing.join(60)
    assert not failures, failures
    return published[0]


def wrong(in_scope, olivia) -> list[str]:
    """Lines that do not stand at the one version in force when they were quoted, and subscriptions that run at another price.

    The oracle: of the versions that had taken effect at the quote's instant, the latest; its number is the percentage.
    """
    with in_scope(olivia) as session:
        versions = sorted(
            session.query(PriceBookVersion).where(PriceBookVersion.published_at.is_not(None)),
            key=lambda row: row.effective_at,
        )
        found, stands = [], {}
        for line in session.query(OrderLine):
            quote, stands[line.id] = Quote.from_dict(line.quote), line.unit_amount
            live = [row for row in versions if row.effective_at <= quote.quoted_at][-1]
            # a version whose publication was under way is seen when it is committed, a moment after its instant
            near = {row.id for row in versions[max(versions.index(live) - 1, 0) : versions.index(live) + 1]}
            number = {row.id: row.number for row in versions}[quote.version_id]
            if quote.version_id not in near or line.unit_amount != 100 + number:
                found.append(f"version {number} at {line.unit_amount}, version {live.number} was in force")
            if (
                line.total_amount != line.unit_amount * line.quantity
                or quote.unit_cycle_price != line.unit_amount
            ):
                found.append(f"{line.id} was quoted at {quote.unit_cycle_price}")
        for subscription in session.query(Subscription):
            if subscription.unit_amount != stands[subscription.order_line_id]:
                found.append(f"{subscription.number} runs at {subscription.unit_amount}")
        return found


@pytest.mark.parametrize("count", [8, pytest.param(1000, marks=pytest.mark.full)])
def test_every_line_stands_at_the_version_it_was_quoted_from(
    count, wide_app, in_scope, olivia, ann, liam, nora, kofi, shop, stocked, worker
):
    book_id, offers = stocked
    published = contend(wide_app, shop, olivia, [ann, liam, nora, kofi], book_id, offers, count)
    assert published > 2
    worker("orders.%", limit=count * 8)
    with in_scope(olivia) as session:
        assert session.query(OrderLine).count() == count * 2
        assert session.query(Subscription).count() == count * 2
    assert wrong(in_scope, olivia) == []


def test_a_price_read_at_delivery_would_be_noticed(wide_app, in_scope, olivia, ann, shop, stocked, worker):
    """The mutant: the subscription begins at the price of the day on which it is delivered."""
    from app.domain.pricing import queries as pricing

    book_id, offers = stocked
    buy(shop, ann, offers)
    publish_next(wide_app, olivia, book_id)

    def at_the_price_of_now(_target, _args, values):
        quote = pricing.quotes([(values["offer_id"], 2)], account_id=values["account_id"])[values["offer_id"]]
        values["unit_amount"] = quote.unit_cycle_price

    event.listen(Subscription, "init", at_the_price_of_now)
    try:
        worker("orders.%")
    finally:
        event.remove(Subscription, "init", at_the_price_of_now)
    assert len(wrong(in_scope, olivia)) == 2
