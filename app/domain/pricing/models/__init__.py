"""The tables of pricing: books with their versions and rules, who pays by which book, exchange rates, and what changed."""

from app.domain.pricing.models.assignments import PriceBookAssignment
from app.domain.pricing.models.books import PriceBook, PriceBookVersion
from app.domain.pricing.models.rates import ExchangeRate
from app.domain.pricing.models.rules import PriceRule
from app.domain.pricing.models.turns import PriceChangeCount, PriceTurn

__all__ = [
    "ExchangeRate",
    "PriceBook",
    "PriceBookAssignment",
    "PriceBookVersion",
    "PriceChangeCount",
    "PriceRule",
    "PriceTurn",
]
