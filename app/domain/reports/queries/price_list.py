"""The price list of one customer: every offer that it may buy with its price, streamed, however many there are."""
# ruff: noqa: S608 - only constants are put together; what is asked goes in as parameters

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, String, Uuid, bindparam, text

from app.core import clock
from app.core.db import session
from app.domain.people.models import Account
from app.domain.people.queries import account as find_account
from app.domain.pricing.queries.statement import OWN_BOOK
from app.domain.pricing.queries.worked_out import Lens, parameters, prepared, priced_by
from app.domain.reports.queries.price_lines import CARRIED, LINE

# By which version the customer pays for each vendor's offers: pricing's own choice.
_VERSIONS = text(
    f"""
SELECT own.version_id, own.currency, own.base, array_agg(v.vendor_id) AS vendors
FROM (SELECT id AS vendor_id FROM vendor) v LEFT JOIN LATERAL ({OWN_BOOK}) own ON true
GROUP BY 1, 2, 3
"""
).bindparams(
    bindparam("tenant", type_=Uuid()), bindparam("account", type_=Uuid()), bindparam("subscription", type_=Uuid()),
    bindparam("at", type_=DateTime(timezone=True)),
)  # fmt: skip
_NARROWED = LINE + " AND p.vendor_id = ANY(:vendors) AND o.segment = ANY(:segments)"


def price_list(account_id: UUID, market: str, *, at: datetime | None = None) -> Iterator[Any]:
    """Rows of (vendor_name, product_title, title, term, billing_plan, segment, quantity, unit, unit_list, price, unit_cost).

    Amounts are per unit and charge for the smallest quantity, in the customer's currency; an offer without a price is left out.
    A few hundred rows are in memory at a time. NotFound for another reseller's customer.
    """
    customer: Account = find_account(account_id)
    at = at or clock.now()
    segments = ["commercial"] if customer.segment == "commercial" else ["commercial", customer.segment]
    scope = session().scope
    assert scope is not None
    asked = {"tenant": scope.tenant_id, "account": account_id, "subscription": None, "at": at}
    for version_id, currency, base, vendors in session().execute(_VERSIONS, asked).all():
        name = "none" if version_id is None else "own"
        lens = Lens(scope.tenant_id, customer.currency, at, currency, base or "list")
        sql = (
            priced_by(_NARROWED, name, carried=CARRIED)
            + f" SELECT *, {name}_price AS price FROM priced WHERE {name}_price IS NOT NULL"
            " ORDER BY vendor_name, sort_title, title, segment, term, billing_plan"
        )
        statement = prepared(
            sql,
            *([bindparam("own_version", type_=Uuid())] if version_id else []),
            bindparam("vendors", type_=ARRAY(Uuid())),
            bindparam("segments", type_=ARRAY(String())),
        )
        values = parameters(lens) | {"market": market, "vendors": vendors, "segments": segments}
        if version_id:
            values["own_version"] = version_id
        else:
            values.pop("book_base")
        yield from session().execute(statement, values, execution_options={"yield_per": 500})
