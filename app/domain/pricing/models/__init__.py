"""The tables of pricing: books, versions, rules, who pays by which, programs, promotions, rates, settings, what changed."""

from app.domain.pricing.models.assignments import PriceBookAssignment
from app.domain.pricing.models.books import PriceBook, PriceBookVersion
from app.domain.pricing.models.findings import FINDING, MarginFinding
from app.domain.pricing.models.programs import Program, ProgramMember
from app.domain.pricing.models.promotions import Promotion, PromotionOffer
from app.domain.pricing.models.rates import ExchangeRate
from app.domain.pricing.models.rules import PriceRule
from app.domain.pricing.models.settings import PricingSetting
from app.domain.pricing.models.turns import PriceChangeCount, PriceTurn
from app.domain.pricing.models.uploads import PriceUpload

__all__ = [
    "FINDING",
    "ExchangeRate",
    "MarginFinding",
    "PriceBook",
    "PriceBookAssignment",
    "PriceBookVersion",
    "PriceChangeCount",
    "PriceRule",
    "PriceTurn",
    "PriceUpload",
    "PricingSetting",
    "Program",
    "ProgramMember",
    "Promotion",
    "PromotionOffer",
]
