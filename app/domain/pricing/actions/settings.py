"""How an owner handles what runs already: notice, running terms, the margin guard. Read with `queries.settings`."""

from dataclasses import asdict
from decimal import Decimal

from sqlalchemy import select

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.domain.pricing.models import PriceBook, PricingSetting
from app.domain.pricing.models.settings import GUARDS
from app.domain.pricing.queries.owning import distributor_alone, own, owner_in_scope
from app.domain.pricing.queries.settings import Settings, settings
from app.domain.pricing.rules.running import MONTHLY_TERMS, RUNNING_TERMS


def choose_settings(wanted: Settings, *, by: Actor) -> None:
    """Makes the owner's settings `wanted`; Invalid by field, Conflict when somebody else changed them meanwhile."""
    errors: dict[str, str] = {}
    if not 0 <= wanted.notice_days <= 365:
        errors["notice_days"] = "A notice is from 0 to 365 days ahead."
    if wanted.running_terms not in RUNNING_TERMS:
        errors["running_terms"] = "Choose what happens to running terms."
    if wanted.monthly_terms not in MONTHLY_TERMS:
        errors["monthly_terms"] = "Choose what happens to monthly terms."
    if wanted.guard not in GUARDS:
        errors["guard"] = "Choose what happens to sales under the margin."
    least = wanted.least_margin_percent
    if least is not None and not (least.is_finite() and 0 <= least < 100 and _is_plain(least)):
        errors["least_margin_percent"] = (
            "A margin is from 0 to under 100 %, with at most four digits after the point."
        )
    if errors:
        raise Invalid(errors)
    before = settings()
    row = session().scalar(select(PricingSetting).where(distributor_alone(PricingSetting)).with_for_update())
    if (row.version if row else 0) != wanted.version:
        raise Conflict("Somebody changed these settings while you were looking at them.")
    if row is None:
        row = PricingSetting(tenant_id=owner_in_scope())
        session().add(row)
    for name in ("notice_days", "running_terms", "monthly_terms", "guard", "least_margin_percent"):
        setattr(row, name, getattr(wanted, name))
    changed = {
        name: {"from": was, "to": now}
        for (name, was), now in zip(asdict(before).items(), asdict(wanted).values(), strict=True)
        if was != now and name != "version"
    }
    if changed:
        events.record("pricing_setting.changed", row, by, changed)


def choose_running_terms(
    book: PriceBook, running_terms: str | None, monthly_terms: str | None, *, by: Actor
) -> None:
    """What one book does to subscriptions that run already; None: as the owner's settings say."""
    own(book)
    if running_terms not in (None, *RUNNING_TERMS):
        raise Invalid({"running_terms": "Choose what happens to running terms."})
    if monthly_terms not in (None, *MONTHLY_TERMS):
        raise Invalid({"monthly_terms": "Choose what happens to monthly terms."})
    if (book.running_terms, book.monthly_terms) != (running_terms, monthly_terms):
        book.running_terms, book.monthly_terms = running_terms, monthly_terms
        events.record(
            "price_book.running_terms_chosen",
            book,
            by,
            {"running_terms": running_terms, "monthly_terms": monthly_terms},
        )


def _is_plain(value: Decimal) -> bool:
    return -int(value.as_tuple().exponent) <= 4
