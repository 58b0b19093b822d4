"""Products as cards with the prices of the person who came: what home, catalogue and product page share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import g
from flask_babel import gettext

from app.core.money import Money
from app.domain.catalog import queries as catalog
from app.domain.catalog.queries import Filters, OfferRow, ProductCard, ProductDetail, ProductPage
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.quote import Quote, Quotes
from app.web.kit import remember
from app.web.kit.filters import money_text, price_words


@dataclass(frozen=True, slots=True)
class Card:
    """A product on a shelf; see `shop/card.html`. It has no field that could hold a cost.

    What differs from card to card is ready text: a page of cards is rendered in each customer's own prices, two dozen at a
    time. `amount` is empty where there is no price; then `terms` says so. `start` is "from" where there are several ways to buy.
    """

    title: str
    href: str
    vendor: str
    family: str
    summary: str
    ways: int
    price: Money | None  # for one unit and one month
    start: str
    amount: str
    was: str  # without the promotion, where there is one
    terms: str


def segments() -> tuple[str, ...]:
    """What the person who came may buy in: commercial, and their company's own segment."""
    account = g.arrival.account
    if account is None or account.segment == "commercial":
        return ("commercial",)
    return ("commercial", account.segment)


def instant() -> datetime | None:
    """At which the shop is seen, when somebody of the reseller's sees it as a customer; None stands for now."""
    viewing = g.arrival.viewing
    return viewing.at if viewing else None


def usual_quantity(offer: OfferRow) -> int:
    """How many are priced when nobody says: as few as there may be, or as many as one who views asked for and may be."""
    viewing = g.arrival.viewing
    wanted = viewing.quantity if viewing and viewing.quantity else 1
    return max(min(wanted, offer.max_quantity or wanted), offer.min_quantity)


def list_products(
    filters: Filters, *, market: str, segments: tuple[str, ...], page: int = 1, size: int = catalog.PAGE_SIZE
) -> ProductPage:
    """A page of products, the same for everybody who may buy in the same segments; see `catalog.queries.list_products`."""
    return remember.of_the_shop(
        "products",
        (filters, market, segments, page, size),
        lambda: catalog.list_products(
            filters, market=market, segments=segments, page=page, size=size, at=instant()
        ),
    )


def product_detail(product_id: UUID, *, market: str, segments: tuple[str, ...]) -> ProductDetail | None:
    """One product, likewise; see `catalog.queries.product_detail`."""
    return remember.of_the_shop(
        "product",
        (product_id, market, segments),
        lambda: catalog.product_detail(product_id, market=market, segments=segments, at=instant()),
    )


def cards_of(found: Sequence[ProductCard], quotes: Quotes) -> list[Card]:
    """Cards with their prices; an offer without one says so."""
    made = []
    start, none = gettext("from"), gettext("No price at the moment")
    for card in found:
        quote = quotes.get(card.offer.id)
        made.append(
            Card(
                title=card.title,
                href=f"/catalogue/{card.id}",
                vendor=card.vendor_name,
                family=card.family_name,
                summary=card.description,
                ways=card.ways,
                price=(price := quote.unit_monthly_price if quote else None),
                start=start if card.ways > 1 else "",
                amount=money_text(price) if price is not None else "",
                was=_was(quote) if quote and quote.unit_regular else "",
                terms=price_words(quote.cycle, card.offer.unit.lower(), monthly=True) if quote else none,
            )
        )
    return made


def _was(quote: Quote) -> str:
    regular = quote.for_customer().unit_monthly_regular
    return money_text(regular) if regular else ""


def prices_of(offers: Iterable[OfferRow], quantity: int | None = None) -> Quotes:
    """Prices for the person who came, each for `quantity`, or without one for the usual one, and for as many as
    the offer needs at least. One statement."""
    account = g.arrival.account
    wanted = [
        (offer.id, max(quantity, offer.min_quantity) if quantity else usual_quantity(offer))
        for offer in offers
    ]
    return pricing.quotes(wanted, account_id=account.id if account else None, instant=instant())
