"""A stocked shop and people who buy in it, for tests of approvals, orders and subscriptions."""

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from flask import Flask

from app.core import clock
from app.core.db import session
from app.core.ids import new_id
from app.domain.approvals.actions import RuleDraft, decide, publish_policy
from app.domain.approvals.queries import request_detail
from app.domain.catalog.models import (
    CatalogTurn,
    Category,
    Family,
    Offer,
    PriceSheet,
    Product,
    Sku,
    Vendor,
    VendorPrice,
)
from app.domain.orders.actions import carts, place
from app.domain.orders.models import Order
from app.domain.orders.queries import CartView, cart_of
from app.domain.orders.rules.terms import STANDARD
from tests.support.seeding import Met, in_scope

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


class Shopping:
    """Offers at list price (no price book is needed for that), and the acts of buyers and approvers."""

    def __init__(self, app: Flask, vendor_key: str = "microsoft"):
        self.app = app
        self._count = 0
        with in_scope(app):
            self.vendor = self._add(Vendor(key=vendor_key, name="Microsoft"))
            self.family = self._add(Family(vendor_id=self.vendor, key="office", name="Office 365"))
            self.category = self._add(Category(key="work", name="Productivity"))
            self._add(
                PriceSheet(
                    vendor_id=self.vendor,
                    file_name="sheet.csv",
                    digest="0" * 64,
                    size=1,
                    person_name="A test",
                    state="taken",
                    revision=1,
                )
            )

    def _add(self, row: object) -> UUID:
        session().add(row)
        session().flush()
        return row.id  # type: ignore[attr-defined]

    def offer(
        self,
        price: str = "10.00",
        *,
        cost: str | None = None,
        currency: str = "EUR",
        term: str = "P1M",
        billing_plan: str = "monthly",
        segment: str = "commercial",
        market: str = "DE",
        minimum: int = 1,
        maximum: int | None = None,
    ) -> UUID:
        """One more product with one offer; `price` is the list price of one unit for the whole term."""
        self._count += 1
        with in_scope(self.app):
            product = self._add(
                Product(
                    vendor_id=self.vendor,
                    vendor_product_id=f"CFQ{self._count:05}",
                    title=f"Product {self._count}",
                    publisher="Microsoft Corporation",
                    family_id=self.family,
                    category_id=self.category,
                    sort_title=f"product {self._count:05}",
                    texts_digest="",
                    search_title=f"product {self._count}",
                    search_more="",
                )
            )
            sku = self._add(
                Sku(
                    product_id=product,
                    vendor_sku_id="0001",
                    title=f"Product {self._count}",
                    min_quantity=minimum,
                    max_quantity=maximum,
                )
            )
            made = self._add(
                Offer(
                    product_id=product,
                    sku_id=sku,
                    term=term,
                    billing_plan=billing_plan,
                    segment=segment,
                    market=market,
                )
            )
            self.price(made, price, cost=cost, currency=currency)
        return made

    def price(
        self,
        offer_id: UUID,
        price: str,
        *,
        cost: str | None = None,
        currency: str = "EUR",
        since: datetime = LONG_AGO,
        until: datetime | None = None,
    ) -> None:
        """What the vendor asks for an offer from `since` on, up to `until`. Inside a unit that sees everyone."""
        for turn in filter(None, (since, until)):
            session().merge(CatalogTurn(at=turn))
        self._add(
            VendorPrice(
                id=new_id(),
                offer_id=offer_id,
                currency=currency,
                cost=Decimal(cost or price) if cost else Decimal(price) / 2,
                list_price=Decimal(price),
                min_quantity=1,
                effective_from=since,
                effective_to=until,
                revision=1,
            )
        )

    def reprice(self, offer_id: UUID, price: str) -> None:
        """From now on, the vendor asks another price."""
        with in_scope(self.app):
            self.price(offer_id, price, since=clock.now())

    def policy(self, reseller_person: Met, account: Met | None, *rules: RuleDraft) -> None:
        """Publishes a policy for one customer, or for all."""
        with in_scope(self.app, tenant_of(reseller_person)):
            publish_policy(account.id if account else None, list(rules), by=reseller_person.actor)

    def fill(self, who: Met, lines: Sequence[tuple[UUID, int]], account: Met | None = None) -> CartView:
        """Puts lines into the person's cart and answers what the cart page shows."""
        account_id = account.id if account else who.account_id
        assert account_id is not None
        with in_scope(self.app, who):
            for offer_id, quantity in lines:
                carts.add(account_id, offer_id, quantity, by=who.actor)
        return self.cart(who, account_id)

    def cart(self, who: Met, account_id: UUID | None = None) -> CartView:
        """The person's open cart."""
        with in_scope(self.app, who, read_only=True):
            view = cart_of(account_id or who.account_id, who.actor)  # type: ignore[arg-type]
        assert view is not None
        return view

    def checkout(self, who: Met, view: CartView, **changes: object) -> UUID:
        """Places the order of a cart that was seen; answers its id."""
        said = {
            "intent_id": view.intent_id,
            "seen": view.seen,
            "accepted_terms": STANDARD,
            "purchase_order_number": "PO 1",
            "address": "192.0.2.1",
        } | changes
        with in_scope(self.app, who):
            return place(view.id, **said, by=who.actor).id  # type: ignore[arg-type]

    def order(self, who: Met, lines: Sequence[tuple[UUID, int]], account: Met | None = None) -> UUID:
        """Fills the cart and places the order."""
        return self.checkout(who, self.fill(who, lines, account))

    def decide(self, who: Met, order_id: UUID, answer: str = "approved", **said: object) -> None:
        """Decides the order's request over what its page shows now."""
        with in_scope(self.app, who):
            request_id = session().get(Order, order_id).approval_request_id  # type: ignore[union-attr]
            shown = request_detail(request_id, who.actor)  # type: ignore[arg-type]
            said = {"digest": shown.digest, "step": shown.row.step, "comment": "Fine."} | said
            decide(request_id, answer, **said, by=who.actor)  # type: ignore[arg-type]

    @contextmanager
    def looking(self, whose: Met | None = None):  # type: ignore[no-untyped-def]
        """A read-only unit, to look at rows."""
        with in_scope(self.app, whose, read_only=True) as current:
            yield current

    def state(self, order_id: UUID) -> str:
        """The order's state."""
        with self.looking() as current:
            return current.get(Order, order_id).state  # type: ignore[union-attr]


def tenant_of(person: Met):  # type: ignore[no-untyped-def]
    """The scope of a person's reseller."""
    from app.core import scope

    return scope.tenant(person.tenant_id)  # type: ignore[arg-type]


def over(amount: str, currency: str = "EUR", **more: object) -> RuleDraft:
    """An order total at or over an amount."""
    return RuleDraft("order_total", amount=Decimal(amount), currency=currency, **more)  # type: ignore[arg-type]


def budget(amount: str, days: int = 30, currency: str = "EUR", **more: object) -> RuleDraft:
    """What was spent in a window and this order, at or over an amount."""
    return RuleDraft("window_spend", amount=Decimal(amount), currency=currency, window_days=days, **more)  # type: ignore[arg-type]
