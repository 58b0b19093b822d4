"""The distributor's console: price sheets, exchange rates, vendors, resellers. Views translate and decide nothing."""

from app.web.distributor import (
    exchange_rates,
    overview,
    price_books,
    price_sheets,
    program_requests,
    programs,
    promotions,
    resellers,
    vendors,
)

AREAS = [
    overview.area,
    price_sheets.area,
    price_books.area,
    exchange_rates.area,
    promotions.area,
    vendors.area,
    resellers.area,
    programs.area,
    program_requests.area,
]
