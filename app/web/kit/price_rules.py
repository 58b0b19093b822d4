"""Price rules as people read and choose them: kinds, selectors, floors and roundings with their words."""

from __future__ import annotations

from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.domain.pricing.models import PriceBook, PriceRule
from app.domain.pricing.rules.checks import RuleInput
from app.domain.pricing.rules.explain import FLOORS as FLOOR_WORDS
from app.domain.pricing.rules.explain import ROUNDINGS as ROUNDING_WORDS
from app.domain.pricing.rules.explain import rule_words
from app.web.kit.filters import money_text

SELECTORS = [
    ("product", _l("One product")),
    ("offer", _l("One offer (product, term and plan)")),
    ("family", _l("A product family")),
    ("category", _l("A category")),
    ("vendor", _l("A vendor")),
    ("default", _l("Everything")),
]
KINDS = [
    ("percent", _l("Base plus or minus a percentage")),
    ("fixed", _l("Fixed price, per unit and charge")),
    ("list_minus", _l("List price less a percentage")),
    ("margin", _l("A margin, in percent of the price")),
    ("delta", _l("Base plus or minus an amount")),
    ("inherit", _l("Base as it is")),
]
DEFAULT_KINDS = [
    ("percent", _l("Base plus or minus a percentage")),
    ("margin", _l("A margin, in percent of the price")),
    ("list_minus", _l("List price less a percentage")),
    ("inherit", _l("Base as it is")),
]
FLOORS = [
    ("none", _l("None")),
    ("cost", _l("Never under cost")),
    ("margin", _l("A least margin, in percent")),
    ("amount", _l("A least price")),
]
ROUNDINGS = [
    ("none", _l("To the smallest coin")),
    (".99", _l("To the nearest .99")),
    (".95", _l("To the nearest .95")),
    (".00", _l("To whole amounts")),
    ("0.05", _l("To the nearest 0.05")),
]
SELECTOR_WORDS = {
    "offer": _l("Offer"),
    "product": _l("Product"),
    "family": _l("Family"),
    "category": _l("Category"),
    "vendor": _l("Vendor"),
    "default": _l("Everything"),
}


def words_of_input(rule: RuleInput, book: PriceBook) -> str:
    """The same of a rule that is only wanted yet."""
    return words_of(cast(PriceRule, rule), book)


def words_of(rule: PriceRule, book: PriceBook) -> str:
    """ "cost plus 18 %, rounded to the nearest price ending in .99, not under cost" """
    told = [rule_words(rule.kind, rule.value, book.currency, book.base, translate=gettext, money=_unit_price)]
    if rule.rounding != "none":
        told.append(gettext("rounded %(how)s") % {"how": gettext(ROUNDING_WORDS[rule.rounding])})
    if rule.floor != "none":
        value = "" if rule.floor_value is None else f"{rule.floor_value.normalize():f}"
        told.append(gettext(FLOOR_WORDS[rule.floor]) % {"value": value})
    if rule.is_capped:
        told.append(gettext("never above list price"))
    return ", ".join(told)


def _unit_price(amount: Any) -> str:
    return money_text(amount, unit=True)
