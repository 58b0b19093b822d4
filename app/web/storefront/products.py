"""The catalogue: search and filters over what the shop sells. One product is in `product.py`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.catalog import queries as catalog
from app.domain.catalog.queries import Filters, ProductPage
from app.domain.pricing.rules.quote import Quotes
from app.web.kit import remember
from app.web.kit.area import PUBLIC, SHOP, Area
from app.web.kit.choices import words
from app.web.kit.exports import amount, export_list, number, text
from app.web.kit.filters import this_page
from app.web.kit.language import spoken
from app.web.kit.listing import Asked, asked
from app.web.storefront import shelves
from app.web.storefront.frame import shop_page
from app.web.storefront.shelves import Card, cards_of, prices_of, segments

area = Area("products", __name__, side=SHOP)

MOST_VALUES = 20
"""Of one filter; nobody ticks more boxes than that."""


@area.get("/catalogue", can=PUBLIC, kept=True, viewed=True)
def list_products() -> ResponseReturnValue:
    """Products found by words and filters, with counts beside every filter."""
    want = _want()
    found = _found(want) if g.arrival.shop.is_open else None
    quotes = prices_of(card.offer for card in found.cards) if found else Quotes()
    return shop_page(
        "shop/products.html",
        want=want,
        found=_Paged(found),
        cards=cards_of(found.cards, quotes) if found else [],
        facets=remember.of_the_shop("facets", _asked_for(), lambda: _facets(found)) if found else [],
        buys=segments(),
        active=_active(found) if found else [],
        sorts=_sorts(want),
        understood=found.understood if found else None,
    )


class _Paged:
    """A page of products in the shape the pager wants."""

    def __init__(self, found: ProductPage | None):
        self.number = found.page if found else 1
        self.total = found.total if found else 0
        self.size = catalog.PAGE_SIZE


def _want() -> Asked:
    return asked(catalog.SORTS, "", size=catalog.PAGE_SIZE)


def _every_card() -> Iterator[Card]:
    """All cards that the filters leave, a few hundred at a time, each batch priced by one statement."""
    want, pages = replace(_want(), page=1, size=CARDS_AT_ONCE), 1 if g.arrival.shop.is_open else 0
    while want.page <= pages:
        found = _found(want)
        yield from cards_of(found.cards, prices_of(card.offer for card in found.cards))
        want, pages = replace(want, page=want.page + 1), found.pages


CARDS_AT_ONCE = 240
export_list(
    area,
    "/catalogue",
    can="catalog:browse",
    named="products",
    rows=_every_card,
    columns=[
        text(_l("Product"), "title"),
        text(_l("Vendor"), "vendor"),
        text(_l("Product family"), "family"),
        text(_l("About it"), "summary"),
        number(_l("Ways to buy"), "ways"),
        text(_l("Currency"), lambda card: card.price and card.price.currency),
        amount(_l("Price from"), "price"),
        text(_l("Price for"), lambda card: card.price and card.terms),
    ],
)


def _found(want: Asked) -> ProductPage:
    filters = Filters(
        query=want.q,
        vendors=_values("vendor"),
        families=_values("family"),
        categories=_values("category"),
        terms=_values("term"),
        plans=_values("plan"),
        segments=_values("segment"),
        sort=want.sort or "relevance",
    )
    return shelves.list_products(
        filters, market=g.arrival.shop.country, segments=segments(), page=want.page, size=want.size
    )


def _asked_for() -> tuple[object, ...]:
    """All that the filters follow from, besides the shop: the address, who buys in which segments, and the language."""
    return request.full_path, segments(), spoken().locale


def _values(name: str) -> frozenset[str]:
    return frozenset(value[:120] for value in request.args.getlist(name)[:MOST_VALUES] if value)


_DIMENSIONS = (
    ("vendor", "vendor"),
    ("family", "family"),
    ("term", "term"),
    ("plan", "billing_plan"),
    ("category", "category"),
    ("segment", "segment"),
)
MOST_OPTIONS = 8
"""Shown of one filter; the rest comes up as other filters narrow the list."""


def _labels() -> dict[str, str]:
    return {
        "vendor": _("Vendor"),
        "family": _("Product family"),
        "category": _("Purpose"),
        "term": _("Term"),
        "plan": _("Billing"),
        "segment": _("For"),
    }


def _facets(found: ProductPage) -> list[dict[str, Any]]:
    """Filters with words and counts, the chosen ones always among them. One with a single answer is no filter."""
    labels, made = _labels(), []
    for name, dimension in _DIMENSIONS:
        options = [
            {
                "value": facet.key,
                "word": _word(name, facet.key, facet.name),
                "count": facet.count,
                "is_on": facet.is_chosen,
            }
            for facet in found.facets.get(dimension, ())
        ]
        if len(options) < 2 and not any(option["is_on"] for option in options):
            continue
        if len(options) > MOST_OPTIONS:
            most = sorted(options, key=lambda option: (not option["is_on"], -option["count"]))[:MOST_OPTIONS]
            options = [option for option in options if option in most]
        made.append({"name": name, "label": labels[name], "options": options})
    return made


def _active(found: ProductPage) -> list[tuple[str, str]]:
    """The filters that are on, each with the address of the page without it."""
    labels = _labels()
    return [
        (
            f"{labels[name]}: {_word(name, facet.key, facet.name)}",
            this_page(drop=(name, facet.key), page=None),
        )
        for name, dimension in _DIMENSIONS
        for facet in found.facets.get(dimension, ())
        if facet.is_chosen
    ]


def _word(name: str, key: str, given: str) -> str:
    return words(name, key) if name in ("term", "plan", "segment") else given


def _sorts(want: Asked) -> list[tuple[str, str]]:
    by_title = [("title", _("Name, A to Z")), ("-title", _("Name, Z to A"))]
    return [("", _("Best match")), *by_title] if want.q else [("", by_title[0][1]), by_title[1]]
