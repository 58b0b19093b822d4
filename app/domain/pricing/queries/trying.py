"""What one version of a book would make of some offers: quotes for looking at, never for selling."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from app.core.db import session
from app.domain.pricing.queries.quoting import TRIAL_PARAMETERS, answered, quotes
from app.domain.pricing.queries.statement import DISTRIBUTORS_BOOK, TRIAL
from app.domain.pricing.queries.worked_out import NOBODY, Lens
from app.domain.pricing.rules.quote import Quotes

_BUYER = """
    SELECT coalesce(a.currency, t.currency) AS currency, a.id AS account_id
    FROM tenant t LEFT JOIN account a ON a.tenant_id = t.id AND a.id = :account
    WHERE t.id = :tenant
"""
_NO_BOOK = f"SELECT * FROM ({DISTRIBUTORS_BOOK}) none_below WHERE false"  # noqa: S608 - constants
_DISTRIBUTORS = text(
    TRIAL.replace(
        _BUYER, "SELECT CAST(:currency AS text) AS currency, CAST(:account AS uuid) AS account_id"
    ).replace(DISTRIBUTORS_BOOK, _NO_BOOK)
).bindparams(*TRIAL_PARAMETERS)
assert ":currency" in _DISTRIBUTORS.text, "the distributor's trial is cut from the resellers' statement"


def tried(requests: Iterable[tuple[UUID, int]], version_id: UUID, lens: Lens) -> Quotes:
    """The price of each (offer, quantity) as if `version_id` applied. One statement.

    At the distributor's desk the price is what a reseller would pay and the cost is the vendor's.
    """
    if lens.tenant_id is not None:
        return quotes(
            requests, account_id=None, tenant_id=lens.tenant_id, version_id=version_id, instant=lens.at
        )
    wanted = list(requests)
    if not wanted:
        return Quotes()
    rows = session().execute(
        _DISTRIBUTORS,
        {
            "tenant": NOBODY,
            "account": None,
            "version": version_id,
            "currency": lens.currency,
            "offers": [offer_id for offer_id, _ in wanted],
            "quantities": [quantity for _, quantity in wanted],
            "at": lens.at,
        },
    )
    return answered(rows.all(), wanted, None, lens.at)
