"""Reading prices and price books. Nothing is written here; what a price comes to is worked out in `rules`."""

from app.domain.pricing.queries.quoting import quotes
from app.domain.pricing.queries.stamp import Stamp, price_stamp

__all__ = ["Stamp", "price_stamp", "quotes"]
