"""The tables of carts, orders and provisioning."""

from app.domain.orders.models.cart import Cart, CartLine
from app.domain.orders.models.order import LINE, ORDER, Order, OrderLine, OrderVersion
from app.domain.orders.models.provisioning import STEP, ProvisioningStep

__all__ = [
    "LINE",
    "ORDER",
    "STEP",
    "Cart",
    "CartLine",
    "Order",
    "OrderLine",
    "OrderVersion",
    "ProvisioningStep",
]
