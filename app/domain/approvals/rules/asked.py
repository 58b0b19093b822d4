"""What a policy's sentences are held against: amounts, items and kind of what is asked, and what was spent before."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

Window = tuple[int | str, str]
"""Days back, or `month` or `quarter`; and the currency."""

SELECTORS = ("vendor", "family", "category", "product", "offer")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked for, by everything a sentence may select it by. `margin_percent` None: it is not known."""

    offer_id: UUID
    product_id: UUID
    family_id: UUID | None
    category_id: UUID | None
    vendor_id: UUID
    quantity: int
    margin_percent: Decimal | None

    def is_of(self, selects: str, selects_id: UUID | None) -> bool:
        """Whether it is of this vendor, family, category, product or offer."""
        return getattr(self, f"{selects}_id") == selects_id


@dataclass(frozen=True, slots=True)
class Asked:
    """One ask. `amounts` is its commitment by currency (None: no rate); `items` None: what is in it is not known."""

    amounts: Mapping[str, Decimal | None]
    items: tuple[Item, ...] | None = None
    subject_type: str = "order"
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What a customer committed to inside a window, in one currency. Only `unasked` eats the allowance.

    `unasked` None: some of it has no rate into this currency.
    """

    unasked: Decimal | None
    waiting: Decimal = Decimal(0)
    decided: Decimal = Decimal(0)
