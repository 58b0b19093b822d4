"""The numbers in a shop's header: lines in the cart, requests that wait for the reader, unread notices. One statement for all."""

from typing import NamedTuple

from sqlalchemy import func, literal, select

from app.core.actor import Actor
from app.core.db import session
from app.domain.approvals.models import ApprovalRequest
from app.domain.approvals.queries.inbox import mine_to_decide
from app.domain.notices.queries import unread_of
from app.domain.orders.models import Cart, CartLine


class Badges(NamedTuple):
    """How many lines the person's open cart has, how many requests ask them for a decision, how many notices are unread."""

    cart: int
    waiting: int
    unread: int


def badges(by: Actor) -> Badges:
    """All three numbers for one customer's person."""
    cart = waiting = literal(0)
    if by.can("cart:edit"):
        cart = (
            select(func.count(CartLine.id))
            .join(Cart, (Cart.tenant_id == CartLine.tenant_id) & (Cart.id == CartLine.cart_id))
            .where(Cart.account_id == by.account_id, Cart.person_id == by.person_id, Cart.state == "open")
            .scalar_subquery()
        )
    if by.can("approval:read"):
        waiting = select(func.count(ApprovalRequest.id)).where(mine_to_decide(by)).scalar_subquery()
    return Badges(*session().execute(select(cart, waiting, unread_of(by))).one())
