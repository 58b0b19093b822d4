"""Prices of very many offers at once, worked out by the database: for sorting, filtering and comparing whole books.

What one page shows and what anybody pays comes from `quoting`; this is the same arithmetic (`rules/resolution.py`,
`kinds.py`, `rounding.py`) written as one statement over sets, for one version and one currency. A test holds the two together in
random worlds. Amounts stay a numerator and a denominator until they are rounded once, as in `rules/exact.py`.
"""
# ruff: noqa: S608 - only the texts of this module, constants and names of columns are put together

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, String, TextClause, Uuid, bindparam, text

from app.core.db import session
from app.core.money import CURRENCIES, THOUSANDTHS, WITHOUT
from app.domain.pricing.queries.rates import rates_among
from app.domain.pricing.queries.statement import DISTRIBUTORS_BOOK, PROMOTION, RULE
from app.domain.pricing.rules.cycles import charge_cycle
from app.domain.pricing.rules.rates import NoRate, RateTable
from app.domain.pricing.rules.rounding import ENDINGS

NOBODY = UUID(int=0)

# Dividing gives as many places as the dividend has: enough that no quotient that is not a tie looks like one.
_K = f"1.{'0' * 40}"


def _codes(codes: str) -> str:
    return ", ".join(f"'{code}'" for code in codes.split())


def _places(currency: str) -> str:
    return f"CASE WHEN {currency} IN ({_codes(WITHOUT)}) THEN 0 WHEN {currency} IN ({_codes(THOUSANDTHS)}) THEN 3 ELSE 2 END"


_CYCLES = ", ".join(
    f"('{term}', '{plan}', {charge_cycle(term, plan).count}::numeric)"
    for term, plan in (
        ("P1M", "monthly"), ("P1M", "none"), ("P1Y", "monthly"), ("P1Y", "annual"), ("P1Y", "none"),
        ("P3Y", "monthly"), ("P3Y", "annual"), ("P3Y", "triennial"), ("P3Y", "none"),
    )
)  # fmt: skip

_STEP = (
    "CASE said.rounding "
    + " ".join(f"WHEN '{name}' THEN {step}" for name, (step, _) in ENDINGS.items())
    + " END"
)
_END = (
    "CASE said.rounding "
    + " ".join(f"WHEN '{name}' THEN {end}" for name, (_, end) in ENDINGS.items())
    + " END"
)

# From `line` (offer_id, quantity, term, billing_plan, product_id, family_id, category_id, vendor_id and whatever else is to be
# carried along) to what the vendor asks. The same choice as in `statement.py`.
_ASKED = f"""
rates AS MATERIALIZED (SELECT CAST(:rates AS jsonb) AS of), cycle(term, plan, charges) AS (VALUES {_CYCLES}),
asked AS (
    SELECT l.*, ask.id AS ask_id, ask.currency AS ask_cur, ask.cost AS vendor_cost, ask.list_price,
           promo.percent, y.charges
    FROM line l
    JOIN cycle y ON y.term = l.term AND y.plan = l.billing_plan
    LEFT JOIN LATERAL (
        SELECT id, currency, cost, list_price
        FROM (
            SELECT DISTINCT ON (currency, min_quantity) id, currency, min_quantity, cost, list_price, effective_to
            FROM vendor_price
            WHERE offer_id = l.offer_id AND min_quantity <= l.quantity AND effective_from <= :at
            ORDER BY currency, min_quantity, effective_from DESC, revision DESC
        ) begun
        WHERE effective_to IS NULL OR effective_to > :at
        ORDER BY currency <> :currency, currency IS DISTINCT FROM :book_currency, currency <> 'EUR', currency,
                 min_quantity DESC
        LIMIT 1
    ) ask ON true
    LEFT JOIN LATERAL ({PROMOTION.format(line="l")}) promo ON true
)
"""


