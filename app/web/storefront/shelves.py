"""Products as cards with the prices of the person who came: what home, catalogue and product page share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import g

from app.domain.catalog import queries as catalog
from app.domain.catalog.queries import Filters, OfferRow, ProductCard, ProductDetail, ProductPage
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import CustomerPrice, Quotes
from app.web.kit import remember


@dataclass(frozen=True, slots=True)
class Card:
    """A product on a shelf; see `shop/card.html`. It has no field that could hold a cost."""

    title: str
    href: str
    vendor: str
    family: str
    summary: str
    unit: str
    choices: int
    price: CustomerPrice | None
    no_price: str = ""


def segments() -> tuple[str, ...]:
    """What the person who came may buy in: commercial, and their company's own segment."""
    account = g.arrival.account
    if account is None or account.segment == "commercial":
        return ("commercial",)
    return ("commercial", account.segment)


def list_products(
    filters: Filters, *, market: str, segments: tuple[str, ...], page: int = 1, size: int = catalog.PAGE_SIZE
) -> ProductPage:
    """A page of products, the same for everybody who may buy in the same segments; see `catalog.queries.list_products`."""
    return remember.of_the_shop(
        "products",
        (filters, market, segments, page, size),
        lambda: catalog.list_products(filters, market=market, segments=segments, page=page, size=size),
    )


def product_detail(product_id: UUID, *, market: str, segments: tuple[str, ...]) -> ProductDetail | None:
    """One product, likewise; see `catalog.queries.product_detail`."""
    return remember.of_the_shop(
        "product",
        (product_id, market, segments),
        lambda: catalog.product_detail(product_id, market=market, segments=segments),
    )


def cards_of(found: Sequence[ProductCard], quotes: Quotes) -> list[Card]:
    """Cards with their prices; an offer without one says so."""
    made = []
    for card in found:
        quote = quotes.get(card.offer.id)
        made.append(
            Card(
                title=card.title,
                href=f"/catalogue/{card.id}",
                vendor=card.vendor_name,
                family=card.family_name,
                summary=card.description,
                unit=card.offer.unit.lower(),
                choices=card.ways,
                price=quote.for_customer() if quote else None,
            )
        )
    return made


def prices_of(offers: Iterable[OfferRow], quantity: int = 1) -> Quotes:
    """Prices for the person who came, each for `quantity` or as many as the offer needs at least. One statement."""
    account = g.arrival.account
    wanted = [(offer.id, max(quantity, offer.min_quantity)) for offer in offers]
    return pricing.quotes(wanted, account_id=account.id if account else None)
