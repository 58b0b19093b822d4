"""Buying at a vendor: once, whatever fails in between; and what an order becomes by it (promises P1, P2, P7)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.core import clock, jobs
from app.core.faults import FaultInjected, arm, named_action
from app.domain.orders.actions import provisioning
from app.domain.orders.models import Order, OrderLine, ProvisioningStep
from app.domain.orders.queries import needs_attention, order_detail
from app.domain.subscriptions.models import SeatBatch, Subscription
from app.domain.vendors import Idempotency, VendorRejected, Vendors
from tests.support.fake_vendor import FakeVendor, once, refused_connection, timed_out
from tests.support.seeding import in_scope


@pytest.fixture
def confirmed(shop, ann, otto, nimbus):
    """The id of an order of two lines that goes ahead."""
    shop.policy(otto, nimbus)
    return shop.order(ann, [(shop.offer("10"), 3), (shop.offer("240", term="P1Y"), 2)])


def lines(shop, order_id):
    with shop.looking() as current:
        rows = current.execute(
            select(OrderLine.state, ProvisioningStep.state, OrderLine.error)
            .join(ProvisioningStep, ProvisioningStep.order_line_id == OrderLine.id)
            .where(OrderLine.order_id == order_id)
            .order_by(OrderLine.position)
        ).all()
        return [tuple(row) for row in rows]


def names(shop, order_id):
    with shop.looking():
        return [event.name for event in order_detail(order_id).timeline]


def run_until_settled(worker, *, days=3):
    """Runs jobs, and lets time pass whenever nothing is due."""
    start = clock.now()
    instant = start
    while instant < start + timedelta(days=days):
        with clock.at(instant):
            worker("orders.%")
        if not [name for name, _ in worker.waiting() if name.startswith("orders.")]:
            return
        instant += timedelta(seconds=20)
    raise AssertionError("never settled")


def test_an_order_is_bought_and_becomes_subscriptions(shop, confirmed, vendor, worker):
    worker("orders.%")
    assert shop.state(confirmed) == "completed"
    assert [request.quantity for request in vendor.journal] == [3, 2]
    with shop.looking() as current:
        rows = current.scalars(select(Subscription).order_by(Subscription.number)).all()
        assert [(row.state, row.requested_quantity, row.vendor_quantity) for row in rows] == [
            ("active", 3, 3),
            ("active", 2, 2),
        ]
        assert [row.number[-6:] for row in rows] == ["000001", "000002"]
        assert sum(batch.quantity for batch in current.scalars(select(SeatBatch))) == 5
    told = names(shop, confirmed)
    assert told[0] == "order.placed"
    assert told[-1] == "order.completed"
    assert told.count("order_line.provisioned") == 2


def test_the_vendor_is_told_what_was_ordered(shop, confirmed, vendor, worker, nimbus):
    worker("orders.%")
    first = vendor.journal[0]
    with shop.looking() as current:
        order = current.get(Order, confirmed)
        step = current.scalars(select(ProvisioningStep).order_by(ProvisioningStep.client_reference)).first()
        assert first.client_reference.startswith(f"{order.number}/1")
        assert first.key == str(step.key)
    assert (first.customer.reference, first.customer.country) == (str(nimbus.id), "DE")
    assert (first.term, first.billing_plan, first.quantity) == ("P1M", "monthly", 3)
    assert first.purchase_order_number == "PO 1"


def test_running_a_job_again_buys_nothing_again(app, shop, confirmed, vendor, worker, ann):
    worker("orders.%")
    with shop.looking() as current:
        ids = current.scalars(select(OrderLine.id)).all()
    for line_id in ids * 3:
        with app.app_context():
            jobs.registry["orders.provision"].handler(str(ann.tenant_id), str(line_id))
    assert len(vendor.journal) == 2
    with shop.looking() as current:
        assert len(current.scalars(select(Subscription)).all()) == 2


@pytest.mark.parametrize("kind", [Idempotency.IDEMPOTENT_KEY, Idempotency.CLIENT_REFERENCE_LOOKUP])
@pytest.mark.parametrize(
    ("failure", "moment"), [(timed_out, "during"), (timed_out, "after"), (refused_connection, "during")]
)
def test_a_call_that_failed_is_settled_without_a_second_purchase(
    shop, confirmed, vendor, worker, kind, failure, moment
):
    vendor.idempotency = kind
    setattr(vendor, moment, once(failure()))
    worker("orders.%")
    assert ("unknown" if failure is timed_out else "provisioning") == lines(shop, confirmed)[0][0]
    run_until_settled(worker)
    assert shop.state(confirmed) == "completed"
    assert len(vendor.journal) == 2
    assert len({request.key for request in vendor.calls}) == 2
    if kind is Idempotency.CLIENT_REFERENCE_LOOKUP and failure is timed_out:
        assert vendor.lookups


def test_a_vendor_that_can_only_be_asked_by_hand_is_never_called_twice(
    shop, confirmed, vendor, worker, otto, app
):
    vendor.idempotency = Idempotency.MANUAL_ONLY
    vendor.during = once(timed_out())
    worker("orders.%")
    run_until_settled(worker)
    assert len(vendor.calls) == 2
    assert lines(shop, confirmed)[0][:2] == ("unknown", "unknown")
    assert shop.state(confirmed) == "in_progress"
    with shop.looking() as current:
        waiting = needs_attention(clock.now())
        assert [(row.is_for_person, row.line_state) for row in waiting] == [(True, "unknown")]
        line_id = current.scalars(select(OrderLine.id).where(OrderLine.state == "unknown")).one()
    with in_scope(app, otto):
        provisioning.settle_as_failed(line_id, "Looked at the vendor's portal: not there.", by=otto.actor)
    assert shop.state(confirmed) == "error"


def test_a_key_the_vendor_may_have_forgotten_goes_to_a_person(shop, confirmed, vendor, worker):
    vendor.during = lambda _: (_ for _ in ()).throw(timed_out())
    with clock.at(clock.now()):
        worker("orders.%")
    with clock.at(clock.now() + timedelta(days=8)):
        worker("orders.%")
    assert {state for state, _, _ in lines(shop, confirmed)} == {"unknown"}
    with shop.looking():
        assert len([row for row in needs_attention(clock.now()) if row.is_for_person]) == 2
    assert len(vendor.calls) == 2


def test_a_refusal_is_final_and_says_why(shop, confirmed, vendor, worker):
    vendor.during = once(VendorRejected("quota", "This customer may not buy that here."))
    worker("orders.%")
    assert [state for state, _, _ in lines(shop, confirmed)] == ["failed", "active"]
    assert shop.state(confirmed) == "error"
    with shop.looking():
        shown = order_detail(confirmed)
        assert shown.lines[0].error == "This customer may not buy that here."
        assert "This customer may not buy that here." in shown.reason
    assert "order.failed" in names(shop, confirmed)


def test_a_purchase_that_is_pending_at_the_vendor_is_read_until_it_is_active(shop, confirmed, vendor, worker):
    vendor.state = "pending"
    worker("orders.%")
    assert [state for state, _, _ in lines(shop, confirmed)] == ["provisioning", "provisioning"]
    with shop.looking() as current:
        assert {row.state for row in current.scalars(select(Subscription))} == {"pending"}
    with clock.at(clock.now() + timedelta(seconds=3)):
        worker("orders.%")
    assert shop.state(confirmed) == "in_progress"
    vendor.state = "active"
    run_until_settled(worker)
    assert shop.state(confirmed) == "completed"
    with shop.looking() as current:
        assert {row.state for row in current.scalars(select(Subscription))} == {"active"}
    assert len(vendor.journal) == 2


def test_a_pending_purchase_that_the_vendor_gives_up_on_fails(shop, confirmed, vendor, worker):
    vendor.state = "pending"
    worker("orders.%")
    vendor.state = "failed"
    run_until_settled(worker)
    assert shop.state(confirmed) == "error"
    with shop.looking() as current:
        assert {row.state for row in current.scalars(select(Subscription))} == {"cancelled"}
    assert {error for _, _, error in lines(shop, confirmed)} == {"out of stock"}


@pytest.mark.parametrize("point", ["before_vendor_call", "after_vendor_call"])
def test_a_worker_that_dies_at_a_fault_point_leaves_work_that_is_finished_once(
    shop, confirmed, vendor, worker, point
):
    with arm(point, named_action("raise", point)):
        worker("orders.%", tolerate=True)
    assert all(isinstance(error, FaultInjected) for _, error in worker.failures)
    assert [step for _, step, _ in lines(shop, confirmed)] == ["calling", "calling"]
    with clock.at(clock.now() + timedelta(minutes=20)):
        jobs_before = worker.waiting()
        assert not [name for name, _ in jobs_before if name.startswith("orders.")]
        with worker.app.app_context():
            jobs.registry["orders.find_lost"].handler()
        worker("orders.%")
    assert shop.state(confirmed) == "completed"
    assert len(vendor.journal) == 2


def test_nobody_calls_while_another_workers_lease_runs(app, shop, confirmed, vendor, worker, ann):
    with shop.looking() as current:
        line_id = current.scalars(select(OrderLine.id).order_by(OrderLine.position)).first()
    with in_scope(app, ann):
        assert provisioning.claim(line_id, vendor) is not None
    with in_scope(app, ann):
        assert provisioning.claim(line_id, vendor) is None
    with clock.at(clock.now() + timedelta(minutes=2)), in_scope(app, ann):
        again = provisioning.claim(line_id, vendor)
        assert again is not None
        assert again.was_uncertain


def test_two_workers_with_the_same_job_call_once(app, shop, confirmed, vendor, worker, ann):
    with shop.looking() as current:
        line_id = current.scalars(select(OrderLine.id).order_by(OrderLine.position)).first()

    def rival(_request):
        vendor.during = None
        with app.app_context():
            jobs.registry["orders.provision"].handler(str(ann.tenant_id), str(line_id))

    vendor.during = rival
    worker("orders.%")
    assert len([call for call in vendor.calls if call.client_reference.split("/")[1] == "1"]) == 1


def test_without_a_connector_an_order_waits_and_is_not_forgotten(
    app, shop, confirmed, vendor, worker, monkeypatch
):
    monkeypatch.setitem(app.extensions, "vendors", Vendors())
    worker("orders.%")
    assert shop.state(confirmed) == "confirmed"
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": vendor}))
    run_until_settled(worker)
    assert shop.state(confirmed) == "completed"


TAMPERINGS = {
    "quantity": "UPDATE order_line SET quantity = quantity + 1",
    "unit price": "UPDATE order_line SET unit_amount = unit_amount + 1",
    "total": "UPDATE order_line SET total_amount = total_amount + 1, commitment_amount = commitment_amount + 1",
    "sku": "UPDATE order_line SET vendor_sku_id = '0002'",
    "product": "UPDATE order_line SET vendor_product_id = 'OTHER'",
    "vendor": "UPDATE order_line SET vendor_key = 'other'",
    "term": "UPDATE order_line SET term = 'P3Y'",
    "billing plan": "UPDATE order_line SET billing_plan = 'annual'",
    "segment": "UPDATE order_line SET segment = 'education'",
    "market": "UPDATE order_line SET market = 'FR'",
    "price version": """UPDATE order_line SET quote = jsonb_set(quote, '{version_id}',
        '"00000000-0000-4000-8000-000000000001"')""",
    "vendor price": """UPDATE order_line SET quote = jsonb_set(quote, '{vendor_price_id}',
        '"00000000-0000-4000-8000-000000000001"')""",
    "rates": """UPDATE order_line SET quote = jsonb_set(quote, '{rates}',
        '[{"base": "USD", "rate": "0.9", "quote": "EUR", "source": "ecb", "effective_at": "2026-01-01T00:00:00+00:00"}]')""",
    "currency": """UPDATE "order" SET currency = 'USD'""",
    "order total": """UPDATE "order" SET total_amount = total_amount - 1""",
    "purchase order number": """UPDATE "order" SET purchase_order_number = 'another'""",
    "terms": """UPDATE "order" SET terms_version = 'another'""",
    "vendor's customer": "UPDATE account SET domain = 'evil.example'",
    "country": "UPDATE account SET country = 'FR'",
}


@pytest.mark.parametrize("field", TAMPERINGS)
def test_what_is_no_longer_what_was_approved_is_not_bought(
    app, shop, confirmed, vendor, worker, monkeypatch, field
):
    other = FakeVendor()
    monkeypatch.setitem(app.extensions, "vendors", Vendors({"microsoft": vendor, "other": other}))
    with in_scope(app) as current:
        current.execute(text(TAMPERINGS[field]))
    worker("orders.%")
    assert not vendor.calls
    assert not other.calls
    assert shop.state(confirmed) == "error"
    assert "order.mismatched" in names(shop, confirmed)


def test_without_the_second_look_a_changed_order_would_be_bought(
    app, shop, confirmed, vendor, worker, monkeypatch
):
    """The mutant: what the test above guards against does happen when nobody hashes the order again."""
    from app.domain.orders.actions.provisioning import claims

    monkeypatch.setattr(claims, "digest_now", lambda order: order.approved_digest)
    with in_scope(app) as current:
        current.execute(text(TAMPERINGS["quantity"]))
    worker("orders.%")
    assert [request.quantity for request in vendor.journal] == [4, 3]
