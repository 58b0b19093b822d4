"""What a shop's home page shows when nobody has come yet: sample products at sample prices, for looking at a brand."""

from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext

from app.core.actor import Actor
from app.core.money import Money
from app.domain.pricing.rules.cycles import charge_cycle
from app.domain.tenants.queries import Shop
from app.web.kit.filters import money_text, price_words

_SHELF = (
    ("Microsoft 365 Business Premium", "Microsoft", "Microsoft 365", "20.60"),
    ("Exchange Online (Plan 1)", "Microsoft", "Exchange", "3.70"),
    ("Microsoft Defender for Business", "Microsoft", "Security", "2.80"),
    ("Power BI Pro", "Microsoft", "Power Platform", "13.10"),
)


class _Card(NamedTuple):
    """A product on the shelf, as `shop/card.html` wants it."""

    title: str
    href: str
    vendor: str
    family: str
    summary: str
    start: str
    amount: str
    was: str
    terms: str


class _Vendor(NamedTuple):
    key: str
    name: str
    count: int


def showcase(shop: Shop) -> dict[str, Any]:
    """The context of `shop/home.html` for a visitor of `shop`, whoever is really looking."""
    return {
        "shop": shop,
        "person": None,
        "account": None,
        "viewing": None,
        "me": Actor(None, "", "visitor"),
        "actor": Actor(None, "", "visitor"),
        "can": lambda _permission: False,
        "tasks": [],
        "vendors": [_Vendor("microsoft", "Microsoft", 312)],
        "cards": [_card(shop.currency, *product) for product in _SHELF],
    }


def _card(currency: str, title: str, vendor: str, family: str, amount: str) -> _Card:
    terms = price_words(charge_cycle("P1Y", "monthly"), "user", monthly=True)
    price = Money(Decimal(amount), currency).rounded()
    return _Card(title, "/catalogue", vendor, family, "", gettext("from"), money_text(price), "", terms)
