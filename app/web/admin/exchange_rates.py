"""A reseller's own exchange rates for its customers: they go before the distributor's, which count where none is set."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from app.web.kit.area import PLATFORM, Area
from app.web.kit.rate_desk import RateDesk, export_rates

area = Area("admin_exchange_rates", __name__, side=PLATFORM, url_prefix="/admin/exchange-rates")
desk = RateDesk("/admin/exchange-rates", "admin_exchange_rates.list_rates", is_distributor=False)


export_rates(area, can="pricing:read", sees_margin=desk.sees_margin)


@area.get("", can="pricing:read")
def list_rates() -> ResponseReturnValue:
    """The own table, and what lies beneath it."""
    return desk.list_page()


@area.route("/new", methods=["GET", "POST"], can="pricing:edit")
def set_rate() -> ResponseReturnValue:
    """A rate of one's own, until it is ended."""
    return desk.set_page()


@area.get("/<base>/<quote>", can="pricing:read")
def show_history(base: str, quote: str) -> ResponseReturnValue:
    """Every rate that a pair ever had in the own table."""
    return desk.history_page(base, quote)


@area.post("/<uuid:rate_id>/end", can="pricing:edit")
def end_rate(rate_id: UUID) -> ResponseReturnValue:
    """From now on the distributor's rate counts again."""
    return desk.end(rate_id)
