"""Vendors' promotions, which the distributor keeps: entered by hand or read from a file, ended or prolonged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from app.core import clock, events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.catalog.models import Offer, Product, Sku, Vendor
from app.domain.pricing.models import PriceBookVersion, Promotion, PromotionOffer
from app.domain.pricing.queries.owning import own, owner_in_scope
from app.domain.pricing.rules.promotions import PromotionInput, Target, check_promotion, read_promotions


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file brought: promotions that are new, whose end was moved, and those about products that we do not have."""

    new: int
    moved: int
    unknown: int


def enter_promotion(
    vendor_id: UUID, wanted: PromotionInput, offer_ids: Iterable[UUID], *, by: Actor
) -> Promotion:
    """A promotion for these offers of a vendor's, from its start on. The distributor's, so in everyone's scope.

    Invalid by field; `offers` when there is none, or one of another vendor. A start in the past counts from now: prices
    of before stay what they were.
    """
    if owner_in_scope() is not None:
        raise Conflict("Promotions are the distributor's to enter.")
    check_promotion(wanted)
    current = session()
    if current.get(Vendor, vendor_id) is None:
        raise NotFound()
    offers = sorted(set(offer_ids))
    known = set(
        current.scalars(
            select(Offer.id)
            .join(Product, Product.id == Offer.product_id)
            .where(Offer.id.in_(offers), Product.vendor_id == vendor_id)
        )
    )
    if not offers or known != set(offers):
        raise Invalid({"offers": "Choose the products of this vendor that the promotion is about."})
    if wanted.ends_at <= clock.now():
        raise Invalid({"ends_at": "This is over already."})
    starts_at = max(wanted.starts_at, clock.now())
    same = select(Promotion.id).where(
        Promotion.vendor_id == vendor_id, Promotion.code == wanted.code, Promotion.ends_at > starts_at
    )
    if current.scalar(same.limit(1)) is not None:
        raise Invalid({"code": "A promotion of this code runs or is planned already."})
    made = Promotion(
        tenant_id=None,
        vendor_id=vendor_id,
        code=wanted.code,
        name=wanted.name,
        percent=wanted.percent,
        starts_at=starts_at,
        ends_at=wanted.ends_at,
        min_quantity=wanted.min_quantity,
        max_quantity=wanted.max_quantity,
        entered_by=by.person_id,
        entered_by_name=by.name,
    )
    current.add(made)
    current.flush()
    current.execute(insert(PromotionOffer), [{"promotion_id": made.id, "offer_id": one} for one in offers])
    events.record(
        "promotion.entered",
        made,
        by,
        {
            "code": made.code,
            "name": made.name,
            "percent": made.percent,
            "starts_at": made.starts_at,
            "ends_at": made.ends_at,
            "offers": len(offers),
        },
    )
    return made


def enter_typed_promotion(vendor_id: UUID, wanted: PromotionInput, *, by: Actor) -> Promotion:
    """A promotion whose products were named by the vendor's codes. Invalid (`products`) when one is not there."""
    check_promotion(wanted)
    found = _offers_of(vendor_id, set(wanted.targets))
    missing = [target for target in wanted.targets if not found[target]]
    if missing or not wanted.targets:
        name = f"{missing[0].product_id}:{missing[0].sku_id}".rstrip(":") if missing else ""
        raise Invalid(
            {
                "products": f"Nothing of {name} is sold in this segment, market and term."
                if missing
                else "Name the products that the promotion is about."
            }
        )
    return enter_promotion(vendor_id, wanted, (one for offers in found.values() for one in offers), by=by)


def end_promotion(promotion: Promotion, *, by: Actor, at: datetime | None = None) -> None:
    """It ends at `at` instead (default: now), sooner or later than was said; Conflict when it is over already."""
    own(promotion)
    now = clock.now()
    at = at or now
    if promotion.ends_at <= now:
        raise Conflict("This promotion is over already.")
    if at < now:
        raise Invalid({"at": "A price cannot take effect in the past."})
    before, promotion.ends_at = promotion.ends_at, max(at, promotion.starts_at)
    events.record(
        "promotion.ended" if at <= now else "promotion.moved",
        promotion,
        by,
        {"code": promotion.code, "before": before, "ends_at": promotion.ends_at},
    )


def import_promotions(body: bytes, *, vendor_id: UUID, market: str, segment: str, by: Actor) -> ImportReport:
    """Takes a file of promotions: new ones are entered, an end that has moved is moved, the rest stays. All or nothing.

    Promotions about products that the catalogue does not have, and those that are over, are counted and left out.
    """
    new = moved = unknown = 0
    wanted = read_promotions(body, market=market, segment=segment)
    offers = _offers_of(vendor_id, {target for one in wanted for target in one.targets})
    now = clock.now()
    for one in wanted:
        found = sorted({offer for target in one.targets for offer in offers.get(target, ())})
        if not found or one.ends_at <= now:
            unknown += 1
            continue
        running = session().scalar(
            select(Promotion)
            .where(Promotion.vendor_id == vendor_id, Promotion.code == one.code, Promotion.ends_at > now)
            .order_by(Promotion.starts_at)
            .limit(1)
        )
        if running is None:
            enter_promotion(vendor_id, one, found, by=by)
            new += 1
        elif running.percent != one.percent:
            raise Invalid(
                {
                    "file": f"{one.code} takes off {running.percent.normalize():f} % already; end that one first."
                }
            )
        elif running.ends_at != one.ends_at:
            end_promotion(running, by=by, at=one.ends_at)
            moved += 1
    return ImportReport(new, moved, unknown)


def pass_promotions(version: PriceBookVersion, passes: bool, *, by: Actor) -> None:
    """Whether who pays by this draft gets the vendors' promotions, or its owner keeps them. Conflict once published."""
    own(version)
    if version.published_at is not None:
        raise Conflict(f"Version {version.number} is published and cannot change; make a new one.")
    if version.passes_promotions != passes:
        version.passes_promotions = passes
        events.record(
            "price_book.promotions_chosen", version, by, {"passes": passes, "version": version.number}
        )


def _offers_of(vendor_id: UUID, targets: set[Target]) -> dict[Target, list[UUID]]:
    rows = (
        session()
        .execute(
            select(
                Offer.id,
                Product.vendor_product_id,
                Sku.vendor_sku_id,
                Offer.term,
                Offer.billing_plan,
                Offer.segment,
                Offer.market,
            )
            .join(Product, Product.id == Offer.product_id)
            .join(Sku, Sku.id == Offer.sku_id)
            .where(
                Product.vendor_id == vendor_id,
                Product.vendor_product_id.in_({target.product_id for target in targets}),
                ~Offer.is_trial,
            )
        )
        .all()
    )
    return {
        target: [
            row[0]
            for row in rows
            if row[1] == target.product_id
            and target.sku_id in ("", row[2])
            and target.term in ("", row[3])
            and target.billing_plan in ("", row[4])
            and target.segment in ("", row[5])
            and target.market in ("", row[6])
        ]
        for target in targets
    }
