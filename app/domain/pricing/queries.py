"""Reading prices: one query for a page of offers. Which price follows is decided in `rules`; nothing is written here."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.domain.pricing.rules.quote import Quotes


def quotes(
    requests: Iterable[tuple[UUID, int]],
    *,
    account_id: UUID | None,
    instant: datetime | None = None,
    subscription_id: UUID | None = None,
) -> Quotes:
    """What each (offer, quantity) costs `account_id` (None: a visitor who has not signed in) at `instant` (default: now)."""
    raise RuntimeError("being laid")
