"""The door customers come in by: a reseller's shop on its own host. It shows, takes forms, and decides nothing.

One file per noun; templates stand in the themes (`themes/base/templates/shop/`).
"""

from app.web.storefront import (
    approvals,
    cart,
    checkout,
    cloud_accounts,
    company,
    home,
    notifications,
    orders,
    policies,
    product,
    products,
    requests,
    subscription_changes,
    subscriptions,
    viewing,
)

AREAS = [
    home.area,
    products.area,
    product.area,
    cart.area,
    checkout.area,
    orders.area,
    orders.parts,
    subscriptions.area,
    subscriptions.parts,
    subscription_changes.area,
    cloud_accounts.area,
    approvals.area,
    requests.area,
    policies.area,
    company.area,
    notifications.area,
    viewing.area,
]
