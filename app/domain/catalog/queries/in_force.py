"""The vendor price in force at an instant, as SQL and as rows. What a customer pays is `pricing`'s business.

Of the rows of one offer, currency and least quantity that have begun, the latest counts, and of its revisions the highest;
when that row has ended, there is no price.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, bindparam, text

from app.core import clock
from app.core.db import session

# `{offer}` is an offer's id: true when it has a price in any currency. One probe of one index.
HAS_PRICE = """EXISTS (
    SELECT FROM (
        SELECT DISTINCT ON (v.currency, v.min_quantity) v.effective_to
        FROM vendor_price v WHERE v.offer_id = {offer} AND v.effective_from <= :at
        ORDER BY v.currency DESC, v.min_quantity DESC, v.effective_from DESC, v.revision DESC
    ) begun WHERE begun.effective_to IS NULL OR begun.effective_to > :at)"""

_PRICES = text(
    """
SELECT * FROM (
    SELECT DISTINCT ON (offer_id, currency, min_quantity)
           offer_id, id, currency, cost, list_price, min_quantity, effective_from, effective_to, revision
    FROM vendor_price
    WHERE offer_id = ANY (:offers) AND effective_from <= :at
    ORDER BY offer_id DESC, currency DESC, min_quantity DESC, effective_from DESC, revision DESC
) begun
WHERE effective_to IS NULL OR effective_to > :at
ORDER BY offer_id, currency, min_quantity
"""
).bindparams(bindparam("offers", type_=ARRAY(Uuid())), bindparam("at", type_=DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What the vendor asks for one unit and the whole term, in `currency`, from `min_quantity` units on."""

    id: UUID
    currency: str
    cost: Decimal
    list_price: Decimal
    min_quantity: int
    effective_from: datetime
    effective_to: datetime | None
    revision: int


def prices_in_force(offer_ids: Collection[UUID], *, at: datetime | None = None) -> dict[UUID, list[PriceRow]]:
    """Each offer's prices at `at` (default: now), by currency and least quantity. Offers without one are left out."""
    found: dict[UUID, list[PriceRow]] = {}
    if not offer_ids:
        return found
    for row in session().execute(_PRICES, {"offers": list(offer_ids), "at": at or clock.now()}):
        found.setdefault(row.offer_id, []).append(PriceRow(*row[1:]))
    return found
