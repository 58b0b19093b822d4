"""The shop's front: who is selling, what stands on the shelf, and what waits for the person who came."""

from dataclasses import dataclass
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.domain.catalog.queries import Filters
from app.domain.reports.queries.badges import Badges, badges
from app.web.kit import remember
from app.web.kit.area import PUBLIC, SHOP, Area
from app.web.storefront.frame import shop_page
from app.web.storefront.shelves import cards_of, list_products, prices_of, segments

area = Area("home", __name__, side=SHOP)

ON_THE_SHELF = 8


@dataclass(frozen=True, slots=True)
class Maker:
    """A vendor with how many products of it can be bought here."""

    key: str
    name: str
    count: int


@area.get("/", can=PUBLIC, kept=True, viewed=True)
def show_home() -> ResponseReturnValue:
    """Headline, vendors, a shelf of products at one's own prices, and what waits for a decision."""
    shop, person = g.arrival.shop, g.arrival.person
    numbers = Badges(0, 0, 0)
    if person is not None:
        numbers = remember.of_the_person("badges", lambda: badges(g.arrival.actor))
    context: dict[str, Any] = {"cart_count": numbers.cart, "waiting_count": numbers.waiting}
    context["unread_count"] = numbers.unread
    context["tasks"] = _tasks(numbers)
    if shop.is_open:
        context |= _shelf(shop.country)
    return shop_page("shop/home.html", **context)


def _shelf(market: str) -> dict[str, Any]:
    """All vendors, and some of the largest family: what a shop has most of is what its customers come for."""
    buys = segments()
    all_of_it = list_products(Filters(), market=market, segments=buys, size=0)
    largest = max(all_of_it.facets["family"], key=lambda family: family.count, default=None)
    wanted = Filters(families=frozenset([largest.key])) if largest else Filters()
    found = list_products(wanted, market=market, segments=buys, size=ON_THE_SHELF)
    return {
        "cards": cards_of(found.cards, prices_of(card.offer for card in found.cards)),
        "shelf_title": largest.name if largest else "",
        "vendors": [Maker(one.key, one.name, one.count) for one in all_of_it.facets["vendor"]],
    }


def _tasks(numbers: Badges) -> list[dict[str, str]]:
    tasks = []
    if numbers.waiting:
        words = ngettext(
            "One order waits for your yes or no", "%(num)d orders wait for your yes or no", numbers.waiting
        )
        tasks.append({"href": "/approvals", "icon": "stamp", "words": words})
    if numbers.cart:
        words = ngettext("One product is in your cart", "%(num)d products are in your cart", numbers.cart)
        tasks.append({"href": "/cart", "icon": "shopping-cart", "words": words})
    return tasks
