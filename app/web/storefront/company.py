"""The customer's own company: how the shop knows it, who belongs to it, and what needs approval."""

from flask import g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.domain.approvals import queries as approvals
from app.domain.people import queries as people
from app.web.kit.area import SHOP, SIGNED_IN, Area
from app.web.storefront.frame import account_id, shop_page
from app.web.storefront.tellings import rule_words

area = Area("company", __name__, side=SHOP)


@area.get("/company", can=SIGNED_IN)
def show_company() -> ResponseReturnValue:
    """Name, country, currency, people with their roles, and the rules an order meets."""
    account = account_id()
    policy = approvals.in_force(account).that_counts
    rules = [rule_words(rule, g.arrival.shop.name) for rule in policy.rules] if policy else []
    if policy is None:
        rules = [_("No rule has been set yet, so every order needs a yes.")]
    return shop_page(
        "shop/company.html",
        company=people.account(account),
        people=people.people_of_account(account),
        rules=rules or [_("Nothing: every order goes straight through.")],
    )
