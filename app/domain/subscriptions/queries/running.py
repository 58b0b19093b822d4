"""Which running subscriptions a version of a price book would move, from what to what, and from which day."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Uuid, bindparam, text

from app.core.db import session
from app.domain.pricing import ports, queries
from app.domain.pricing.models import PriceBook, PriceBookVersion
from app.domain.pricing.ports import RunningChange
from app.domain.pricing.rules.quote import Quote
from app.domain.pricing.rules.running import RunningTerms, Term, changes_on
from app.domain.tenants.models import Tenant

# The book that decides for each subscription, chosen as prices choose it: its own, its customer's for the vendor, its
# customer's, the default for the vendor, the default.
_PAYING = text(
    """
SELECT u.id, u.account_id, a.name AS account_name, u.number, u.title, u.offer_id, u.requested_quantity, u.term,
       u.billing_plan, u.term_starts_on, u.term_ends_on, u.renews_on, u.currency, u.unit_amount, u.cost_unit_amount,
       a.currency AS account_currency
FROM subscription u
JOIN account a ON a.id = u.account_id AND a.tenant_id = u.tenant_id
CROSS JOIN LATERAL (
    SELECT g.book_id FROM price_book_assignment g
    WHERE g.tenant_id = u.tenant_id
      AND (g.subscription_id IS NULL OR g.subscription_id = u.id)
      AND (g.account_id IS NULL OR g.account_id = u.account_id)
      AND (g.vendor_id IS NULL OR g.vendor_id = u.vendor_id)
      AND g.starts_at <= :at AND (g.ends_at IS NULL OR g.ends_at > :at)
    ORDER BY g.subscription_id NULLS LAST, g.account_id NULLS LAST, g.vendor_id NULLS LAST
    LIMIT 1
) chosen
WHERE u.tenant_id = :tenant AND u.state IN ('active', 'suspended', 'pending') AND chosen.book_id = :book
ORDER BY a.name, u.number
"""
).bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("book", type_=Uuid()),
    bindparam("at", type_=DateTime(timezone=True)),
)


class RunningSubscriptions:
    """What `pricing.ports.Running` asks of subscriptions."""

    def changes(self, version: PriceBookVersion, at: datetime) -> Sequence[RunningChange]:
        return running_changes(version, at)


def running_changes(version: PriceBookVersion, at: datetime) -> list[RunningChange]:
    """Subscriptions of the reseller in scope that pay by the version's book at `at` and would pay another price.

    Set-based: one statement for the subscriptions, then one per currency and step of quantities for their prices.
    """
    current = session()
    book = current.get_one(PriceBook, version.book_id)
    tenant = current.get_one(Tenant, version.tenant_id)
    rows = current.execute(_PAYING, {"tenant": tenant.id, "book": book.id, "at": at}).all()
    if not rows:
        return []
    terms = queries.settings().running(book)
    day = at.astimezone(ZoneInfo(tenant.time_zone)).date()
    priced = _prices(rows, version.id, at)
    found = []
    for row in rows:
        quote = priced.get((row.account_currency, row.offer_id, row.requested_quantity))
        if quote is None or quote.currency != row.currency or quote.unit_cycle_price == row.unit_amount:
            continue
        found.append(_change(row, quote, terms, day))
    return found


def _prices(rows: Iterable[Any], version_id: UUID, at: datetime) -> dict[tuple[str, UUID, int], Quote]:
    """Quotes by currency, offer and quantity. All customers of one currency pay alike by one version."""
    wanted: dict[str, tuple[UUID, dict[UUID, list[int]]]] = {}
    for row in rows:
        _, offers = wanted.setdefault(row.account_currency, (row.account_id, {}))
        quantities = offers.setdefault(row.offer_id, [])
        quantity = max(row.requested_quantity, 1)
        if quantity not in quantities:
            quantities.append(quantity)
    found: dict[tuple[str, UUID, int], Quote] = {}
    for currency, (account_id, offers) in wanted.items():
        turn = 0
        # an offer may be asked for once in a statement; most run in one or two quantities
        while asked := [(offer, numbers[turn]) for offer, numbers in offers.items() if len(numbers) > turn]:
            quotes = queries.quotes(asked, account_id=account_id, instant=at, version_id=version_id)
            found.update({(currency, one.offer_id, one.quantity): one for one in quotes.values()})
            turn += 1
    return found


def _change(row: Any, quote: Quote, terms: RunningTerms, day: Any) -> RunningChange:
    term = Term(row.term, row.billing_plan, row.term_starts_on, row.term_ends_on, row.renews_on)
    return RunningChange(
        subscription_id=row.id,
        account_id=row.account_id,
        account_name=row.account_name,
        number=row.number,
        title=row.title,
        quantity=row.requested_quantity,
        term=row.term,
        billing_plan=row.billing_plan,
        currency=row.currency,
        before=row.unit_amount.quantize(quote.unit_cycle_price),
        after=quote.unit_cycle_price,
        cost_before=row.cost_unit_amount.quantize(quote.unit_cycle_cost),
        cost_after=quote.unit_cycle_cost,
        changes_on=changes_on(term, day, terms),
    )


ports.plug(RunningSubscriptions())
