"""The demo world in small, for browsers: both shops furnished, some orders in every state. One for the whole folder."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from app.core import clock
from app.demo.world import goods, shops
from app.domain.approvals.actions import RuleDraft, publish_policy
from app.domain.approvals.models import ApprovalRequest
from app.domain.catalog.models import Offer, Product
from app.domain.pricing import actions as pricing
from app.domain.pricing.actions import importing
from app.domain.pricing.models import PriceBook
from app.domain.pricing.rules.checks import RuleInput
from app.web.kit.sessions import cookie_name
from tests.support.browser import Browser
from tests.support.chromium import Heard
from tests.support.fake_vendor import FakeVendor
from tests.support.seeding import Met, Seeds, in_scope
from tests.support.shopping import Shopping
from tests.support.working import Worker

PREMIUM = "Microsoft 365 Business Premium"
OFFERS = {"microsoft": 700, "aws": 12, "google": 12, "ibm": 12, "meridian": 12}


class Acts(Shopping):
    """What buyers and approvers do, in a shop that is stocked already."""

    def __init__(self, app: Flask):
        self.app = app


@dataclass
class World:
    """`people` by key; `places`: addresses of some orders, by what became of them, and of the `draft` of a price book."""

    app: Flask
    chromium: Chromium
    vendor: FakeVendor
    people: dict[str, Met]
    places: dict[str, str]

    def origin(self, host: str) -> str:
        """Where a host is served."""
        return self.app.config["SETTINGS"].origin(host)

    def context(
        self, who: Met | None = None, *, heard: Heard | None = None, **options: Any
    ) -> BrowserContext:
        """A window of its own; with `who`, signed in already."""
        context = self.chromium.new_context(reduced_motion="reduce", **options)
        context.set_default_timeout(15_000)
        if heard is not None:
            heard.listen(context)
        if who is not None:
            token = Browser(self.app, who.host).sign_in_as(who).cookie(who.host)
            url = self.origin(who.host)
            context.add_cookies([{"name": cookie_name(self.app), "value": str(token), "url": url}])
        return context

    def work(self) -> None:
        """Runs what was deferred, off this thread: Playwright's loop lives here."""
        broken: list[BaseException] = []

        def run() -> None:
            try:
                Worker(self.app)()
            except BaseException as error:
                broken.append(error)

        thread = Thread(target=run)
        thread.start()
        thread.join()
        if broken:
            raise broken[0]


def build(app: Flask, seeds: Seeds) -> tuple[dict[str, Met], dict[str, str]]:
    """Fills an empty database; answers the cast and the addresses of some orders and of a draft."""
    people = seeds.everyone()
    with app.app_context(), clock.at(clock.now() - timedelta(days=2)):
        goods.import_sheets()
        shops.furnish(app)
    return people, _trade(app, people)


def _trade(app: Flask, people: dict[str, Met]) -> dict[str, str]:
    acts, places = Acts(app), {}
    ask_own = RuleDraft("order_total", "customer", Decimal(1000), "GBP")
    with in_scope(app, people["gwen"].scope):
        publish_policy(
            people["quill"].id, [ask_own], note="Quill asks itself first.", by=people["gwen"].actor
        )
    ours, theirs = _offer(app, "DE"), _offer(app, "GB")
    orders = {
        "delivered": (people["ann"], ours, 1),
        "refused": (people["ann"], ours, 60),
        "held": (people["ann"], ours, 44),
        "abroad": (people["tess"], theirs, 2),
        "refused abroad": (people["hugo"], theirs, 300),
        "held abroad": (people["tess"], theirs, 30),
    }
    ids = {name: acts.order(who, [(offer, quantity)]) for name, (who, offer, quantity) in orders.items()}
    acts.decide(people["otto"], ids["refused"], "refused", comment="Twenty are enough this year.")
    Worker(app)()
    for who, offer in ((people["ann"], ours), (people["tess"], theirs)):
        acts.fill(who, [(offer, 2)])
    with in_scope(app, people["olivia"].scope) as session:
        book = session.scalars(select(PriceBook).where(PriceBook.name == "Standard")).one()
        draft = pricing.draft_of(book, by=people["olivia"].actor)
        places["draft"] = f"/admin/price-books/{book.id}?version={draft.number}"
        places |= _desk(book, "draft", "/admin", people["olivia"])
        pricing.make_book(
            "Second shelf", "EUR", [RuleInput("percent", Decimal(9))], by=people["olivia"].actor
        )
    with in_scope(app, people["dora"].scope):
        book = pricing.make_book(
            "Resellers", "EUR", [RuleInput("percent", Decimal(3))], by=people["dora"].actor
        )
        pricing.draft_of(book, by=people["dora"].actor)
        places |= _desk(book, "their", "/distributor", people["dora"])
    from app.domain.orders.models import Order

    with in_scope(app, read_only=True) as session:
        for name, found in ids.items():
            places[name] = f"/orders/{session.get_one(Order, found).number}"
        asked = session.scalars(select(ApprovalRequest.id).filter_by(subject_id=ids["held"])).one()
        places["asked"] = f"/admin/approvals/{asked}"
        abroad = session.scalars(select(ApprovalRequest.id).filter_by(subject_id=ids["held abroad"])).one()
        places["asked abroad"] = f"/approvals/{abroad}"
    return places


def _desk(book: PriceBook, name: str, door: str, who: Met) -> dict[str, str]:
    """Pages of the price-book desk that no plain link leads to: a change of many lines, and a file on its way in."""
    home = f"{door}/price-books/{book.id}"
    upload = importing.keep_upload(
        book,
        importing.Read("rules", (RuleInput("percent", Decimal(7)),)),
        file_name="rules.csv",
        by=who.actor,
    )
    return {
        f"{name} draft": f"{home}?version=2",
        f"{name} changes": f"{home}/lines/changes?scope=all&kind=percent&value=9",
        f"{name} upload": f"{home}/import/{upload.id}",
    }


def _offer(app: Flask, market: str):  # type: ignore[no-untyped-def]
    with in_scope(app, read_only=True) as session:
        found = select(Offer.id).join(Product, Product.id == Offer.product_id)
        ways = {"market": market, "term": "P1Y", "billing_plan": "annual", "segment": "commercial"}
        return session.scalars(found.filter(Product.title == PREMIUM).filter_by(**ways)).first()


def is_whole(page: Page) -> bool:
    """Whether nothing of the page stands out at the side."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
