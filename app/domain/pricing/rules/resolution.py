"""From what the vendor asks and the rules that apply to a `Quote`: the arithmetic of pricing, for one offer.

Which book, version, rule and vendor price apply is chosen in the query; the sentences are in `explain`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from app.core.money import MAX_AMOUNT
from app.domain.pricing.rules.cycles import charge_cycle
from app.domain.pricing.rules.exact import Amount
from app.domain.pricing.rules.kinds import Rule, apply, floored
from app.domain.pricing.rules.quote import LIFETIME, NoPrice, Quote
from app.domain.pricing.rules.rates import Converter, NoRate, RateTable
from app.domain.pricing.rules.rounding import settle
from app.domain.pricing.rules.steps import Step
from app.domain.pricing.rules.trace import Trace


@dataclass(frozen=True, slots=True)
class Ask:
    """What the vendor asks of the distributor, per unit and for the whole term; `since` names its price sheet's date."""

    id: UUID
    currency: str
    cost: Decimal
    list_price: Decimal
    since: datetime


@dataclass(frozen=True, slots=True)
class Promotion:
    """A vendor's promotion in force for an offer and quantity: `percent` off what the vendor asks, until `ends_at`."""

    id: UUID
    name: str
    percent: Decimal
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """The live version of the book that applies, and the rule in it that does. Without a rule the base is inherited.

    `passes_promotions`: whoever pays by it gets the vendor's promotions; else its owner keeps them.
    """

    book_id: UUID
    book_name: str
    version_id: UUID
    version_number: int
    effective_at: datetime
    rule: Rule
    passes_promotions: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One offer to be priced. `cost_by`: the distributor's book for the reseller; `priced_by`: the reseller's own."""

    offer_id: UUID
    quantity: int
    term: str
    billing_plan: str
    ask: Ask | None
    cost_by: Applied | None
    priced_by: Applied | None
    promotion: Promotion | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who asks, when, in which currency, and the rates in force then."""

    account_id: UUID | None
    currency: str
    instant: datetime
    rates: RateTable


class _Unpriceable(Exception):
    pass


def work_out(line: Line, buyer: Buyer) -> Quote | NoPrice:
    """The price of `line` for `buyer`, or why there is none. Depends on nothing but its arguments."""
    if line.ask is None:
        return NoPrice(line.offer_id, buyer.currency, "not_priced")
    theirs, rates = Converter(buyer.rates.distributors), Converter(buyer.rates)
    try:
        price, cost, listed, regular, is_at_floor = _amounts(line, line.ask, buyer, theirs, rates, None)
    except NoRate:
        return NoPrice(line.offer_id, buyer.currency, "no_rate")
    except _Unpriceable:
        return NoPrice(line.offer_id, buyer.currency, "below_zero")
    if (
        max(price, cost, listed, regular) * line.quantity * charge_cycle(line.term, line.billing_plan).count
        > MAX_AMOUNT
    ):
        return NoPrice(line.offer_id, buyer.currency, "too_large")
    above, below = line.priced_by, line.cost_by
    return Quote(
        offer_id=line.offer_id,
        quantity=line.quantity,
        currency=buyer.currency,
        term=line.term,
        billing_plan=line.billing_plan,
        unit_cycle_price=price,
        unit_cycle_cost=cost,
        unit_cycle_list=listed,
        account_id=buyer.account_id,
        vendor_price_id=line.ask.id,
        cost_version_id=below.version_id if below else None,
        cost_rule_id=below.rule.id if below else None,
        book_id=above.book_id if above else None,
        version_id=above.version_id if above else None,
        rule_id=above.rule.id if above else None,
        quoted_at=buyer.instant,
        expires_at=buyer.instant + LIFETIME,
        rates=tuple(dict.fromkeys((*theirs.used.values(), *rates.used.values())))
        if rates.used or theirs.used
        else (),
        promotion_id=line.promotion.id if line.promotion else None,
        unit_cycle_regular=regular if regular > price else None,
        is_at_floor=is_at_floor,
        trace=partial(_steps, line, buyer),
    )


def _steps(line: Line, buyer: Buyer) -> tuple[Step, ...]:
    assert line.ask is not None
    trace = Trace()
    _amounts(line, line.ask, buyer, Converter(buyer.rates.distributors), Converter(buyer.rates), trace)
    return tuple(trace.steps)


