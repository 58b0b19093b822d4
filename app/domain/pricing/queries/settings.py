"""An owner's settings for what runs already, and what one book makes of them."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from app.core.db import session
from app.domain.pricing.models import PriceBook, PricingSetting
from app.domain.pricing.queries.owning import distributor_alone
from app.domain.pricing.rules.running import RunningTerms


@dataclass(frozen=True, slots=True)
class Settings:
    """`notice_days` 0: nobody is told of a rise ahead. `guard`: list, approval or closed. `version` 0: never set.

    `least_margin_percent` None: only a price under cost is noticed.
    """

    notice_days: int = 0
    running_terms: str = "renewal"
    monthly_terms: str = "period"
    guard: str = "list"
    least_margin_percent: Decimal | None = None
    version: int = 0

    def running(self, book: PriceBook | None = None) -> RunningTerms:
        """What happens to subscriptions that run already and pay by `book`."""
        return RunningTerms(
            (book and book.running_terms) or self.running_terms,
            (book and book.monthly_terms) or self.monthly_terms,
        )


def settings() -> Settings:
    """The settings of the owner in scope, or the defaults. One statement."""
    row = session().scalar(select(PricingSetting).where(distributor_alone(PricingSetting)))
    if row is None:
        return Settings()
    return Settings(
        row.notice_days,
        row.running_terms,
        row.monthly_terms,
        row.guard,
        row.least_margin_percent,
        row.version,
    )
