"""The price list of one customer as a file: what it pays for everything that the shop sells."""

from typing import Any
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue

from app.core import clock
from app.domain.people.queries import account as find_account
from app.domain.reports.queries.price_list import price_list
from app.web.kit import choices
from app.web.kit.area import PLATFORM, Area
from app.web.kit.downloads import csv_of

area = Area("admin_price_lists", __name__, side=PLATFORM, url_prefix="/admin/accounts/<uuid:account_id>")

HEAD = [
    "vendor", "product", "offer", "term", "billing", "segment", "least quantity", "unit", "currency", "list price", "price",
]  # fmt: skip


@area.get("/price-list.csv", can="pricing:read")
def export_price_list(account_id: UUID) -> ResponseReturnValue:
    """CSV, streamed. Cost and margin are in it for those who may see them."""
    customer = find_account(account_id)
    market, currency, at = g.arrival.shop.country, customer.currency, clock.now()
    with_cost = g.arrival.actor.can("cost:read")
    told = {kind: {key: choices.words(kind, key) for key in table} for kind, table in _WORDS.items()}

    def rows() -> Any:
        for row in price_list(account_id, market, at=at):
            line = [
                row.vendor_name, row.product_title, row.title, told["term"][row.term], told["plan"][row.billing_plan],
                told["segment"][row.segment], row.quantity, row.unit, currency, row.unit_list, row.price,
            ]  # fmt: skip
            yield [*line, row.unit_cost, row.price - row.unit_cost] if with_cost else line

    name = f"price-list-{customer.id}-{at:%Y-%m-%d}.csv"
    return csv_of(name, HEAD + (["your cost", "margin"] if with_cost else []), rows)


_WORDS = {"term": choices.TERMS, "plan": choices.PLANS, "segment": choices.SEGMENTS}
