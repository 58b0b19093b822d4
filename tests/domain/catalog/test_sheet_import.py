"""A price sheet on its way into the catalogue: what is new, changed, unchanged; nothing by halves, nothing twice."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import Conflict, Invalid, NotFound
from app.core.faults import FaultInjected, arm
from app.demo.sheets import write_sheet
from app.domain.catalog import actions, queries, sheet_import
from app.domain.catalog.models import (
    Offer,
    PriceSheet,
    PriceSheetIssue,
    PriceSheetPart,
    Product,
    Sku,
    VendorPrice,
)

from .sheet_maker import line, sheet


@pytest.fixture
def hand_in(app, in_scope, worker):
    """`hand_in(body)` uploads a sheet, lets the worker work, and answers the sheet's id."""

    def upload(body: bytes, *, work: bool = True, vendor: str = "microsoft", **options) -> UUID:
        with in_scope():
            actions.add_vendor(vendor, vendor.title())
            found = actions.import_sheet(
                io.BytesIO(body), vendor_key=vendor, file_name="prices.csv", by=SYSTEM, **options
            ).id
        if work:
            worker("catalog.%")
        return found

    return upload


@pytest.fixture
def look(in_scope):
    """`look(sheet_id)` → state and counters: (state, new, changed, unchanged, refused)."""

    def at(sheet_id: UUID) -> tuple[str, int, int, int, int]:
        with in_scope() as current:
            found = current.get_one(PriceSheet, sheet_id)
            return found.state, found.new, found.changed, found.unchanged, found.refused

    return at


def count(current, model) -> int:
    return current.scalar(select(func.count()).select_from(model))


def test_a_sheet_becomes_products_offers_and_prices(hand_in, look, in_scope):
    found = hand_in(
        sheet(line(), line(BillingPlan="Annual", UnitPrice="57.6", ERP_Price="72"), line(Currency="USD"))
    )
    assert look(found) == ("taken", 3, 0, 0, 0)
    with in_scope() as current:
        assert (count(current, Product), count(current, Sku), count(current, Offer)) == (1, 1, 2)
        product = current.scalars(select(Product)).one()
        assert (product.title, product.family.name, product.category.name) == (
            "Microsoft 365 Business Basic",
            "Microsoft 365",
            "Productivity",
        )
        prices = {
            (p.currency, str(p.cost.normalize()), str(p.list_price.normalize()))
            for p in current.scalars(select(VendorPrice))
        }
        assert prices == {("EUR", "60.48", "75.6"), ("USD", "60.48", "75.6"), ("EUR", "57.6", "72")}
        assert current.get_one(PriceSheet, found).offers_new == 2
        assert count(current, PriceSheetPart) == 0


def test_the_same_sheet_twice_changes_nothing(hand_in, look, in_scope):
    out = io.BytesIO()
    write_sheet(out, offers=400)
    first = hand_in(out.getvalue())
    assert look(first) == ("taken", 400, 0, 0, 0)
    with in_scope() as current:
        before = current.execute(select(VendorPrice.id, VendorPrice.revision).order_by(VendorPrice.id)).all()
    second = hand_in(gzip.compress(out.getvalue()))
    assert look(second) == ("taken", 0, 0, 400, 0)
    with in_scope() as current:
        assert (
            current.execute(select(VendorPrice.id, VendorPrice.revision).order_by(VendorPrice.id)).all()
            == before
        )


def test_what_changed_is_added_and_what_was_stays(hand_in, look, in_scope):
    for body in (sheet(line()), sheet(line(UnitPrice="61", ChangeIndicator="Change")), sheet(line())):
        last = hand_in(body)
    assert look(last) == ("taken", 0, 1, 0, 0)
    with in_scope() as current:
        rows = current.execute(
            select(VendorPrice.revision, VendorPrice.cost).order_by(VendorPrice.revision)
        ).all()
        assert [(revision, str(cost.normalize())) for revision, cost in rows] == [
            (1, "60.48"),
            (2, "61"),
            (3, "60.48"),
        ]
        offer = current.scalars(select(Offer)).one()
        assert queries.prices_in_force([offer.id])[offer.id][0].cost == rows[2].cost