def _stage(
    p: str, source: str, whose: str, cost: str, cost_cur: str, to: str, most: str, listed: str, shown: str
) -> str:
    """A CTE `{p}`: `source` with the rule of `{p}_version` that applies and what it makes of the cost.

    `source` carries `{p}_version`, `{p}_cur`, `{p}_base` (its book's), the cost as `{cost}_over`, `{cost}_under` in `cost_cur`,
    and list price as `{listed}_over` / `charges` in `ask_cur`. The settled price is in the currency `to`. `shown` is the cost and
    list price that floors and caps hold for, as names: without a promotion that is not passed on they are the same.
    """
    shown_cost, shown_list = shown.split()
    base_over = f"CASE WHEN said.base = 'cost' THEN {cost}_over ELSE {listed}_over END"
    base_under = f"CASE WHEN said.base = 'cost' THEN {cost}_under ELSE charges END"
    base_cur = f"CASE WHEN said.base = 'cost' THEN {cost_cur} ELSE ask_cur END"

    def rate(base: str, quote: str, part: int) -> str:
        key = f"'{whose}' || ({base}) || ({quote})"
        return (
            f"CASE WHEN ({base}) = ({quote}) THEN 1 ELSE CAST(rates.of -> ({key}) ->> {part} AS numeric) END"
        )

    rates = ",\n               ".join(
        f"{rate(base, quote, part)} AS {name}_{word}"
        for name, base, quote in (
            ("to_cost", cost_cur, to),
            ("to_list", "ask_cur", to),
            ("to_book", f"{p}_cur", to),
            ("based", base_cur.replace("said.base", f"s.{p}_base"), f"{p}_cur"),
            ("met", "ask_cur", cost_cur),
        )
        for part, word in enumerate(("over", "under"))
    )
    return f"""
{p} AS (
    SELECT s.*, r.id AS {p}_rule_id, r.selector AS {p}_selector, said.kind, said.floor, said.is_capped, said.rounding,
           found_cur, found_over, found_under, may_not_be_nothing,
           {p}_cost, {p}_list, said.floor <> 'none' AND round(exact, places) < least AS {p}_is_floored,
           round(CASE WHEN exact IS NULL OR {p}_cost IS NULL OR (said.is_capped AND {p}_list IS NULL) THEN NULL
                WHEN exact = 0 THEN greatest(0, coalesce(least, 0))
                WHEN said.floor <> 'none' AND least IS NULL THEN NULL
                WHEN most IS NULL OR near <= most THEN near
                WHEN under_most >= bound THEN under_most
                ELSE greatest(most, bound) END, places) AS {p}_price
    FROM {source} s
    CROSS JOIN rates
    LEFT JOIN LATERAL ({RULE.format(version=f"s.{p}_version", line="s", what="*")}) r ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(r.kind, 'inherit') AS kind, s.{p}_base AS base, coalesce(r.floor, 'none') AS floor,
               coalesce(r.is_capped, false) AS is_capped, coalesce(r.roundings ->> ({to}), r.rounding, 'none') AS rounding,
               {_places(to)} AS places, power(10::numeric, -({_places(to)})) AS coin
        OFFSET 0
    ) said
    CROSS JOIN LATERAL (
        SELECT {rates}
        OFFSET 0
    ) met_at
    CROSS JOIN LATERAL (
        SELECT CASE WHEN said.kind IN ('delta', 'fixed') THEN {p}_cur WHEN said.kind IN ('margin', 'split') THEN {cost_cur}
                    WHEN said.kind = 'list_minus' THEN ask_cur ELSE {base_cur} END AS found_cur,
               CASE said.kind
                   WHEN 'inherit' THEN {base_over}
                   WHEN 'percent' THEN ({base_over}) * (100 + r.value)
                   WHEN 'margin' THEN {cost}_over * 100
                   WHEN 'list_minus' THEN {listed}_over * (100 - r.value)
                   WHEN 'delta' THEN ({base_over}) * based_over + r.value * ({base_under}) * based_under
                   WHEN 'fixed' THEN r.value
                   WHEN 'split' THEN {cost}_over * charges * met_under * 100
                       + ({listed}_over * met_over * {cost}_under - {cost}_over * charges * met_under) * r.value
               END AS found_over,
               CASE said.kind
                   WHEN 'inherit' THEN {base_under}
                   WHEN 'percent' THEN ({base_under}) * 100
                   WHEN 'margin' THEN {cost}_under * (100 - r.value)
                   WHEN 'list_minus' THEN charges * 100
                   WHEN 'delta' THEN ({base_under}) * based_under
                   WHEN 'fixed' THEN 1
                   WHEN 'split' THEN {cost}_under * charges * met_under * 100
               END AS found_under,
               said.kind = 'delta' AND ({base_over}) <> 0 AS may_not_be_nothing,
               round({shown_cost}_over * to_cost_over * {_K} / ({shown_cost}_under * to_cost_under), places) AS {p}_cost,
               round({shown_list}_over * to_list_over * {_K} / (charges * to_list_under), places) AS {p}_list
        OFFSET 0
    ) found
    CROSS JOIN LATERAL (
        SELECT CASE WHEN found_over < 0 OR (may_not_be_nothing AND found_over = 0) THEN NULL
                    WHEN found_cur = {to} THEN found_over * {_K} / found_under
                    WHEN found_cur = {cost_cur} THEN found_over * to_cost_over * {_K} / (found_under * to_cost_under)
                    WHEN found_cur = ask_cur THEN found_over * to_list_over * {_K} / (found_under * to_list_under)
                    ELSE found_over * to_book_over * {_K} / (found_under * to_book_under) END AS exact,
               CASE said.floor
                   WHEN 'cost' THEN {p}_cost
                   WHEN 'margin' THEN ceil({p}_cost * 100 * {_K} / (100 - r.floor_value) / coin) * coin
                   WHEN 'amount' THEN ceil(r.floor_value * to_book_over * {_K} / to_book_under / coin) * coin
               END AS least,
               CASE WHEN said.is_capped AND {most} <> 0 THEN {p}_list END AS most,
               CASE WHEN said.rounding = 'none' OR places < 2 THEN coin ELSE {_STEP} END AS step,
               CASE WHEN said.rounding = 'none' OR places < 2 THEN 0 ELSE {_END} END AS ending
        OFFSET 0
    ) asks
    CROSS JOIN LATERAL (
        SELECT CASE WHEN coalesce(least, 0) <= 0 THEN coin ELSE least END AS bound,
               floor((round(exact, places) - ending) / step) * step + ending AS low
        OFFSET 0
    ) grid
    CROSS JOIN LATERAL (
        SELECT low + CASE WHEN exact < low + step / 2 THEN 0 ELSE step END AS nearest,
               floor((most - ending) / step) * step + ending AS under_most
        OFFSET 0
    ) point
    CROSS JOIN LATERAL (
        SELECT CASE WHEN nearest < bound THEN ceil((bound - ending) / step) * step + ending ELSE nearest END AS near
        OFFSET 0
    ) reached
)"""


