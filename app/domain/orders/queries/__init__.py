"""What is read about carts, orders and provisioning."""

from app.domain.orders.queries.carts import CartLineView, CartView, cart_count, cart_of
from app.domain.orders.queries.offers import OfferFacts, Selling, offer_facts, selling
from app.domain.orders.queries.orders import order_detail, orders_list
from app.domain.orders.queries.provisioning import Attention, needs_attention
from app.domain.orders.queries.views import Costs, LineView, OrderDetail, OrderRow, Waiting

__all__ = [
    "Attention",
    "CartLineView",
    "CartView",
    "Costs",
    "LineView",
    "OfferFacts",
    "OrderDetail",
    "OrderRow",
    "Selling",
    "Waiting",
    "cart_count",
    "cart_of",
    "needs_attention",
    "offer_facts",
    "order_detail",
    "orders_list",
    "selling",
]