def test_a_later_start_date_takes_effect_by_itself(hand_in, in_scope):
    hand_in(sheet(line()))
    found = hand_in(sheet(line(), line(EffectiveStartDate="2027-01-01T00:00:00.0000000Z", UnitPrice="70")))
    with in_scope() as current:
        assert current.get_one(PriceSheet, found).starts_later == 1
        offer = current.scalars(select(Offer)).one()
        turn = datetime(2027, 1, 1, tzinfo=UTC)
        versions = []
        for instant, cost in ((turn - timedelta(seconds=1), Decimal("60.48")), (turn, Decimal(70))):
            assert queries.prices_in_force([offer.id], at=instant)[offer.id][0].cost == cost
            versions.append(queries.catalog_version(at=instant))
        assert versions[0] != versions[1]
        assert versions[0].turns_at == turn


def test_a_deleted_row_ends_the_offer_and_only_that(hand_in, look, in_scope):
    hand_in(sheet(line(), line(BillingPlan="Annual")))
    gone = sheet(line(ChangeIndicator="Delete"), line(ProductId="CFQ7TTC00002", ChangeIndicator="Delete"))
    assert look(hand_in(gone)) == ("taken", 0, 1, 1, 0)
    assert look(hand_in(gone)) == ("taken", 0, 0, 2, 0)
    with in_scope() as current:
        offers = {offer.billing_plan: offer.id for offer in current.scalars(select(Offer))}
        assert set(offers) == {"monthly", "annual"}
        assert set(queries.prices_in_force(offers.values())) == {offers["annual"]}
        earlier = clock.now() - timedelta(minutes=5)
        assert set(queries.prices_in_force(offers.values(), at=earlier)) == set(offers.values())
    hand_in(sheet(line(EffectiveStartDate="2026-06-01", ChangeIndicator="Add")))
    with in_scope():
        assert set(queries.prices_in_force(offers.values())) == set(offers.values())


def test_refused_rows_hold_everything_back_until_a_person_decides(hand_in, look, in_scope, worker):
    body = sheet(line(), line(ProductId="CFQ7TTC00002", UnitPrice="?"))
    found = hand_in(body)
    assert look(found) == ("undecided", 1, 0, 0, 1)
    with in_scope() as current:
        assert (count(current, Product), count(current, VendorPrice)) == (0, 0)
        issue = current.scalars(select(PriceSheetIssue)).one()
        assert (issue.line, issue.column) == (3, "UnitPrice")
    with in_scope():
        actions.take_good_rows(found, by=SYSTEM)
    worker("catalog.%")
    assert look(found) == ("taken", 1, 0, 0, 1)
    with in_scope() as current:
        assert (count(current, Product), count(current, VendorPrice), count(current, PriceSheetIssue)) == (
            1,
            1,
            1,
        )
        with pytest.raises(Conflict):
            actions.take_good_rows(found, by=SYSTEM)


def test_a_sheet_with_refused_rows_can_be_canceled(hand_in, look, in_scope, worker):
    found = hand_in(sheet(line(), line(UnitPrice="?")))
    with in_scope():
        actions.cancel_sheet(found, by=SYSTEM)
    worker("catalog.%")
    assert look(found)[0] == "canceled"
    with in_scope() as current:
        assert (count(current, Product), count(current, PriceSheetPart)) == (0, 0)


def test_canceling_before_the_worker_comes_takes_nothing(hand_in, look, in_scope, worker):
    found = hand_in(sheet(line()), work=False)
    with in_scope():
        actions.cancel_sheet(found, by=SYSTEM)
    worker("catalog.%")
    assert look(found)[0] == "canceled"


def test_a_file_that_is_no_sheet_is_refused_with_its_reason(hand_in, look, in_scope):
    found = hand_in(b"not a sheet")
    assert look(found)[0] == "refused"
    with in_scope() as current:
        assert "header" in current.scalars(select(PriceSheetIssue.reason)).one()


