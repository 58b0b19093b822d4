"""What a shop sells to a customer: shown by the reseller, in the reseller's market, in a segment the customer belongs to."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.core.errors import NotFound
from app.domain.catalog import queries as catalog
from app.domain.orders.queries.offers import OfferFacts
from app.domain.people.models import Account
from app.domain.tenants.models import Tenant

SEGMENTS = {"charity": "nonprofit"}
"""Vendors' own words for segments that ours are called otherwise."""


def sold(offers: Iterable[OfferFacts], account_id: UUID) -> set[UUID]:
    """Which of `offers` this customer may order here. Two queries.

    Commercial offers are for everybody, the others for their own segment only. The narrowest choice of the reseller
    counts: product before family before vendor; without one, an offer is sold. NotFound: no such customer in scope.
    """
    found = (
        session()
        .execute(
            select(Tenant.country, Tenant.is_open, Account.segment)
            .join(Account, Account.tenant_id == Tenant.id)
            .where(Account.id == account_id)
        )
        .first()
    )
    if found is None:
        raise NotFound
    market, is_open, segment = found
    if not is_open:
        return set()
    choices = catalog.choices()
    segments = {"commercial", SEGMENTS.get(segment, segment)}
    return {
        offer.id
        for offer in offers
        if offer.market == market
        and offer.segment in segments
        and choices.is_shown(offer.product_id, offer.family_id, offer.vendor_id)
    }
