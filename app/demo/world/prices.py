"""What prices look like today in the demo: a vendor that has raised some, promotions, programs, and a guard that noticed."""

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO, cast

from flask import Flask
from sqlalchemy import select

from app.core import clock, scope
from app.core.db import session
from app.core.unit import unit
from app.demo.cast import PEOPLE
from app.demo.world import work
from app.domain.catalog import actions as catalog
from app.domain.catalog import sheet_import
from app.domain.catalog.models import Offer, Product, Sku, Vendor, VendorPrice
from app.domain.catalog.rules.sheet_layout import COLUMNS
from app.domain.people.actors import actor_of
from app.domain.people.models import Person
from app.domain.pricing import actions as pricing
from app.domain.pricing.models import MarginFinding
from app.domain.pricing.queries import settings
from app.domain.pricing.rules.checks import RuleInput
from app.domain.pricing.rules.promotions import PromotionInput
from app.domain.tenants.models import Tenant

RISEN = ("Microsoft 365 Business Premium", "Exchange Online (Plan 1)", "Power BI Pro")
RISE = Decimal("1.34")
_EVERYONE = "building the demo world"


def rise(app: Flask) -> None:
    """Programs and promotions at the distributor; then a price sheet with risen prices, read by the real import."""
    now = clock.now()
    with app.app_context():
        with clock.at(now - timedelta(days=2)), unit(scope.everyone(reason=_EVERYONE)):
            _programs()
            _promotions(now)
        with unit(scope.everyone(reason=_EVERYONE), read_only=True):
            acme = session().execute(select(Tenant.id).where(Tenant.nickname == "acme")).scalar_one()
        with clock.at(now - timedelta(hours=30)), unit(scope.tenant(acme)):
            by = _actor("olivia")
            wanted = replace(settings(), guard="approval", notice_days=14, least_margin_percent=Decimal(3))
            pricing.choose_settings(wanted, by=by)
            pricing.set_rate("USD", "EUR", Decimal("0.94"), margin_percent=Decimal(1), by=by)
        with clock.at(now - timedelta(hours=28)):
            sheet_id = _hand_in(now - timedelta(hours=28))
            sheet_import.run(sheet_id)
            work.catch_up(app, tells=False)
        with clock.at(now - timedelta(hours=20)), unit(scope.tenant(acme)):
            _decide_some()


def _programs() -> None:
    by = _actor("dora")
    microsoft = session().execute(select(Vendor).where(Vendor.key == "microsoft")).scalar_one()
    program = pricing.make_program(microsoft.id, "Solution Provider Gold", by=by)
    book = pricing.make_book("Solution Provider Gold", "EUR", [RuleInput("percent", Decimal("-0.5"))], by=by)
    pricing.assign(book, program_id=program.id, by=by)
    acme = session().execute(select(Tenant).where(Tenant.nickname == "acme")).scalar_one()
    pricing.join_program(program, acme.id, by=by)


def _promotions(now: datetime) -> None:
    by = _actor("dora")
    for name, code, percent, title, begins, ends, most in (
        ("Copilot for everybody", "39NFJQT1PJQB:0001:39NFJQT1Q5KN", 15, "Microsoft 365 Copilot", -2, 33, 300),
        ("Identity first", "39NFJQT1PFPJ:000H:39NFJQT1Q5DK", 10, "Microsoft Entra ID P1", -2, 19, None),
        ("Visio for a year", "39NFJQT1PM6C:0005:39NFJQT1Q5L7", 20, "Visio Plan 2", 12, 43, None),
    ):
        offers = (
            session()
            .scalars(
                select(Offer.id)
                .join(Product, Product.id == Offer.product_id)
                .where(Product.title == title, Offer.segment == "commercial", ~Offer.is_trial)
            )
            .all()
        )
        if offers:
            vendor_id = session().execute(select(Vendor.id).where(Vendor.key == "microsoft")).scalar_one()
            wanted = PromotionInput(
                code,
                name,
                Decimal(percent),
                now + timedelta(days=begins),
                now + timedelta(days=ends),
                1,
                most,
            )
            pricing.enter_promotion(vendor_id, wanted, offers, by=by)


def _hand_in(at: datetime) -> Any:
    with tempfile.TemporaryFile() as file:
        file.write(_sheet(at))
        file.seek(0)
        with unit(scope.everyone(reason=_EVERYONE)):
            sheet = catalog.import_sheet(
                cast(BinaryIO, file),
                vendor_key="microsoft",
                file_name=f"Microsoft changes {at:%Y-%m}.csv",
                by=_actor("dora"),
            )
            return sheet.id


def _sheet(at: datetime) -> bytes:
    """The vendor's true layout, with the offers whose prices have risen."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    with unit(scope.everyone(reason=_EVERYONE), read_only=True):
        for row in _risen():
            writer.writerow(_line(row, at))
    return out.getvalue().encode("utf-8-sig")


def _risen() -> Sequence[Any]:
    return (
        session()
        .execute(
            select(Product, Sku, Offer, VendorPrice)
            .join(Sku, Sku.product_id == Product.id)
            .join(Offer, Offer.sku_id == Sku.id)
            .join(VendorPrice, VendorPrice.offer_id == Offer.id)
            .where(
                Product.title.in_(RISEN),
                Offer.market == "DE",
                Offer.segment == "commercial",
                Offer.term == "P1Y",
                VendorPrice.effective_to.is_(None),
            )
            .order_by(Product.title, Sku.vendor_sku_id, Offer.term, Offer.billing_plan)
        )
        .all()
    )


def _line(row: Any, at: datetime) -> dict[str, str]:
    product, sku, offer, price = row
    told = dict.fromkeys(COLUMNS, "") | {
        "ChangeIndicator": "Change",
        "ProductTitle": product.title,
        "ProductId": product.vendor_product_id,
        "SkuId": sku.vendor_sku_id,
        "SkuTitle": sku.title,
        "Publisher": product.publisher,
        "SkuDescription": sku.description,
        "TermDuration": offer.term,
        "BillingPlan": offer.billing_plan.capitalize(),
        "Market": offer.market,
        "Currency": price.currency,
        "UnitPrice": f"{(price.cost * RISE).quantize(Decimal('0.01'))}",
        "EffectiveStartDate": at.strftime("%Y-%m-%dT%H:00:00.0000000Z"),
        "EffectiveEndDate": "9999-11-30T23:59:59.0000000Z",
        "Tags": ";".join(offer.tags),
        "ERP Price": f"{(price.list_price * RISE).quantize(Decimal('0.01'))}",
        "Segment": "Commercial",
    }
    return {name: told[name] for name in COLUMNS}


def _decide_some() -> None:
    """One line is accepted for a time; the rest waits, so that there is something to decide."""
    found = session().scalars(
        select(MarginFinding).where(MarginFinding.state == "open").order_by(MarginFinding.id).limit(1)
    )
    for one in found:
        pricing.accept_finding(
            one,
            until=clock.now() + timedelta(days=45),
            comment="Agreed until the contract is renewed.",
            version=one.version,
            by=_actor("olivia"),
        )


def _actor(key: str) -> Any:
    return actor_of(session().execute(select(Person).where(Person.email == PEOPLE[key].email)).scalar_one())