def _amounts(
    line: Line, ask: Ask, buyer: Buyer, theirs: Converter, rates: Converter, trace: Trace | None
) -> tuple[Decimal, Decimal, Decimal, Decimal, bool]:
    """Price, cost, list price, and the price without the vendor's promotion; per unit and charge, each rounded once.

    Last, whether the rule's floor made the price.
    """
    cycle = charge_cycle(line.term, line.billing_plan)
    charges = Decimal(cycle.count)
    listed = Amount(ask.list_price, charges, ask.currency)
    cost = full_cost = Amount(ask.cost, charges, ask.currency)
    below, above, promotion = line.cost_by, line.priced_by, line.promotion
    if trace:
        trace.vendor_price(ask.cost, ask.currency, cycle, ask.since, cost)
    reduced = listed
    if promotion is not None:
        if below is None or below.passes_promotions:
            cost, reduced = cost.plus_percent(-promotion.percent), listed.plus_percent(-promotion.percent)
            if trace:
                trace.promotion(promotion, full_cost, cost)
        else:
            promotion = None
    if below is not None:
        before = cost
        cost = _resellers_cost(below.rule, before, reduced, theirs)
        full_cost = cost if promotion is None else _resellers_cost(below.rule, full_cost, listed, theirs)
        if trace:
            trace.cost_rule(below, before, cost)
    cost_here, listed_here = rates.convert(cost, buyer.currency), rates.convert(listed, buyer.currency)
    unit_cost, unit_list = cost_here.to_minor(), listed_here.to_minor()
    if trace:
        trace.cost(cost, cost_here, unit_cost, rates.used)
    if above is None:
        price = settle(listed_here, "none")
        if trace:
            trace.no_book(listed, listed_here, price, rates.used)
            trace.asked(price, buyer.currency, line.quantity, cycle)
        return price, unit_cost, unit_list, price, False
    if promotion is None:
        price, is_floored = regular, _ = _price(
            line, above, cost, listed, unit_cost, unit_list, buyer, rates, trace
        )
    else:
        regular, is_floored = _price(line, above, full_cost, listed, unit_cost, unit_list, buyer, rates, None)
        if above.passes_promotions:
            price, is_floored = _price(line, above, cost, reduced, unit_cost, unit_list, buyer, rates, trace)
            if trace and price < regular:
                trace.promoted(promotion, price, regular, buyer.currency)
        else:
            price = regular
            if trace:
                trace.kept(promotion, above, cost, full_cost)
                _price(line, above, full_cost, listed, unit_cost, unit_list, buyer, rates, trace)
    if trace:
        trace.asked(price, buyer.currency, line.quantity, cycle)
    return price, unit_cost, unit_list, regular, is_floored


def _price(
    line: Line,
    by: Applied,
    cost: Amount,
    listed: Amount,
    unit_cost: Decimal,
    unit_list: Decimal,
    buyer: Buyer,
    rates: Converter,
    trace: Trace | None,
) -> tuple[Decimal, bool]:
    """What the reseller's rule makes of a cost and a list price, and whether its floor made it more.

    Floors and caps hold for what is invoiced and printed.
    """
    rule = by.rule
    found = _positive(apply(rule, cost, listed, rates), rule, cost, listed)
    exact = rates.convert(found, buyer.currency)
    most = unit_list if rule.is_capped and unit_list else None
    least = floored(rule, unit_cost, rates, buyer.currency)
    rounding = rule.rounding_in(buyer.currency)
    price = settle(exact, rounding, least, most)
    if trace:
        listed_here = rates.convert(listed, buyer.currency)
        trace.list_price(listed, listed_here, unit_list, price, rates.used)
        trace.rule(by, cost, listed, found, exact, most, least, price, unit_list, rates.used)
    return price, least is not None and exact.to_minor() < least


def _resellers_cost(rule: Rule, cost: Amount, listed: Amount, rates: Converter) -> Amount:
    """What the distributor's rule makes of the vendor's cost. It stays exact, unless the rule itself rounds or bounds it."""
    found = _positive(apply(rule, cost, listed, rates), rule, cost, listed)
    rounding = rule.rounding_in(rule.currency)
    if rule.floor == "none" and not rule.is_capped and rounding == "none":
        return found
    here = rates.convert(found, rule.currency)
    vendor_cost = rates.convert(cost, rule.currency).to_minor()
    most = rates.convert(listed, rule.currency).to_minor() if rule.is_capped and listed.over else None
    least = floored(rule, vendor_cost, rates, rule.currency)
    return Amount.of(settle(here, rounding, least, most), rule.currency)


def _positive(found: Amount, rule: Rule, cost: Amount, listed: Amount) -> Amount:
    """Nothing is ever free by accident: a reduction that leaves nothing means that there is no price."""
    base = cost if rule.base == "cost" else listed
    if found.over < 0 or (rule.kind == "delta" and not found.over and base.over):
        raise _Unpriceable
    return found
