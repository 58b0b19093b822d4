"""The tables of pricing: books with their versions and rules, who pays by which book, and exchange rates."""

from app.domain.pricing.models.assignments import PriceBookAssignment
from app.domain.pricing.models.books import PriceBook, PriceBookVersion
from app.domain.pricing.models.rates import ExchangeRate
from app.domain.pricing.models.rules import PriceRule

__all__ = ["ExchangeRate", "PriceBook", "PriceBookAssignment", "PriceBookVersion", "PriceRule"]
