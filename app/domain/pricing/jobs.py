"""Pricing's jobs: the margin guard goes over every reseller's lines after what vendors or the distributor ask has changed."""

from uuid import UUID

from sqlalchemy import select

from app.core import jobs, scope
from app.core.events import Event
from app.core.jobs import job
from app.core.unit import unit
from app.domain.catalog.models import PriceSheet, VendorPrice
from app.domain.pricing.actions.guarding import sweep
from app.domain.tenants.models import Tenant

CAUSES = {
    "price_sheet.taken": "price_sheet",
    "exchange_rate.set": "exchange_rate",
    "exchange_rate.ended": "exchange_rate",
    "exchange_rate.loaded": "exchange_rate",
    "promotion.entered": "promotion",
    "promotion.ended": "promotion",
    "promotion.moved": "promotion",
    "program.joined": "distributors_book",
    "program.left": "distributors_book",
    "price_book.published": "price_book",
    "price_book.assigned": "price_book",
    "price_book.unassigned": "price_book",
    "pricing_setting.changed": "setting",
}
"""Which events make the guard look, and what a finding then says was its cause."""

MOST_NAMED = 5_000
"""A sheet that changed more offers than this is gone over as a whole."""


@job("pricing.look_after_margins")
def look_after_margins(event_id: str, tenant_id: str | None) -> None:
    """Answers an event: a reseller's own has its lines gone over, the distributor's everybody's, each in a job of its own."""
    whose = scope.tenant(UUID(tenant_id)) if tenant_id else scope.everyone(reason="the margin guard looks")
    with unit(whose) as session:
        event = session.scalar(select(Event).where(Event.id == UUID(event_id)))
        if event is None:
            return
        cause = CAUSES[event.name]
        if event.tenant_id is not None:
            _defer(event.tenant_id, cause, None)
            return
        if cause == "price_book":
            cause = "distributors_book"
        sheet = event.subject_id if event.name == "price_sheet.taken" else None
        for tenant in session.scalars(select(Tenant.id)):
            _defer(tenant, cause, sheet)


@job("pricing.sweep_margins", retry_waits=(5, 60, 600))
def sweep_margins(tenant_id: str, cause: str, sheet_id: str | None = None) -> None:
    """Goes over one reseller's lines; after a small price sheet, only those of the offers that it changed."""
    with unit(scope.tenant(UUID(tenant_id))) as session:
        offers = None
        if sheet_id:
            revision = session.scalar(select(PriceSheet.revision).where(PriceSheet.id == UUID(sheet_id)))
            offers = session.scalars(
                select(VendorPrice.offer_id)
                .where(VendorPrice.revision == revision)
                .distinct()
                .limit(MOST_NAMED + 1)
            ).all()
        sweep(cause, offer_ids=offers if offers is not None and len(offers) <= MOST_NAMED else None)


@job("pricing.sweep_all_margins", cron="10 1 * * *")
def sweep_all_margins() -> None:
    """Each night: prices, promotions and acceptances also begin and end by themselves."""
    with unit(scope.everyone(reason="the margin guard looks, as every night")) as session:
        for tenant in session.scalars(select(Tenant.id)):
            _defer(tenant, "night", None)


def _defer(tenant_id: UUID, cause: str, sheet_id: UUID | None) -> None:
    jobs.defer(
        "pricing.sweep_margins",
        lock=f"margins:{tenant_id}",
        tenant_id=tenant_id,
        cause=cause,
        sheet_id=sheet_id,
    )