_OUTER = (
    "offer_id", "quantity", "term", "billing_plan", "product_id", "family_id", "category_id", "vendor_id",
    "ask_id", "ask_cur", "vendor_cost", "list_price", "charges",
)  # fmt: skip
_FULL = ("w_over", "w_under", "f_over")
_ASKS = ("v_over", "v_under", "l_over", *_FULL, "t_version", "t_cur", "t_base", "granted")
_COSTS = ("c_over", "c_under", "c_cur", "d_over", "d_under", "l_over", "f_over")


@dataclass(frozen=True, slots=True)
class Lens:
    """Through which prices are looked at: whose (None: the distributor's, to resellers), in which currency, when.

    `book_currency` and `book_base` are the book's whose versions are tried; without a book, list price is asked.
    """

    tenant_id: UUID | None
    currency: str
    at: datetime
    book_currency: str | None = None
    book_base: str = "cost"


def priced_by(line: str, *versions: str, carried: tuple[str, ...] = ()) -> str:
    """SQL up to a CTE `priced`: per line of the CTE body `line`, and for each name in `versions`, its price.

    Columns: those of `_OUTER` that lines have and `carried`; `unit_cost` and `unit_list` (the owner's cost, the vendor's list
    price); and per version `{name}_price` (NULL: no price), `{name}_rule_id`, `{name}_selector`, `{name}_is_floored`. A name
    is a parameter `:{name}_version`; amounts are per unit and charge, in the lens's currency. `none` asks list price.
    """
    own = ", ".join((*_OUTER, *carried))
    parts = [
        f"WITH line AS MATERIALIZED ({line})",
        _ASKED,
        f"""shelf AS MATERIALIZED (
    SELECT v.vendor_id, their.version_id, their.currency, their.base, their.passes_promotions
    FROM (SELECT DISTINCT vendor_id FROM line) v
    LEFT JOIN LATERAL ({DISTRIBUTORS_BOOK}) their ON CAST(:tenant AS uuid) <> '{NOBODY}'
), shelved AS (
    SELECT a.*, h.version_id AS t_version, h.currency AS t_cur, h.base AS t_base, g.granted,
           vendor_cost * (1 - coalesce(g.granted, 0) * 0.01) AS v_over, charges AS v_under,
           list_price * (1 - coalesce(g.granted, 0) * 0.01) AS l_over,
           vendor_cost AS w_over, charges AS w_under, list_price AS f_over
    FROM asked a JOIN shelf h ON h.vendor_id = a.vendor_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN h.version_id IS NULL OR h.passes_promotions THEN a.percent END AS granted OFFSET 0
    ) g
)""",
        _stage("t", "shelved", "theirs", "v", "ask_cur", "t_cur", "l_over", "l", "v l"),
        f"reduced AS (SELECT {own}, {', '.join(_ASKS)}, {_cost('v', 'c')} FROM t)",
        """again AS (
    SELECT s.*, CASE WHEN granted IS NOT NULL THEN t_version END AS u_version, t_cur AS u_cur, t_base AS u_base FROM reduced s
)""",
        _stage("u", "again", "theirs", "w", "ask_cur", "u_cur", "f_over", "f", "w f"),
        f"""full_cost AS (
    SELECT {own}, l_over, f_over, c_over, c_under, c_cur, granted, t_version, {_cost("w", "d")} FROM u
), costed AS (
    SELECT {own}, l_over, f_over, c_over, c_under, c_cur,
           CASE WHEN granted IS NULL THEN c_over ELSE d_over END AS d_over,
           CASE WHEN granted IS NULL THEN c_under ELSE d_under END AS d_under
    FROM full_cost
)""",
    ]
    kept = ", ".join((*_OUTER, *_COSTS, *carried))
    source, told = "costed", []
    for name in versions:
        version = "NULL" if name == "none" else f":{name}_version"
        base = "'list'" if name == "none" else ":book_base"
        parts.append(
            f"""{name}_of AS (
    SELECT s.*, v.id AS {name}_version, CAST(:book_currency AS varchar(3)) COLLATE "C" AS {name}_cur,
           CAST({base} AS text) AS {name}_base, CAST(:currency AS varchar(3)) COLLATE "C" AS to_cur,
           CASE WHEN v.passes THEN c_over ELSE d_over END AS e_over,
           CASE WHEN v.passes THEN c_under ELSE d_under END AS e_under,
           CASE WHEN v.passes THEN l_over ELSE f_over END AS g_over
    FROM {source} s
    CROSS JOIN (SELECT CAST({version} AS uuid) AS id, coalesce(
        (SELECT passes_promotions FROM price_book_version WHERE id = CAST({version} AS uuid)), false) AS passes) v
)"""
        )
        parts.append(_stage(name, f"{name}_of", "own", "e", "c_cur", "to_cur", f"{name}_list", "g", "c f"))
        earlier = [column for one in told for column in _columns(one)]
        told.append(name)
        now = [
            f"CASE WHEN {name}_cost IS NULL OR {name}_list IS NULL THEN NULL ELSE {name}_price END AS {name}_price",
            f"{name}_rule_id", f"{name}_selector", f"{name}_is_floored", f"{name}_cost", f"{name}_list",
        ]  # fmt: skip
        parts.append(f"{name}_done AS (SELECT {', '.join([kept, *earlier, *now])} FROM {name})")
        source = f"{name}_done"
    last = told[-1]
    parts.append(
        f"priced AS (SELECT s.*, {last}_cost AS unit_cost, {last}_list AS unit_list FROM {source} s)"
    )
    return ",\n".join(parts)


