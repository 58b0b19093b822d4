"""A page of products as a shop shows them: searched, filtered, counted, sorted, paged. Prices are added by `pricing`.

Three statements whatever the size of the catalogue (four with a search): version and choices, cards, and, once for each
version and process, the shelf.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID

from app.domain.catalog.queries.cards import ProductCard, cards
from app.domain.catalog.queries.search import Matches, search
from app.domain.catalog.queries.shelf import Name, Shelf, Signature, shelf_of, ways_in, ways_of
from app.domain.catalog.queries.versions import CatalogVersion, Choices, catalog_and_choices
from app.domain.catalog.rules.codes import PLAN_ORDER, SEGMENT_ORDER, TERM_ORDER

PAGE_SIZE = 24
SORTS = ("relevance", "title", "-title")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for. An empty set means any. Values are keys as in addresses; unknown ones match nothing.

    `sort` is one of SORTS: relevance (with a query; else by title), title, or title backwards.
    """

    query: str = ""
    vendors: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    plans: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    sort: str = "relevance"


@dataclass(frozen=True, slots=True)
class Facet:
    """One value that could be chosen, and how many products there would be, given the other filters."""

    key: str
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ProductPage:
    """`facets` by dimension: vendor, family, category, term, billing_plan, segment; names of the last three are codes.

    `understood` is the query as it was taken when a word was mistyped.
    """

    cards: tuple[ProductCard, ...]
    total: int
    page: int
    pages: int
    facets: Mapping[str, tuple[Facet, ...]]
    understood: str | None
    version: CatalogVersion

    @property
    def offer_ids(self) -> list[UUID]:
        """The offers whose prices the page shows: one for each card."""
        return [card.offer.id for card in self.cards]


@dataclass(slots=True)
class _Stock:
    """The products in question, before filters: all that the shop shows, or those that a search found."""

    shelf: Shelf
    order: Sequence[int]  # places on the shelf
    tally: Counter[int]
    hidden: frozenset[int] = field(default_factory=frozenset)


def list_products(
    filters: Filters,
    *,
    market: str,
    segments: Iterable[str] = SEGMENT_ORDER,
    page: int = 1,
    size: int = PAGE_SIZE,
    at: datetime | None = None,
) -> ProductPage:
    """Page `page` (from 1; beyond the last one, the last) of what the shop in scope sells in `market`.

    `segments` are those the customer may buy in; `filters.segments` narrows them. Only products that the shop shows and
    that have a price in force at `at` (default: now). `size` 0 asks for the counts alone.
    """
    version, choices = catalog_and_choices(at=at)
    shelf = shelf_of(version, market)
    found = search(filters.query) if filters.query else None
    stock = _stock(shelf, choices, found)
    allowed = frozenset(segments)
    wanted = _Wanted(filters, allowed)
    fitting = {mark for mark in stock.tally if wanted.fits(shelf.signatures[mark])}
    total = sum(stock.tally[mark] for mark in fitting)
    pages = max(-(-total // size), 1) if size else 1
    page = min(max(page, 1), pages)
    order = reversed(stock.order) if filters.sort == "-title" else stock.order
    if found is not None and filters.sort == "title":
        order = sorted(stock.order)
    elif found is not None and filters.sort == "-title":
        order = sorted(stock.order, reverse=True)
    marks, hidden = shelf.marks, stock.hidden
    chosen = islice(
        (place for place in order if marks[place] in fitting and place not in hidden),
        (page - 1) * size,
        page * size,
    )
    ids = [shelf.product_ids[place] for place in chosen]
    return ProductPage(
        cards=cards(
            ids,
            {product_id: shelf.signatures[marks[shelf.places[product_id]]] for product_id in ids},
            market=market,
            segments=wanted.segments,
            terms=filters.terms,
            plans=filters.plans,
            at=at,
        ),
        total=total,
        page=page,
        pages=pages,
        facets=_facets(stock, wanted),
        understood=found.understood if found else None,
        version=version,
    )


def _stock(shelf: Shelf, choices: Choices, found: Matches | None) -> _Stock:
    marks, hidden, extra = shelf.shown(choices)
    if found is not None:
        places = [place for place in map(shelf.places.get, found.product_ids) if place is not None]
        order = [
            place
            for place in places
            if (shelf.marks[place] in marks and place not in hidden) or place in extra
        ]
        return _Stock(shelf, order, shelf.tally(order))
    if extra:  # single products out of what is hidden: rare, so the list is made
        order = [n for n, mark in enumerate(shelf.marks) if (mark in marks and n not in hidden) or n in extra]
        return _Stock(shelf, order, shelf.tally(order))
    tally = Counter({mark: shelf.counts[mark] for mark in marks})
    tally.subtract(shelf.tally(hidden))
    return _Stock(shelf, range(len(shelf.product_ids)), +tally, hidden)


class _Wanted:
    """The filters as tests on signatures, one for each dimension, so that a facet can leave its own out."""

    def __init__(self, filters: Filters, allowed: frozenset[str]):
        self.filters = filters
        self.segments = (filters.segments & allowed) if filters.segments else allowed
        self.allowed = allowed
        self.chosen: dict[str, frozenset[str]] = {
            "vendor": filters.vendors,
            "family": filters.families,
            "category": filters.categories,
            "term": filters.terms,
            "billing_plan": filters.plans,
            "segment": filters.segments,
        }
        self.tests: dict[str, Callable[[Signature], Name]] = {
            "vendor": lambda of: of.vendor,
            "family": lambda of: of.family,
            "category": lambda of: of.category,
        }

    def ways(self, *, without: str = "") -> int:
        return ways_of(
            segments=self.allowed if without == "segment" else self.segments,
            terms=None if without == "term" or not self.filters.terms else self.filters.terms,
            plans=None if without == "billing_plan" or not self.filters.plans else self.filters.plans,
        )

    def fits(self, of: Signature, *, without: str = "", ways: int | None = None) -> bool:
        if not of.ways & (self.ways(without=without) if ways is None else ways):
            return False
        return all(
            dimension == without or not self.chosen[dimension] or name(of).key in self.chosen[dimension]
            for dimension, name in self.tests.items()
        )


def _facets(stock: _Stock, wanted: _Wanted) -> dict[str, tuple[Facet, ...]]:
    found: dict[str, tuple[Facet, ...]] = {}
    signatures = [(stock.shelf.signatures[mark], count) for mark, count in stock.tally.items()]
    for dimension, name in wanted.tests.items():
        ways = wanted.ways()
        counts: Counter[tuple[str, str]] = Counter()
        for of, count in signatures:
            if wanted.fits(of, without=dimension, ways=ways):
                counts[name(of).name, name(of).key] += count
        chosen = wanted.chosen[dimension]
        found[dimension] = tuple(
            Facet(key, label, n, key in chosen) for (label, key), n in sorted(counts.items())
        )
    for position, (dimension, order) in enumerate(
        (("segment", SEGMENT_ORDER), ("term", TERM_ORDER), ("billing_plan", PLAN_ORDER))
    ):
        ways = wanted.ways(without=dimension)
        codes: Counter[str] = Counter()
        for of, count in signatures:
            if wanted.fits(of, without=dimension, ways=ways):
                for code in {way[position] for way in ways_in(of.ways & ways)}:
                    codes[code] += count
        chosen = wanted.chosen[dimension]
        found[dimension] = tuple(
            Facet(code, code, codes[code], code in chosen) for code in order if codes[code]
        )
    return found
