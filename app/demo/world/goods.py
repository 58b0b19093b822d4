"""What there is to sell: price sheets in the vendors' real layout, read by the real import; the central bank's rates."""

import tempfile
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import BinaryIO, cast

from sqlalchemy import select

from app.core import clock, scope
from app.core.db import session
from app.core.unit import unit
from app.demo import sheets
from app.demo.cast import PEOPLE
from app.domain.catalog import actions as catalog
from app.domain.catalog import sheet_import
from app.domain.people.actors import actor_of
from app.domain.people.models import Person
from app.domain.pricing import actions as pricing

VENDORS = {
    "microsoft": "Microsoft",
    "aws": "Amazon Web Services",
    "google": "Google",
    "ibm": "IBM",
    "meridian": "Meridian",
}
OFFERS = {"microsoft": 2580, "aws": 126, "google": 138, "ibm": 96, "meridian": 84}
"""As many as there are true names for: a larger sheet goes on with numbered plans."""
MARKETS = {"DE": ("EUR",), "GB": ("GBP",)}


def import_sheets() -> None:
    """About 3,000 offers over two markets, priced since long before; rates, one of them the distributor's own."""
    everyone = scope.everyone(reason="building the demo world")
    since = (clock.now() - timedelta(days=60)).strftime("%Y-%m-01T00:00:00.0000000Z")
    month = clock.now().strftime("%Y-%m")
    for key, name in VENDORS.items():
        with unit(everyone):
            catalog.add_vendor(key, name)
        with _file() as stream:
            sheets.write_sheet(stream, vendor=key, offers=OFFERS[key], markets=MARKETS, start=since)
            _hand_in(stream, key, f"{name} price list {month}.csv")
    with _file() as stream:
        sheets.write_offer_matrix(stream, offers=OFFERS["microsoft"])
        _hand_in(stream, "microsoft", f"Microsoft offer matrix {month}.csv")
    with unit(everyone):
        pricing.load_ecb_rates()
    with unit(everyone):
        pricing.set_rate("USD", "EUR", Decimal("0.93"), margin_percent=Decimal("1.5"), by=actor_of(_dora()))


def _file() -> AbstractContextManager[BinaryIO]:
    return cast(AbstractContextManager[BinaryIO], tempfile.TemporaryFile())


def _hand_in(stream: BinaryIO, vendor_key: str, file_name: str) -> None:
    stream.seek(0)
    with unit(scope.everyone(reason="building the demo world")):
        sheet = catalog.import_sheet(stream, vendor_key=vendor_key, file_name=file_name, by=actor_of(_dora()))
        sheet_id = sheet.id
    sheet_import.run(sheet_id)


def _dora() -> Person:
    return session().execute(select(Person).where(Person.email == PEOPLE["dora"].email)).scalar_one()