def test_lines_that_contradict_each_other_leave_no_trace(hand_in, look, in_scope):
    lines = [line(), line(ProductId="CFQ7TTC00002"), line(ProductId="CFQ7TTC00002", UnitPrice="61")]
    assert look(hand_in(sheet(*lines), take_good_rows=True)) == ("taken", 1, 0, 0, 2)
    with in_scope() as current:
        assert current.scalars(select(Product.vendor_product_id)).all() == ["CFQ7TTC0LH18"]


def test_a_row_that_stands_twice_counts_once(hand_in, look):
    assert look(hand_in(sheet(line(), line(), line(BillingPlan="Annual")))) == ("taken", 2, 0, 1, 0)


@pytest.mark.parametrize(
    "point", ["catalog.import.reading", "catalog.take.between", "catalog.import.before_commit"]
)
def test_a_crash_in_the_middle_leaves_nothing_and_the_next_run_finishes(point, hand_in, look, in_scope, app):
    hand_in(sheet(line(ProductId="CFQ7TTC00009")))
    found = hand_in(sheet(line(), line(BillingPlan="Annual")), work=False)

    def crash() -> None:
        raise FaultInjected(point)

    with app.app_context(), arm(point, crash), pytest.raises(FaultInjected):
        sheet_import.run(found)
    assert look(found) == ("failed", 0, 0, 0, 0)
    with in_scope() as current:
        assert (count(current, Product), count(current, Offer), count(current, VendorPrice)) == (1, 1, 1)
    with app.app_context():
        sheet_import.run(found)
        sheet_import.run(found)
    assert look(found) == ("taken", 2, 0, 0, 0)
    with in_scope() as current:
        assert (count(current, Offer), count(current, VendorPrice)) == (3, 3)


def test_titles_follow_the_sheet_and_prices_stay(hand_in, look, in_scope):
    hand_in(sheet(line()))
    assert look(hand_in(sheet(line(ProductTitle="Microsoft 365 Business Basic (no Teams)")))) == (
        "taken",
        0,
        0,
        1,
        0,
    )
    with in_scope() as current:
        assert current.scalars(select(Product.title)).all() == ["Microsoft 365 Business Basic (no Teams)"]


def test_two_vendors_may_use_the_same_codes(hand_in, in_scope):
    hand_in(sheet(line()))
    hand_in(sheet(line(Publisher="Google LLC", ProductTitle="Google Workspace")), vendor="google")
    with in_scope() as current:
        assert count(current, Product) == 2


def test_an_unknown_vendor_or_an_empty_file_is_invalid(app, in_scope):
    with in_scope():
        with pytest.raises(Invalid):
            actions.import_sheet(io.BytesIO(b"x"), vendor_key="nobody", file_name="x", by=SYSTEM)
        actions.add_vendor("microsoft", "Microsoft")
        with pytest.raises(Invalid):
            actions.import_sheet(io.BytesIO(), vendor_key="microsoft", file_name="x", by=SYSTEM)
        with pytest.raises(NotFound):
            actions.cancel_sheet(UUID(int=7), by=SYSTEM)


def test_prices_cannot_be_rewritten_by_the_application(hand_in, in_scope):
    hand_in(sheet(line()))
    for statement in ("UPDATE vendor_price SET cost = 0", "DELETE FROM vendor_price", "DELETE FROM offer"):
        with pytest.raises(Exception, match="permission denied"), in_scope() as current:
            current.connection().exec_driver_sql(statement)


def test_progress_is_written_while_the_sheet_is_read(hand_in, in_scope, app, monkeypatch):
    monkeypatch.setattr(sheet_import, "PROGRESS_SECONDS", 0.0)
    found = hand_in(sheet(*(line(SkuId=f"{n:04}") for n in range(50))), work=False)
    seen = []

    def look_in() -> None:
        with app.app_context(), in_scope() as current:
            sheet_ = current.get_one(PriceSheet, found)
            seen.append((sheet_.state, sheet_.rows, sheet_.percent))

    with app.app_context(), arm("catalog.import.reading", look_in):
        sheet_import.run(found)
    assert seen == [("reading", 50, 99)]
