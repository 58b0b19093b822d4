"""What a policy's sentences are held against: amounts, items and kind of what is asked, and what was spent before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
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

    def to_list(self) -> list[Any]:
        """Plain JSON values in the order of the fields; `from_list` reads them back."""
        ids = (self.offer_id, self.product_id, self.family_id, self.category_id, self.vendor_id)
        return [
            *(None if one is None else str(one) for one in ids),
            self.quantity,
            _text(self.margin_percent),
        ]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> "Item":
        *ids, quantity, margin = values
        return cls(
            *(None if one is None else UUID(one) for one in ids),  # type: ignore[arg-type]
            quantity,
            None if margin is None else Decimal(margin),
        )


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


def _text(value: object) -> str | None:
    return None if value is None else str(value)
