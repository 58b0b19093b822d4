"""The shelf: which products a market can buy at one catalogue version, in order, held in memory by each process.

A version never changes, so its name is an exact key and nothing is ever invalidated. Products that can be bought in the
same ways share a signature; counting and filtering go over signatures (hundreds), not over products (tens of thousands).
Texts and prices are not here.
"""

from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from uuid import UUID

from sqlalchemy import DateTime, bindparam, text

from app.core import clock
from app.core.db import session
from app.domain.catalog.queries.versions import CatalogVersion, Choices
from app.domain.catalog.rules.codes import PLANS_OF_TERM, SEGMENT_ORDER

WAYS = tuple(
    (segment, term, plan)
    for segment in SEGMENT_ORDER
    for term, plans in PLANS_OF_TERM.items()
    for plan in sorted(plans)
)
"""Every way to buy; a product's ways are a number with one bit for each (28 of them)."""
KEPT_SHELVES = 12

_SHELF = text(
    f"""
WITH priced AS MATERIALIZED (
    SELECT DISTINCT offer_id FROM (
        SELECT DISTINCT ON (v.offer_id, v.currency, v.min_quantity) v.offer_id, v.effective_to
        FROM vendor_price v WHERE v.effective_from <= :at
        ORDER BY v.offer_id DESC, v.currency DESC, v.min_quantity DESC, v.effective_from DESC, v.revision DESC
    ) begun WHERE begun.effective_to IS NULL OR begun.effective_to > :at
), stocked AS MATERIALIZED (
    SELECT o.product_id, bit_or(w.bit::integer) AS ways
    FROM offer o
    JOIN priced ON priced.offer_id = o.id
    JOIN (VALUES {", ".join(f"('{s}', '{t}', '{p}', {1 << n})" for n, (s, t, p) in enumerate(WAYS))})
        AS w(segment, term, billing_plan, bit)
        ON w.segment = o.segment AND w.term = o.term AND w.billing_plan = o.billing_plan
    WHERE o.market = :market
    GROUP BY o.product_id
)
SELECT p.id, p.vendor_id, p.family_id, p.category_id, stocked.ways
FROM stocked JOIN product p ON p.id = stocked.product_id
ORDER BY p.sort_title, p.id
"""  # noqa: S608 - only our own constants are written into it
).bindparams(bindparam("at", type_=DateTime(timezone=True)))
_NAMES = text(
    """
SELECT 'vendor' AS kind, v.id, v.key, v.name FROM vendor v
UNION ALL SELECT 'family', f.id, v.key || '.' || f.key, f.name FROM family f JOIN vendor v ON v.id = f.vendor_id
UNION ALL SELECT 'category', c.id, c.key, c.name FROM category c
"""
)


@dataclass(frozen=True, slots=True)
class Name:
    """A vendor, family or category: `key` is what addresses hold (families: `microsoft.windows-365`)."""

    id: UUID
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Signature:
    """What products on a shelf have in common."""

    vendor: Name
    family: Name
    category: Name
    ways: int


@dataclass(slots=True)
class Shelf:
    """`product_ids` in order of title; `marks[n]` is the signature of the n-th."""

    product_ids: list[UUID] = field(default_factory=list)
    marks: "array[int]" = field(default_factory=lambda: array("L"))
    signatures: list[Signature] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)
    places: dict[UUID, int] = field(default_factory=dict)

    def shown(self, choices: Choices) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
        """Signatures that a shop shows; and the places of products it hides from them, or shows though they are not."""
        marks = frozenset(
            mark
            for mark, of in enumerate(self.signatures)
            if choices.shown.get(of.family.id, choices.shown.get(of.vendor.id, True))
        )
        hidden, extra = set(), set()
        for target, is_shown in choices.shown.items():
            place = self.places.get(target)
            if place is not None and is_shown != (self.marks[place] in marks):
                (extra if is_shown else hidden).add(place)
        return marks, frozenset(hidden), frozenset(extra)

    def tally(self, places: Iterable[int]) -> Counter[int]:
        """How many of the products at `places` have each signature."""
        return Counter(map(self.marks.__getitem__, places))


_kept: OrderedDict[tuple[CatalogVersion, str], Shelf] = OrderedDict()
_guard = Lock()


def shelf_of(version: CatalogVersion, market: str) -> Shelf:
    """The shelf of `market` (ISO country) at `version`: from memory, else by two statements."""
    key = version, market
    with _guard:
        if (found := _kept.get(key)) is not None:
            _kept.move_to_end(key)
            return found
    built = _build(version, market)
    with _guard:
        _kept[key] = built
        while len(_kept) > KEPT_SHELVES:
            _kept.popitem(last=False)
    return built


def _build(version: CatalogVersion, market: str) -> Shelf:
    current = session()
    names = {row.id: Name(row.id, row.key, row.name) for row in current.execute(_NAMES)}
    # an instant at which this very version holds: between its two turns
    at = version.turned_at or clock.now()
    shelf, known = Shelf(), {}
    # right after an import the planner has no statistics yet and would loop over what should be joined as sets
    current.execute(text("SET LOCAL enable_nestloop = off"))
    rows = current.execute(_SHELF, {"market": market, "at": at}).all()
    current.execute(text("SET LOCAL enable_nestloop = on"))
    for product_id, vendor_id, family_id, category_id, ways in rows:
        signature = vendor_id, family_id, category_id, ways
        mark = known.setdefault(signature, len(known))
        if mark == len(shelf.signatures):
            shelf.signatures.append(Signature(names[vendor_id], names[family_id], names[category_id], ways))
        shelf.places[product_id] = len(shelf.product_ids)
        shelf.product_ids.append(product_id)
        shelf.marks.append(mark)
    shelf.counts = Counter(shelf.marks)
    return shelf


def ways_of(
    *,
    segments: Iterable[str] | None = None,
    terms: Iterable[str] | None = None,
    plans: Iterable[str] | None = None,
) -> int:
    """The bits of all ways to buy with one of these segments, terms and plans; None stands for all of them."""
    return _ways_of(*(None if values is None else frozenset(values) for values in (segments, terms, plans)))


@lru_cache(maxsize=2_000)
def _ways_of(*wanted: frozenset[str] | None) -> int:
    return sum(
        1 << bit
        for bit, way in enumerate(WAYS)
        if all(values is None or value in values for value, values in zip(way, wanted, strict=True))
    )


@lru_cache(maxsize=10_000)
def ways_in(bits: int) -> tuple[tuple[str, str, str], ...]:
    """The (segment, term, plan) of each bit."""
    return tuple(way for bit, way in enumerate(WAYS) if bits >> bit & 1)
