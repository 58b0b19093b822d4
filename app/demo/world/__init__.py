"""Builds the demo world by the product's own actions: price sheets, two shops, and some months of orders.

Everything here goes through the doors' actions, back-dated with the clock, so what a visitor sees is what the product does.
The cast is in `app/demo/cast.py`.
"""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.core import clock, scope
from app.core.db import session
from app.core.unit import unit
from app.demo.cast import Stage
from app.demo.world import goods, history, prices, shops
from app.demo.world.password import demo_password
from app.domain.people.passwords import hash_password
from app.domain.tenants.models import Tenant

MONTHS = 5
"""How far the world's history goes back."""


def build(app: Flask, progress: Callable[[str], None] = print) -> None:
    """Fills an empty, migrated database; one that has a shop already is left as it is. Takes less than a minute."""
    settings = app.config["SETTINGS"]
    with app.app_context():
        if _is_built():
            return
        opened_at = clock.now() - timedelta(days=30 * MONTHS)
        progress("People and companies")
        with clock.at(opened_at), unit(scope.everyone(reason="building the demo world")):
            Stage(hash_password(demo_password(settings)), settings.shop_host).everyone()
        progress("Price sheets and exchange rates")
        with clock.at(opened_at):
            goods.import_sheets()
        progress("Shops: brands, price books, approval rules")
        with clock.at(opened_at + timedelta(hours=3)):
            shops.furnish(app)
        progress("Some months of orders")
    history.live(app, since=opened_at + timedelta(days=2))
    progress("Prices of today: promotions, programs, a rise")
    prices.rise(app)


def _is_built() -> bool:
    with unit(scope.everyone(reason="building the demo world"), read_only=True):
        return session().scalar(select(Tenant.id).limit(1)) is not None
