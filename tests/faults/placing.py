"""Buyers that do not give up: each fills a cart, sees its price, and sends the same order until it is acknowledged.

Runs in a process that is killed at random moments. What a browser would remember (the form it shows) is kept in
files, so that the next process goes on where the last one died.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from uuid import UUID

from flask import Flask

from app.core.unit import unit
from app.domain.orders.actions import carts, place
from app.domain.orders.queries import cart_of
from app.domain.orders.rules.terms import terms_in_force
from app.domain.tenants.models import Tenant
from tests.faults.plan import Plan, Purchase


def place_all(app: Flask, plan: Plan) -> None:
    """Place every order of the plan that was not acknowledged yet."""
    todo = [purchase for purchase in plan.purchases if not acknowledgement(plan, purchase).exists()]
    todo.sort(key=lambda purchase: not form_of(plan, purchase).exists())
    for purchase in todo:
        with app.app_context():
            order_id = buy(plan, purchase)
        keep(acknowledgement(plan, purchase), str(order_id))


def buy(plan: Plan, purchase: Purchase) -> UUID:
    """Fill the cart and place the order, or send what was sent before once more; the id that was acknowledged."""
    form = form_of(plan, purchase)
    if not form.exists():
        with unit(purchase.scope):
            cart = carts.open_cart(purchase.account_id, by=purchase.buyer)
            carts.empty(cart.id, by=purchase.buyer)
            carts.add(purchase.account_id, purchase.offer_id, purchase.quantity, by=purchase.buyer)
        with unit(purchase.scope, read_only=True) as session:
            view = cart_of(purchase.account_id, purchase.buyer)
            assert view is not None
            tenant = session.get(Tenant, purchase.buyer.tenant_id)
            assert tenant is not None
            shown = {
                "cart_id": str(view.id),
                "intent_id": str(view.intent_id),
                "seen": view.seen,
                "accepted_terms": terms_in_force(tenant.profile),
            }
        keep(form, json.dumps(shown))
    sent = json.loads(form.read_text())
    with unit(purchase.scope):
        order = place(
            UUID(sent["cart_id"]),
            intent_id=UUID(sent["intent_id"]),
            seen=sent["seen"],
            accepted_terms=sent["accepted_terms"],
            purchase_order_number=f"PO {purchase.number}",
            by=purchase.buyer,
        )
        order_id = order.id
    time.sleep(0.01)
    return order_id


def form_of(plan: Plan, purchase: Purchase) -> Path:
    """Where a buyer's browser keeps the checkout form that it shows."""
    return plan.folder / f"form-{purchase.number}"


def acknowledgement(plan: Plan, purchase: Purchase) -> Path:
    """Where a buyer notes that the order was acknowledged."""
    return plan.folder / f"acknowledged-{purchase.number}"


def keep(path: Path, text: str) -> None:
    """Write a file that is whole or not there."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.rename(path)