def _cost(asks: str, named: str) -> str:
    """Columns of the owner's cost after the distributor's rule: exact, unless the rule rounds or bounds it."""
    bounded = "(floor <> 'none' OR is_capped OR rounding <> 'none')"
    nothing = "found_over IS NULL OR found_over < 0 OR (may_not_be_nothing AND found_over = 0)"
    price = "t_price" if named == "c" else "u_price"
    told = (
        f"CASE WHEN t_version IS NULL THEN {asks}_over WHEN {nothing} THEN NULL WHEN {bounded} THEN {price}"
        f" ELSE found_over END AS {named}_over,"
        f" CASE WHEN t_version IS NULL THEN {asks}_under WHEN {bounded} THEN 1 ELSE found_under END AS {named}_under"
    )
    if named == "c":
        told += f", CASE WHEN t_version IS NULL THEN ask_cur WHEN {bounded} THEN t_cur ELSE found_cur END AS c_cur"
    return told


def _columns(name: str) -> list[str]:
    return [f"{name}_{what}" for what in ("price", "rule_id", "selector", "is_floored", "cost", "list")]


def prepared(sql: str, *more: Any) -> TextClause:
    """The statement with the types of the lens's parameters; `more` are bind parameters of its own."""
    return text(sql).bindparams(
        bindparam("tenant", type_=Uuid()),
        bindparam("currency", type_=String()),
        bindparam("book_currency", type_=String()),
        bindparam("at", type_=DateTime(timezone=True)),
        *more,
    )


