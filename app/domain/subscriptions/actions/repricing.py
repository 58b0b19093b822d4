"""Prices of what runs: telling customers before they rise, and taking a new price where the settings say so before renewal."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import SYSTEM
from app.core.db import session
from app.core.events import Event
from app.domain.pricing import queries as pricing
from app.domain.pricing.models import PriceBook, PriceBookVersion
from app.domain.pricing.ports import RunningChange
from app.domain.pricing.rules.running import Term, next_charge_on
from app.domain.subscriptions.models import PriceNotice, Subscription
from app.domain.subscriptions.queries.running import running_changes


def tell_rises(event: Event) -> int:
    """Answers `price_book.published`: writes a notice for every customer who will pay more for something that runs.

    Only where the reseller's settings have a notice. Told again, it writes none twice. Answers how many were written.
    """
    version = session().get(PriceBookVersion, UUID(event.data["version_id"]))
    if version is None or version.effective_at is None or not pricing.settings().notice_days:
        return 0
    told = set(session().scalars(select(PriceNotice.account_id).where(PriceNotice.version_id == version.id)))
    rises = [one for one in running_changes(version, version.effective_at) if one.is_rise]
    count = 0
    for account_id, lines in groupby(
        sorted(rises, key=lambda one: str(one.account_id)), lambda one: one.account_id
    ):
        if account_id in told:
            continue
        notice = PriceNotice(
            account_id=account_id,
            version_id=version.id,
            effective_at=version.effective_at,
            lines=_lines(lines),
        )
        session().add(notice)
        events.record(
            "price_notice.made",
            notice,
            SYSTEM,
            {"lines": len(notice.lines), "effective_at": version.effective_at},
        )
        count += 1
    return count


def _lines(changes: Iterable[RunningChange]) -> list[dict[str, object]]:
    return [
        {
            "number": one.number,
            "title": one.title,
            "quantity": one.quantity,
            "currency": one.currency,
            "before": str(one.before),
            "after": str(one.after),
            "changes_on": one.changes_on.isoformat() if one.changes_on else None,
        }
        for one in changes
    ]


def keeps_its_price(subscription: Subscription) -> bool:
    """Whether a monthly subscription goes on at the price it has when its month is over, as its book or the settings say."""
    return subscription.term == "P1M" and _terms_of(subscription).monthly_terms == "kept"


def reprice_if_due(subscription: Subscription, day: date) -> bool:
    """Gives a longer term the price in force, on a day on which a charge of it begins, where the settings say so.

    Running it again on the same day changes nothing. Answers whether the price moved.
    """
    if subscription.term == "P1M" or _terms_of(subscription).running_terms != "period":
        return False
    term = Term(
        subscription.term,
        subscription.billing_plan,
        subscription.term_starts_on,
        subscription.term_ends_on,
        subscription.renews_on,
    )
    if next_charge_on(term, day) != day:
        return False
    quote = pricing.quotes(
        [(subscription.offer_id, max(subscription.requested_quantity, 1))],
        account_id=subscription.account_id,
        subscription_id=subscription.id,
        instant=datetime.combine(day, datetime.min.time(), UTC),
    ).get(subscription.offer_id)
    if quote is None or (quote.currency, quote.unit_cycle_price) == (
        subscription.currency,
        subscription.unit_amount,
    ):
        return False
    before = f"{subscription.unit_amount.normalize():f} {subscription.currency}"
    subscription.currency, subscription.unit_amount = quote.currency, quote.unit_cycle_price
    subscription.cost_unit_amount, subscription.quote = quote.unit_cycle_cost, quote.to_dict()
    subscription.repriced_at = clock.now()
    events.record(
        "subscription.repriced",
        subscription,
        SYSTEM,
        {
            "number": subscription.number,
            "title": subscription.title,
            "before": before,
            "now": f"{quote.unit_cycle_price} {quote.currency}",
            "day": day,
        },
    )
    return True


def _terms_of(subscription: Subscription):
    book_id = subscription.quote.get("book_id")
    book = session().get(PriceBook, UUID(book_id)) if book_id else None
    return pricing.settings().running(book)
