"""The other ways in which a subscription's product is sold: same edition, segment and market, another term or billing plan."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.core.db import session
from app.domain.catalog.models import Offer
from app.domain.orders.queries.offers import OfferFacts, selling
from app.domain.subscriptions.models import Subscription
from app.domain.subscriptions.rules.terms import TERM_MONTHS, is_sold


def alternatives(subscription: Subscription) -> list[OfferFacts]:
    """What this customer could have instead, its own offer included (first), shorter terms before longer ones. Two queries."""
    own, other = aliased(Offer), aliased(Offer)
    ids = list(
        session().scalars(
            select(other.id)
            .join(
                own,
                (own.sku_id == other.sku_id) & (own.segment == other.segment) & (own.market == other.market),
            )
            .where(own.id == subscription.offer_id)
        )
    )
    there = selling(ids, subscription.account_id)
    found = [
        offer
        for offer in there.facts.values()
        if offer.id == subscription.offer_id
        or (offer.id in there.sold and is_sold(offer.term, offer.billing_plan))
    ]
    return sorted(
        found,
        key=lambda offer: (
            offer.id != subscription.offer_id,
            TERM_MONTHS.get(offer.term, 0),
            offer.billing_plan.lower() != "monthly",
        ),
    )
