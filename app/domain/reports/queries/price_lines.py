"""Every offer with its price by one version of a book: searched, narrowed, sorted and a page at a time.

What a page shows is worked out for its rows alone; only to sort by a price or margin, or to find lines under cost or floor, are
all lines worked out, in one statement (`pricing/queries/worked_out.py`).
"""
# ruff: noqa: S608 - only constants of this module are put together; what is typed goes in as parameters

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select, text

from app.core.db import session
from app.core.paging import Page, like
from app.domain.catalog.models import Category, Family, Offer, Product, Sku, Vendor
from app.domain.pricing.models import PriceRule
from app.domain.pricing.queries.worked_out import Lens, parameters, prepared, priced_by
from app.domain.pricing.rules.checks import RuleInput

MAX_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which offers are meant. `rule` "own": those with a rule of their own; `flag`: "cost" (under cost), "floor" (held up by
    their floor) or "none" (no price). `offers` names them one by one instead.
    """

    market: str
    q: str = ""
    vendor_id: UUID | None = None
    family_id: UUID | None = None
    product_id: UUID | None = None
    term: str = ""
    plan: str = ""
    segment: str = ""
    rule: str = ""
    flag: str = ""
    offers: tuple[UUID, ...] = ()

    @property
    def selector(self) -> tuple[str, UUID | None] | None:
        """The selector and target of the one rule that says the same as this; None when only single offers can say it."""
        if self.q or self.term or self.plan or self.segment or self.rule or self.flag or self.offers:
            return None
        if self.product_id is not None:
            return "product", self.product_id
        if self.family_id is not None:
            return "family", self.family_id
        return ("vendor", self.vendor_id) if self.vendor_id is not None else ("default", None)

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Narrowing(self.market)


CARRIED = (
    "segment", "title", "product_title", "sort_title", "unit", "vendor_name", "family_name", "vendor_key",
    "vendor_product_id", "vendor_sku_id", "market",
)  # fmt: skip
LINE = """
    SELECT o.id AS offer_id, k.min_quantity AS quantity, o.term, o.billing_plan, o.product_id, p.family_id, p.category_id,
           p.vendor_id, o.segment, k.title, p.title AS product_title, p.sort_title, k.unit, v.name AS vendor_name,
           f.name AS family_name,
           v.key AS vendor_key, p.vendor_product_id, k.vendor_sku_id, o.market
    FROM offer o
    JOIN product p ON p.id = o.product_id
    JOIN sku k ON k.id = o.sku_id
    JOIN vendor v ON v.id = p.vendor_id
    JOIN family f ON f.id = p.family_id
    WHERE o.market = :market AND NOT o.is_trial