def parameters(lens: Lens) -> dict[str, Any]:
    """What `prepared` needs of a lens: its own values, and every rate that may be met. Two statements."""
    known = {lens.currency, lens.book_currency or lens.currency, *_their_currencies()}
    tables = rates_among(CURRENCIES, known | {"EUR"}, tenant_id=lens.tenant_id, instant=lens.at)
    rates: dict[str, list[str]] = {}
    for whose, table in (("own", tables), ("theirs", tables.distributors)):
        for base in CURRENCIES:
            for quote in known:
                found = None if base == quote else _rate(table, base, quote)
                if found:
                    rates[f"{whose}{base}{quote}"] = [f"{part:f}" for part in found]
    return {
        "tenant": lens.tenant_id or NOBODY,
        "currency": lens.currency,
        "book_currency": lens.book_currency,
        "book_base": lens.book_base,
        "at": lens.at,
        "rates": json.dumps(rates),
    }


def _rate(table: RateTable, base: str, quote: str) -> tuple[Any, Any] | None:
    try:
        found = table.find(base, quote)
    except NoRate:
        return None
    return found.over, found.under


def _their_currencies() -> set[str]:
    # through SQL on purpose: the ORM's filter keeps a reseller from the distributor's books, row-level security does not
    rows = session().execute(
        text("SELECT DISTINCT currency FROM price_book WHERE owner_id = :nobody").bindparams(
            bindparam("nobody", NOBODY, type_=Uuid())
        )
    )
    return {row[0] for row in rows}
