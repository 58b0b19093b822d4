"""The licence-based price sheet's 21 columns, and finding them in a file's first line."""

from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS = {
    "ChangeIndicator": "change",
    "ProductTitle": "product_title",
    "ProductId": "product_code",
    "SkuId": "sku_code",
    "SkuTitle": "sku_title",
    "Publisher": "publisher",
    "SkuDescription": "description",
    "UnitOfMeasure": "unit",
    "TermDuration": "term",
    "BillingPlan": "billing_plan",
    "Market": "market",
    "Currency": "currency",
    "UnitPrice": "cost",
    "PricingTierRangeMin": "min_quantity",
    "PricingTierRangeMax": "tier_max",
    "EffectiveStartDate": "effective_from",
    "EffectiveEndDate": "effective_to",
    "Tags": "tags",
    "ERP Price": "list_price",
    "Segment": "segment",
    "PreviousValues": "previous",
}
"""Microsoft's column names in Microsoft's order, and what we call each."""

FIELDS = tuple(COLUMNS.values())
COLUMN_OF = {field: column for column, field in COLUMNS.items()}

KEY = (
    "market",
    "currency",
    "segment",
    "product_code",
    "sku_code",
    "term",
    "billing_plan",
    "min_quantity",
    "effective_from",
)
"""What makes a row the same row in the next sheet."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where each of our fields stands in the file's lines; `width` counts all columns, the unknown ones too."""

    width: int
    places: dict[str, int]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    doubled: tuple[str, ...]

    @property
    def is_usable(self) -> bool:
        return not self.missing and not self.doubled


def _squeezed(name: str) -> str:
    # Microsoft's own files differ in case (`MPNID`, `MpnId`) and blanks (`ERP Price`)
    return "".join(name.split()).casefold()


_BY_NAME = {_squeezed(column): (column, field) for column, field in COLUMNS.items()}


def match_header(cells: Sequence[str]) -> Header:
    """Finds our columns among `cells`, whatever their case, blanks and order."""
    places: dict[str, int] = {}
    unknown, doubled = [], []
    for place, cell in enumerate(cells):
        known = _BY_NAME.get(_squeezed(cell))
        if known is None:
            unknown.append(cell.strip()[:60])
        elif known[1] in places:
            doubled.append(known[0])
        else:
            places[known[1]] = place
    missing = tuple(column for column, field in COLUMNS.items() if field not in places)
    return Header(len(cells), places, missing, tuple(unknown), tuple(doubled))