"""
_ORDER = "sort_title, title, segment, term, billing_plan, offer_id"
SORTS: Mapping[str, str] = {
    "product": "",
    "list": "unit_list",
    "cost": "unit_cost",
    "price": "own_price",
    "margin": "own_price - unit_cost",
    "percent": "(own_price - unit_cost) / nullif(own_price, 0)",
}
_FLAGS = {"cost": "own_price < unit_cost", "floor": "own_is_floored", "none": "own_price IS NULL"}


def lines(
    narrowing: Narrowing,
    version_id: UUID,
    lens: Lens,
    *,
    sort: str = "product",
    page: int = 1,
    size: int = 50,
) -> Page[Any]:
    """A page of rows of (offer_id, quantity, term, billing_plan, segment, product_id, vendor_id, family_id, title,
    product_title, unit, vendor_name, family_name). One statement; three when all lines have to be worked out.
    """
    key, down = sort.removeprefix("-"), "DESC" if sort.startswith("-") else ""
    page = min(max(page, 1), MAX_PAGE)
    by_title = _ORDER.replace("sort_title", f"sort_title {down}", 1)
    order = f"{SORTS[key]} {down} NULLS LAST, {_ORDER}" if SORTS[key] else by_title
    rows = _found(
        narrowing,
        version_id,
        lens,
        "*, count(*) OVER () AS listed",
        order,
        SORTS[key] != "",
        size,
        (page - 1) * size,
    )
    if not rows and page > 1:
        return lines(narrowing, version_id, lens, sort=sort, page=1, size=size)
    return Page(rows, rows[0].listed if rows else 0, page, size)


def offers_of(narrowing: Narrowing, version_id: UUID, lens: Lens) -> list[UUID]:
    """Every offer that is meant, in the order of the list."""
    return [row.offer_id for row in _found(narrowing, version_id, lens, "offer_id", _ORDER, False, None, 0)]


def whole(narrowing: Narrowing, version_id: UUID, lens: Lens) -> Iterator[Any]:
    """Every line that is meant, worked out, in the order of the list; a few hundred in memory at a time.

    Rows have besides `own_price`, `own_selector`, `unit_cost` and `unit_list`.
    """
    line, values, types = _narrowed(narrowing, version_id)
    flag = f" WHERE {_FLAGS[narrowing.flag]}" if narrowing.flag else ""
    sql = priced_by(line, "own", carried=CARRIED) + f" SELECT * FROM priced{flag} ORDER BY {_ORDER}"
    statement = prepared(sql, bindparam("own_version", type_=Uuid()), *types)
    asked = values | parameters(lens) | {"own_version": version_id}
    yield from session().execute(statement, asked, execution_options={"yield_per": 500})


def _found(
    narrowing: Narrowing,
    version_id: UUID,
    lens: Lens,
    what: str,
    order: str,
    all_prices: bool,
    limit: int | None,
    offset: int,
) -> Sequence[Any]:
    line, values, types = _narrowed(narrowing, version_id)
    tail = f" ORDER BY {order} LIMIT :limit OFFSET :offset"
    values |= {"limit": limit, "offset": offset}
    if not all_prices and not narrowing.flag:
        statement = text(f"SELECT {what} FROM ({line}) line{tail}").bindparams(*types)
        return session().execute(statement, values).all()
    flag = f" WHERE {_FLAGS[narrowing.flag]}" if narrowing.flag else ""
    sql = priced_by(line, "own", carried=CARRIED) + f" SELECT {what} FROM priced{flag}{tail}"
    statement = prepared(sql, bindparam("own_version", type_=Uuid()), *types)
    return session().execute(statement, values | parameters(lens) | {"own_version": version_id}).all()


def _narrowed(narrowing: Narrowing, version_id: UUID) -> tuple[str, dict[str, Any], list[Any]]:
    """The SQL that lists the offers, its values, and the types of those that have one."""
    sql, values, types = [LINE], {"market": narrowing.market}, []
    for number, word in enumerate(narrowing.q.split()[:6]):
        sql.append(
            f"AND (k.title ILIKE :word{number} OR p.title ILIKE :word{number} OR p.vendor_product_id ILIKE :word{number})"
        )
        values[f"word{number}"] = like(word)
    for column, value in (
        ("p.vendor_id", narrowing.vendor_id),
        ("p.family_id", narrowing.family_id),
        ("p.id", narrowing.product_id),
    ):
        if value is not None:
            name = column.replace(".", "_")
            sql.append(f"AND {column} = :{name}")
            values[name] = value
            types.append(bindparam(name, type_=Uuid()))
    for column, value in (
        ("term", narrowing.term),
        ("billing_plan", narrowing.plan),
        ("segment", narrowing.segment),
    ):
        if value:
            sql.append(f"AND o.{column} = :{column}")
            values[column] = value
    if narrowing.rule == "own":
        sql.append(
            "AND o.id IN (SELECT offer_id FROM price_rule WHERE version_id = :ruled AND offer_id IS NOT NULL)"
        )
        values["ruled"] = version_id
        types.append(bindparam("ruled", type_=Uuid()))
    if narrowing.offers:
        sql.append("AND o.id = ANY(:offers)")
        values["offers"] = list(narrowing.offers)
        types.append(bindparam("offers", type_=ARRAY(Uuid())))
    return " ".join(sql), values, types


def count(market: str) -> int:
    """How many lines a book has in `market`. One statement."""
    return session().scalar(select(func.count()).where(Offer.market == market, ~Offer.is_trial)) or 0


def rules_by_id(ids: Sequence[UUID]) -> dict[UUID, PriceRule]:
    """Rules of the owner in scope by their id. One statement."""
    return {rule.id: rule for rule in session().scalars(select(PriceRule).where(PriceRule.id.in_(ids)))}


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be chosen from: vendors, and families with their vendor's id, by name."""

    vendors: tuple[tuple[UUID, str], ...]
    families: tuple[tuple[UUID, str, UUID], ...]


def facets(market: str) -> Facets:
    """Vendors and families with offers in `market`. One statement."""
    on_offer = select(Offer.id).where(Offer.product_id == Product.id, Offer.market == market).exists()
    rows = (
        session()
        .execute(
            select(Vendor.id, Vendor.name, Family.id, Family.name)
            .join(Family, Family.vendor_id == Vendor.id)
            .where(select(Product.id).where(Product.family_id == Family.id, on_offer).exists())
            .order_by(Vendor.name, Family.name)
        )
        .all()
    )
    return Facets(
        tuple(dict.fromkeys((row[0], row[1]) for row in rows)),
        tuple((row[2], row[3], row[0]) for row in rows),
    )


def name_of(selector: str, target_id: UUID | None) -> str:
    """What a selector's target is called; empty for everything."""
    if target_id is None:
        return ""
    model: Any = {"vendor": Vendor, "family": Family, "product": Product}[selector]
    found = session().get(model, target_id)
    return "" if found is None else found.title if selector == "product" else found.name


def names_of(rules: Iterable[RuleInput]) -> dict[tuple[str, UUID | None], str]:
    """What the targets of rules are called, by selector and target. One statement per selector."""
    columns: dict[str, tuple[Any, Any]] = {
        "offer": (Offer.id, Sku.title), "product": (Product.id, Product.title), "family": (Family.id, Family.name),
        "category": (Category.id, Category.name), "vendor": (Vendor.id, Vendor.name),
    }  # fmt: skip
    wanted: dict[str, set[UUID]] = {}
    for rule in rules:
        if rule.target_id is not None:
            wanted.setdefault(rule.selector, set()).add(rule.target_id)
    found: dict[tuple[str, UUID | None], str] = {}
    for selector, ids in wanted.items():
        key, name = columns[selector]
        statement = select(key, name).where(key.in_(ids))
        if selector == "offer":
            statement = statement.join(Sku, Sku.id == Offer.sku_id)
        found |= {(selector, row[0]): row[1] for row in session().execute(statement)}
    return found
