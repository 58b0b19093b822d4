"""What happens in orders. The actions on carts are in `carts`, those of the worker in `provisioning`."""

from app.domain.orders.actions import approval as _subject  # noqa: F401  plugs orders into approvals
from app.domain.orders.actions.again import Refilled, put_back_into_cart, reorder
from app.domain.orders.actions.place import place
from app.domain.orders.actions.stop import cancel, withdraw

__all__ = ["Refilled", "cancel", "place", "put_back_into_cart", "reorder", "withdraw"]
