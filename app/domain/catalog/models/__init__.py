"""The catalogue's tables: what vendors sell (shared by every reseller) and what each shop shows of it."""

from app.domain.catalog.models.choices import CatalogChoice
from app.domain.catalog.models.offers import Category, Family, Offer, Product, SearchWord, Sku, Vendor
from app.domain.catalog.models.prices import CatalogTurn, VendorPrice
from app.domain.catalog.models.sheets import SHEET, PriceSheet, PriceSheetIssue, PriceSheetPart

__all__ = [
    "SHEET",
    "CatalogChoice",
    "CatalogTurn",
    "Category",
    "Family",
    "Offer",
    "PriceSheet",
    "PriceSheetIssue",
    "PriceSheetPart",
    "Product",
    "SearchWord",
    "Sku",
    "Vendor",
    "VendorPrice",
]
