"""Sentences for the steps of a quote. What a customer may not read never gets here: steps say who may read them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from app.core.money import Money
from app.domain.pricing.rules.quote import CustomerPrice, Quote
from app.domain.pricing.rules.steps import Audience, Step

SENTENCES = {
    "vendor_price": "The vendor asks %(before)s for %(term)s (price in force since %(since)s)",
    "vendor_charge": "The vendor asks %(before)s for %(term)s in %(charges)s charges (price in force since %(since)s)",
    "promotion_cost": "Vendor's promotion “%(name)s”: %(percent)s %% off until %(until)s",
    "promotion_kept": "“%(book)s” does not pass the promotion “%(name)s” on: it starts from the cost without it",
    "vendor_promotion": "Promotion until %(until)s; without it %(was)s",
    "cost_rule": "Distributor's book “%(book)s”, version %(version)s, %(selector)s: %(rule)s",
    "cost_converted": "Cost converted at 1 %(base)s = %(rate)s %(currency)s (%(source)s, since %(since)s)",
    "cost": "Your cost",
    "no_book": "No price book applies, so the list price is asked",
    "list_converted": "List price converted at 1 %(base)s = %(rate)s %(currency)s (%(source)s, since %(since)s)",
    "list_price": "List price",
    "book": "Price book “%(book)s”, version %(version)s, in force since %(since)s",
    "rule": "%(selector)s: %(rule)s",
    "off_list": "Your price is the list price less %(percent)s %%",
    "quantity_break": "Price for %(quantity)s units or more",
    "promotion": "Special price until %(until)s",
    "converted": "Converted at 1 %(base)s = %(rate)s %(currency)s (%(source)s, since %(since)s)",
    "capped": "Never above the list price",
    "floor": "Raised to the floor: %(floor)s",
    "rounded": "Rounded: %(rounding)s",
    "asked": "Price of one unit, %(per)s, %(billed)s",
}
SELECTORS = {
    "offer": "Rule for this offer",
    "product": "Rule for this product",
    "family": "Rule for its family",
    "category": "Rule for its category",
    "vendor": "Rule for its vendor",
    "default": "Rule for everything",
}
KINDS = {
    "inherit": "%(base)s as it is",
    "percent_up": "%(base)s plus %(value)s %%",
    "percent_down": "%(base)s less %(value)s %%",
    "delta_up": "%(base)s plus %(amount)s",
    "delta_down": "%(base)s less %(amount)s",
    "fixed": "fixed at %(amount)s",
    "margin": "cost plus a margin of %(value)s %% of the price",
    "list_minus": "list price less %(value)s %%",
    "split": "cost plus %(value)s %% of the way to the list price",
}
BASES = {"cost": "cost", "list": "list price"}
FLOORS = {
    "cost": "not under cost",
    "margin": "a margin of at least %(value)s %%",
    "amount": "a least amount",
}
ROUNDINGS = {
    "none": "to the smallest coin, half up",
    ".99": "to the nearest price ending in .99",
    ".95": "to the nearest price ending in .95",
    ".00": "to the nearest whole amount",
    "0.05": "to the nearest 0.05",
}
SOURCES = {"own": "your own rate", "hand": "the distributor's rate", "ecb": "European Central Bank"}

Translate = Callable[[str], str]
ShowMoney = Callable[[Money], str]


@dataclass(frozen=True, slots=True)
class Explained:
    """One line of "why this price?": the sentence, and the amount per unit and charge after the step, if it has one."""

    what: str
    text: str
    amount: Decimal | None
    currency: str


def explain(
    priced: Quote | CustomerPrice,
    audience: Audience,
    *,
    translate: Translate = str,
    money: ShowMoney = str,
) -> list[Explained]:
    """The ordered steps as sentences. A customer's hold neither cost nor margin nor a book's name.

    `translate` turns an English message into the reader's language; `money` writes an amount.
    """
    steps = [step for step in priced.steps if audience == "reseller" or step.audience == "customer"]
    return [
        Explained(step.what, _sentence(step, translate, money), step.after, step.currency) for step in steps
    ]


def rule_words(
    kind: str,
    value: Decimal | None,
    currency: str,
    base: str = "cost",
    *,
    translate: Translate = str,
    money: ShowMoney = str,
) -> str:
    """A rule in words: "cost plus 18 %", "list price less 5 %", "fixed at 12.50 EUR"."""
    key = kind
    if kind in ("percent", "delta"):
        key = f"{kind}_{'down' if value is not None and value < 0 else 'up'}"
    return translate(KINDS[key]) % {
        "base": translate(BASES[base]),
        "value": "" if value is None else f"{abs(value).normalize():f}",
        "amount": "" if value is None else money(Money(abs(value), currency)),
    }


def _sentence(step: Step, translate: Translate, money: ShowMoney) -> str:
    detail = dict(step.detail)
    what = step.what
    if what == "vendor_price" and detail["charges"] != "1":
        what = "vendor_charge"
    if step.before is not None:
        detail["before"] = money(Money(step.before, step.currency))
    detail["currency"] = step.currency
    if "kind" in detail:
        value = Decimal(detail["value"]) if "value" in detail else None
        detail["rule"] = rule_words(
            detail["kind"], value, detail["book_currency"], detail["base"], translate=translate, money=money
        )
        detail["selector"] = translate(SELECTORS[detail["selector"]])
    if "source" in detail:
        detail["source"] = translate(SOURCES[detail["source"]])
    if "floor" in detail:
        detail["floor"] = translate(FLOORS[detail["floor"]]) % detail
    if "rounding" in detail:
        detail["rounding"] = translate(ROUNDINGS[detail["rounding"]])
    return translate(SENTENCES[what]) % detail
