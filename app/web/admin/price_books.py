"""The price-book desk as the reseller's: what customers pay. Its pages stand in `web/kit/price_desk`."""

from app.web.kit.price_desk import open_desk
from app.web.kit.price_desk.desk import Desk

area = open_desk(
    "admin_price_books",
    __name__,
    Desk("/admin/price-books", "pricing:read", "pricing:edit", "cost:read", is_resellers=True),
)
