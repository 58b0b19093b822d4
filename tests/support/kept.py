"""Ann in a shop whose pages are kept, for the tests of keeping them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from app.core.actor import SYSTEM
from app.domain.catalog.models import Product
from app.domain.catalog.queries import shelf
from app.domain.pricing import actions as pricing
from app.domain.pricing.rules.checks import RuleInput
from app.web.kit import keeping, remember
from tests.support.shopping import Shopping

CAST = ("acme", "nimbus", "ann", "paul", "otto")
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')


class World:
    """Ann in a shop with two products at her company's own price, the pages kept, and a way to change each thing."""

    def __init__(self, app: Any, browser_for: Any, in_scope: Any, cast: dict[str, Any]):
        self.app, self.in_scope = app, in_scope
        self.acme, self.nimbus, self.ann, self.paul, self.otto = (cast[k] for k in CAST)
        self.shop = Shopping(app)
        self.offers = [self.shop.offer("10.00"), self.shop.offer("20.00")]
        with in_scope(self.acme):
            book = pricing.make_book("Nimbus", "EUR", [RuleInput("percent", Decimal(10))], by=SYSTEM)
            pricing.assign(book, account_id=self.nimbus.id, by=SYSTEM)
            self.book = book.id
        self.sql("UPDATE person SET roles = '{buyer,approver}' WHERE account_id IS NOT NULL")
        self.browser = browser_for(self.ann)
        self.keeping: keeping.Keeping = app.extensions["keeping"]
        with in_scope() as session:
            product = session.query(Product).order_by(Product.sort_title).first()
            self.pages = ("/", "/catalogue", f"/catalogue/{product.id}")
            self.product = product.id

    def sql(self, statement: str, **values: Any) -> None:
        with self.in_scope() as session:
            session.execute(text(statement), values)

    def get(self, path: str) -> str:
        page = self.browser.get(path)
        assert page.status == 200
        return TOKEN.sub("", page.html)

    def made(self, path: str) -> str:
        """The page as it is made now, from nothing that was remembered."""
        self.keeping.store.clear()
        remember.forget()
        return self.get(path)

    def keep(self) -> None:
        for path in self.pages:
            self.get(path)


@contextmanager
def kept_world(app: Any, browser_for: Any, in_scope: Any, seeds: Any) -> Iterator[World]:
    """The world, with nothing kept before and nothing left on the shelf after it."""
    shelf._kept.clear()
    app.extensions["keeping"].store.clear()
    remember.forget()
    yield World(app, browser_for, in_scope, {key: seeds.meet(key) for key in CAST})
    shelf._kept.clear()
