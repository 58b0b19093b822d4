"""Prices worked out slowly and obviously, from lists of plain records: what the query and the rules must agree with.

Nothing here is shared with the code under test: fractions instead of decimals, loops instead of SQL.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from uuid import UUID

CHARGES = {
    ("P1M", "monthly"): 1, ("P1Y", "monthly"): 12, ("P1Y", "annual"): 1, ("P3Y", "monthly"): 36, ("P3Y", "annual"): 3,
    ("P3Y", "triennial"): 1, ("P1M", "none"): 1,
}  # fmt: skip
DIGITS = {"JPY": 0, "KWD": 3}
ENDINGS = {
    ".99": (1, Fraction(99, 100)),
    ".95": (1, Fraction(95, 100)),
    ".00": (1, 0),
    "0.05": (Fraction(1, 20), 0),
}
ORDER = ["offer", "product", "family", "category", "vendor", "default"]


@dataclass
class Price:
    id: UUID
    offer: UUID
    currency: str
    cost: Decimal
    listed: Decimal
    min_quantity: int
    begins: datetime
    ends: datetime | None
    revision: int


@dataclass
class Rule:
    id: UUID
    selector: str
    target: UUID | None
    kind: str
    value: Decimal | None
    min_quantity: int
    begins: datetime | None
    ends: datetime | None
    floor: str
    floor_value: Decimal | None
    capped: bool
    rounding: str
    roundings: dict[str, str] = field(default_factory=dict)


@dataclass
class Version:
    id: UUID
    number: int
    effective: datetime
    withdrawn: bool
    rules: list[Rule]
    passes: bool = True


@dataclass
class Book:
    id: UUID
    currency: str
    base: str
    versions: list[Version]


@dataclass
class Assignment:
    """`whom` is an account (a reseller's book) or a reseller (the distributor's), None for everybody."""

    book: Book
    begins: datetime
    ends: datetime | None
    whom: UUID | None = None
    vendor: UUID | None = None
    subscription: UUID | None = None
    program: UUID | None = None


@dataclass
class Membership:
    program: UUID
    whom: UUID
    begins: datetime
    ends: datetime | None


@dataclass
class Promotion:
    id: UUID
    offers: set[UUID]
    percent: Decimal
    begins: datetime
    ends: datetime
    least: int
    most: int | None


@dataclass
class Rate:
    table: str
    base: str
    quote: str
    rate: Decimal
    margin: Decimal
    begins: datetime
    ends: datetime | None


@dataclass
class World:
    offers: dict[UUID, dict[str, UUID | str]]
    prices: list[Price] = field(default_factory=list)
    own: list[Assignment] = field(default_factory=list)
    theirs: list[Assignment] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    members: list[Membership] = field(default_factory=list)
    promotions: list[Promotion] = field(default_factory=list)


class NoRate(Exception):
    pass


def running(begins, ends, at) -> bool:
    return (begins is None or begins <= at) and (ends is None or at < ends)


def price_in_force(world, offer, quantity, currency, book_currency, at):
    candidates = []
    for asked in {(p.currency, p.min_quantity) for p in world.prices if p.offer == offer}:
        begun = [
            p
            for p in world.prices
            if p.offer == offer and (p.currency, p.min_quantity) == asked and p.begins <= at
        ]
        if begun:
            last = max(begun, key=lambda p: (p.begins, p.revision))
            if running(last.begins, last.ends, at) and last.min_quantity <= quantity:
                candidates.append(last)
    for wanted in (currency, book_currency, "EUR", *sorted(p.currency for p in candidates)):
        there = [p for p in candidates if p.currency == wanted]
        if there:
            return max(there, key=lambda p: p.min_quantity)
    return None


def live(book, at):
    begun = [v for v in book.versions if not v.withdrawn and v.effective <= at]
    return max(begun, key=lambda v: (v.effective, v.number)) if begun else None


def book_for(assignments, whom, vendor, subscription, at, programs=()):
    usable = [
        a
        for a in assignments
        if running(a.begins, a.ends, at)
        and live(a.book, at) is not None
        and (a.program is None or a.program in programs)
    ]
    steps = [
        lambda a: a.subscription is not None and a.subscription == subscription,
        lambda a: a.subscription is None and a.whom is not None and a.whom == whom and a.vendor == vendor,
        lambda a: a.subscription is None and a.whom is not None and a.whom == whom and a.vendor is None,
        lambda a: a.program is not None and a.vendor == vendor,
        lambda a: a.subscription is None and a.whom is None and a.vendor == vendor and a.program is None,
        lambda a: a.subscription is None and a.whom is None and a.vendor is None,
    ]
    for fits in steps:
        found = [a for a in usable if fits(a)]
        if found:
            assert len(found) == 1, "the database allows one at a time"
            return found[0].book
    return None


def rule_for(version, facts, quantity, at):
    for selector in ORDER:
        found = [
            r
            for r in version.rules
            if r.selector == selector
            and (selector == "default" or r.target == facts[selector])
            and r.min_quantity <= quantity
            and running(r.begins, r.ends, at)
        ]
        if found:
            most = max(r.min_quantity for r in found)
            found = [r for r in found if r.min_quantity == most]
            dated = [r for r in found if r.begins is not None or r.ends is not None]
            assert len(dated) <= 1, "the database allows one at a time"
            return (dated or found)[0]
    return None


def convert(world, amount, base, quote, at, tables):
    if base == quote:
        return amount

    def row(table, one, other):
        begun = [
            r for r in world.rates if (r.table, r.base, r.quote) == (table, one, other) and r.begins <= at
        ]
        last = max(begun, key=lambda r: r.begins) if begun else None
        return last if last and running(last.begins, last.ends, at) else None

    for table in tables:
        found = row(table, base, quote)
        if found:
            return amount * Fraction(found.rate) * (1 + Fraction(found.margin) / 100)
        found = row(table, quote, base)
        if found:
            return amount / Fraction(found.rate) * (1 + Fraction(found.margin) / 100)
    one, other = row("ecb", "EUR", base), row("ecb", "EUR", quote)
    if one and other:
        return (
            amount
            / Fraction(one.rate)
            * Fraction(other.rate)
            * (1 + Fraction(max(one.margin, other.margin)) / 100)
        )
    raise NoRate


def half_up(amount, digits) -> Fraction:
    return Fraction(floor(amount * 10**digits + Fraction(1, 2)), 10**digits)


def up(amount, digits) -> Fraction:
    return Fraction(ceil(amount * 10**digits), 10**digits)


def settle(amount, currency, rounding, least, most) -> Fraction:
    """Among all amounts of the ending: the nearest, the higher of two; then into the bounds."""
    digits = DIGITS.get(currency, 2)
    if amount == 0:
        return max(Fraction(0), least or Fraction(0))
    low = max(least or 0, Fraction(1, 10**digits))
    if rounding == "none" or digits < 2:
        found = half_up(amount, digits)
        step, end = Fraction(1, 10**digits), Fraction(0)
    else:
        step, end = (Fraction(x) for x in ENDINGS[rounding])
        n = floor((amount - end) / step)
        found = min((end + (n + k) * step for k in range(-1, 3)), key=lambda g: (abs(g - amount), -g))
    if found < low:
        found = end + ceil((low - end) / step) * step
    if most is not None and found > most:
        found = end + floor((most - end) / step) * step
        if found < low:
            found = max(most, low)
    return found


def made(rule, base, cost, cost_currency, listed, list_currency, to):
    """(amount, currency) that a rule makes; `to(amount, currency, other)` converts."""
    value = None if rule is None or rule.value is None else Fraction(rule.value)
    kind = "inherit" if rule is None else rule.kind
    start = (cost, cost_currency) if base == "cost" else (listed, list_currency)
    if kind == "inherit":
        return start
    if kind == "percent":
        return start[0] * (1 + value / 100), start[1]
    if kind == "margin":
        return cost / (1 - value / 100), cost_currency
    if kind == "list_minus":
        return listed * (1 - value / 100), list_currency
    if kind == "split":
        return cost + (to(listed, list_currency, cost_currency) - cost) * value / 100, cost_currency
    return None  # fixed and delta are in the book's currency: the caller knows it


def promotion_for(world, offer, quantity, at):
    found = [
        p
        for p in world.promotions
        if offer in p.offers
        and running(p.begins, p.ends, at)
        and p.least <= quantity
        and (p.most is None or quantity <= p.most)
    ]
    return max(found, key=lambda p: p.percent) if found else None


def rounded_by(rule, currency):
    return rule.roundings.get(currency, rule.rounding)


def stage(world, book, rule, cost, cost_currency, listed, list_currency, to):
    if rule is not None and rule.kind == "fixed":
        return Fraction(rule.value), book.currency
    if rule is not None and rule.kind == "delta":
        base, currency = (cost, cost_currency) if book.base == "cost" else (listed, list_currency)
        found = to(base, currency, book.currency) + Fraction(rule.value)
        if found < 0 or (found == 0 and base):
            raise ValueError("below_zero")
        return found, book.currency
    found, currency = made(rule, book.base, cost, cost_currency, listed, list_currency, to)
    if found < 0:
        raise ValueError("below_zero")
    return found, currency


def bounds(rule, book, unit_cost, unit_list, currency, to):
    least = None
    if rule.floor == "cost":
        least = unit_cost
    elif rule.floor == "margin":
        least = up(unit_cost / (1 - Fraction(rule.floor_value) / 100), DIGITS.get(currency, 2))
    elif rule.floor == "amount":
        least = up(to(Fraction(rule.floor_value), book.currency, currency), DIGITS.get(currency, 2))
    return least, (unit_list if rule.capped and unit_list else None)


def ask(world, tenant, account, currency, offer, quantity, at, subscription=None):
    """(price, cost, list, price without the promotion, ids) of one offer, or the reason why there is none."""
    facts = world.offers[offer]
    programs = {m.program for m in world.members if m.whom == tenant and running(m.begins, m.ends, at)}
    own = book_for(world.own, account, facts["vendor"], subscription, at)
    theirs = book_for(world.theirs, tenant, facts["vendor"], None, at, programs)
    price = price_in_force(world, offer, quantity, currency, own.currency if own else None, at)
    if price is None:
        return "not_priced"
    charges = CHARGES[facts["term"], facts["plan"]]
    vendors_cost, listed = Fraction(price.cost) / charges, Fraction(price.listed) / charges
    digits = DIGITS.get(currency, 2)
    promotion = promotion_for(world, offer, quantity, at)
    left = Fraction(1) if promotion is None else 1 - Fraction(promotion.percent) / 100

    def distributors(amount, one, other):
        return convert(world, amount, one, other, at, ("hand", "ecb"))

    def resellers(amount, one, other):
        return convert(world, amount, one, other, at, ("own", "hand", "ecb"))

    their_rule = rule_for(live(theirs, at), facts, quantity, at) if theirs else None
    own_rule = rule_for(live(own, at), facts, quantity, at) if own else None

    def resellers_cost(cost, listed):
        """What the distributor asks the reseller for, given the vendor's cost and list price."""
        if theirs is None:
            return cost, price.currency
        made_of = stage(world, theirs, their_rule, cost, price.currency, listed, price.currency, distributors)
        if their_rule is None:
            return made_of
        rounding = rounded_by(their_rule, theirs.currency)
        if their_rule.floor == "none" and not their_rule.capped and rounding == "none":
            return made_of
        coins = DIGITS.get(theirs.currency, 2)
        here = distributors(*made_of, theirs.currency)
        unit = half_up(distributors(cost, price.currency, theirs.currency), coins)
        least, _ = bounds(their_rule, theirs, unit, None, theirs.currency, distributors)
        most = None
        if their_rule.capped and listed:
            most = half_up(distributors(listed, price.currency, theirs.currency), coins)
        return settle(here, theirs.currency, rounding, least, most), theirs.currency

    def customers_price(cost, cost_currency, listed, unit_cost, unit_list):
        found = stage(world, own, own_rule, cost, cost_currency, listed, price.currency, resellers)
        least, cap, rounding = None, None, "none"
        if own_rule is not None:
            least, cap = bounds(own_rule, own, unit_cost, unit_list, currency, resellers)
            rounding = rounded_by(own_rule, currency)
        return settle(resellers(*found, currency), currency, rounding, least, cap)

    try:
        full = resellers_cost(vendors_cost, listed)
        is_granted = promotion is not None and (theirs is None or live(theirs, at).passes)
        cost = resellers_cost(vendors_cost * left, listed * left) if is_granted else full
        unit_cost = half_up(resellers(*cost, currency), digits)
        unit_list = half_up(resellers(listed, price.currency, currency), digits)
        if own is None:
            unit = regular = settle(resellers(listed, price.currency, currency), currency, "none", None, None)
        else:
            unit = regular = customers_price(*full, listed, unit_cost, unit_list)
            if is_granted and live(own, at).passes:
                unit = customers_price(*cost, listed * left, unit_cost, unit_list)
    except NoRate:
        return "no_rate"
    except ValueError as why:
        return str(why)
    return (
        unit,
        unit_cost,
        unit_list,
        regular if regular > unit else None,
        price.id,
        live(own, at).id if own else None,
        own_rule.id if own_rule else None,
        live(theirs, at).id if theirs else None,
        their_rule.id if their_rule else None,
    )
