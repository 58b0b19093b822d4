"""What stands around every page of a shop: the numbers in the header. And who shops here."""

from typing import Any
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue

from app.core.errors import Forbidden
from app.domain.reports.queries.badges import badges
from app.web.kit import remember
from app.web.kit.pages import page
from app.web.kit.prices import steps_of
from app.web.storefront.tellings import reason_words


def shop_page(template: str, status: int = 200, /, **context: Any) -> ResponseReturnValue:
    """A whole page of the shop, with the cart's, the inbox's and the bell's numbers in its header."""
    if g.arrival.person is not None and "cart_count" not in context:
        numbers = remember.of_the_person("badges", lambda: badges(g.arrival.actor))
        context["cart_count"], context["waiting_count"], context["unread_count"] = numbers
    context.setdefault("reason_words", reason_words)
    context.setdefault("why_of", lambda price: steps_of(price, with_cost=False))
    return page(template, status, **context)


def account_id() -> UUID:
    """The customer whose person this is. Forbidden for anybody without one; a gate has asked for a person before."""
    found: UUID | None = g.arrival.actor.account_id
    if found is None:
        raise Forbidden("Only customers of this shop can do this.")
    return found
