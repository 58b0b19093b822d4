"""The reseller's console: one module per noun, each with its area. Views translate; what happens is decided in the domain."""

from app.web.admin import (
    accounts,
    approvals,
    brand,
    catalogue,
    company,
    decisions,
    frame,
    orders,
    overview,
    price_books,
    price_publishing,
    price_rules,
    shop,
    shop_cart,
    subscriptions,
    thresholds,
)

AREAS = [
    frame.area,
    overview.area,
    approvals.area,
    decisions.area,
    orders.area,
    subscriptions.area,
    accounts.area,
    thresholds.area,
    shop.area,
    shop_cart.area,
    catalogue.area,
    price_books.area,
    price_rules.area,
    price_publishing.area,
    brand.area,
    company.area,
]
