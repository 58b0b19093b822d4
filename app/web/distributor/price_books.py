"""The price-book desk as the distributor's: what resellers pay. Its pages stand in `web/kit/price_desk`."""

from app.web.kit.price_desk import open_desk
from app.web.kit.price_desk.desk import Desk

area = open_desk(
    "distributor_price_books",
    __name__,
    Desk(
        "/distributor/price-books", "cost_book:read", "cost_book:edit", "cost_book:read", is_resellers=False
    ),
)
