"""What is read from the catalogue: lists, products, offers, vendor prices, and the sheets they came from."""

from app.domain.catalog.queries.cards import OfferRow, ProductCard, offers_of
from app.domain.catalog.queries.in_force import PriceRow, prices_in_force
from app.domain.catalog.queries.listing import PAGE_SIZE, SORTS, Facet, Filters, ProductPage, list_products
from app.domain.catalog.queries.products import (
    ChoiceRow,
    ProductDetail,
    choice_rows,
    choices,
    product_detail,
    vendor_options,
    vendors,
)
from app.domain.catalog.queries.sheets import (
    SheetIssues,
    every_issue,
    every_sheet,
    is_moving,
    same_file,
    sheet,
    sheet_issues,
    sheets,
)
from app.domain.catalog.queries.versions import (
    CatalogVersion,
    Choices,
    catalog_and_choices,
    catalog_version,
)

__all__ = [
    "PAGE_SIZE",
    "SORTS",
    "CatalogVersion",
    "ChoiceRow",
    "Choices",
    "Facet",
    "Filters",
    "OfferRow",
    "PriceRow",
    "ProductCard",
    "ProductDetail",
    "ProductPage",
    "SheetIssues",
    "catalog_and_choices",
    "catalog_version",
    "choice_rows",
    "choices",
    "every_issue",
    "every_sheet",
    "is_moving",
    "list_products",
    "offers_of",
    "prices_in_force",
    "product_detail",
    "same_file",
    "sheet",
    "sheet_issues",
    "sheets",
    "vendor_options",
    "vendors",
]
