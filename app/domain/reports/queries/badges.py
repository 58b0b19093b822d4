"""The numbers in a shop's header: lines in the cart, requests that wait for the reader. One statement for both."""

from typing import NamedTuple

from sqlalchemy import func, literal, select

from app.core.actor import Actor
from app.core.db import session
from app.domain.approvals.models import ApprovalRequest
from app.domain.approvals.queries.inbox import mine_to_decide
from app.domain.orders.models import Cart, CartLine


class Badges(NamedTuple):
    """How many lines the person's open cart has, and how many requests ask them for a decision."""

    cart: int
    waiting: int


def badges(by: Actor) -> Badges:
    """Both numbers for one customer's person; whoever may neither buy nor decide costs no statement."""
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
    if not (by.can("cart:edit") or by.can("approval:read")):
        return Badges(0, 0)
    return Badges(*session().execute(select(cart, waiting)).one())
