"""Reading prices and price books. Nothing is written here; what a price comes to is worked out in `rules`."""

from app.domain.pricing.queries.books import (
    BookLine,
    RuleLine,
    assignments_of,
    book,
    books,
    books_of_account,
    defaults,
    live_version,
    rule,
    rules_with_names,
    version,
    versions_of,
)
from app.domain.pricing.queries.guard import finding, held
from app.domain.pricing.queries.quoting import quotes
from app.domain.pricing.queries.rates import convert, rate_history, rates_in_force
from app.domain.pricing.queries.settings import Settings, settings
from app.domain.pricing.queries.stamp import Stamp, price_stamp

__all__ = [
    "BookLine",
    "RuleLine",
    "Settings",
    "Stamp",
    "assignments_of",
    "book",
    "books",
    "books_of_account",
    "convert",
    "defaults",
    "finding",
    "held",
    "live_version",
    "price_stamp",
    "quotes",
    "rate_history",
    "rates_in_force",
    "rule",
    "rules_with_names",
    "settings",
    "version",
    "versions_of",
]
