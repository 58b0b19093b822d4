"""What a wanted change would be, and cost, at this moment; nothing is written. The page that asks and the action use the same.

Within the term the price is the subscription's own, whatever price lists say since. What begins anew (another term, a
renewal) has the price of now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.core.money import Money
from app.domain.orders.queries.offers import OfferFacts, offer_facts
from app.domain.orders.rules.quantities import check_quantity
from app.domain.pricing import queries as pricing
from app.domain.pricing.rules.cycles import Cycle, charge_cycle
from app.domain.pricing.rules.quote import Quote
from app.domain.subscriptions.models import RenewalBooking, SeatBatch, Subscription
from app.domain.subscriptions.queries.alternatives import alternatives
from app.domain.subscriptions.rules import proration
from app.domain.subscriptions.rules.batches import Held, last_deadline, next_deadline, reducible
from app.domain.subscriptions.rules.terms import may_begin_now

FIRST_DAY = timedelta(hours=24)
"""A purchase that is cancelled within its first day is given back as a whole."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants. `timing` `now` or `renewal`; `offer_id` says the other term and billing plan."""

    kind: str
    timing: str = "now"
    quantity: int | None = None
    offer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change worked out. `due` is charged in the running cycle (negative: given back); `commitment` is what budgets count.

    `bound` is what the buyer is bound to more (or less) altogether. `arithmetic` holds plain JSON values for pages.
    """

    kind: str
    timing: str
    from_quantity: int
    to_quantity: int
    from_term: str
    to_term: str
    from_billing_plan: str
    to_billing_plan: str
    from_renews: bool
    to_renews: bool
    offer_id: UUID
    effective_on: date
    reduce_until: datetime | None
    unit_price: Money
    unit_cost: Money
    due: Money
    bound: Money
    quote: Mapping[str, Any]
    arithmetic: Mapping[str, Any] = field(default_factory=dict)

    @property
    def commitment(self) -> Money:
        """What is committed to besides; giving back is never counted against what was spent before."""
        return self.bound if self.bound.amount > 0 else Money.zero(self.bound.currency)

    @property
    def cycle(self) -> Cycle:
        """How it is charged after the change."""
        return charge_cycle(self.to_term, self.to_billing_plan)


def propose(subscription: Subscription, wanted: Wanted) -> Proposal:
    """The change that is wanted. Raises Invalid (`quantity`, `offer_id`, `timing`) and Conflict (not in this state)."""
    if subscription.state != "active":
        raise Conflict(f"This subscription is {subscription.state} and cannot be changed.")
    return {
        "seat_change": _seats,
        "cancellation": _cancellation,
        "renewal": _renewal,
        "term_change": _term,
    }[wanted.kind](subscription, wanted)


def batches_of(subscription_id: UUID) -> list[Held]:
    """The seats as they were added, oldest first."""
    rows = session().scalars(
        select(SeatBatch)
        .where(SeatBatch.subscription_id == subscription_id)
        .order_by(SeatBatch.added_at, SeatBatch.id)
    )
    return [Held(row.quantity, row.added_at, row.reduce_until) for row in rows]


def booking_of(subscription_id: UUID) -> RenewalBooking | None:
    """What is booked for the renewal, if anything."""
    return (
        session()
        .scalars(select(RenewalBooking).where(RenewalBooking.subscription_id == subscription_id))
        .one_or_none()
    )


def cycle_now(subscription: Subscription, on: date) -> proration.ChargeCycle:
    """The charge cycle of the subscription that day `on` falls into."""
    cycle = charge_cycle(subscription.term, subscription.billing_plan)
    return proration.cycle_at(
        subscription.term_starts_on,
        subscription.term_ends_on,
        months=cycle.months,
        count=cycle.count,
        on=on,
    )


def _seats(subscription: Subscription, wanted: Wanted) -> Proposal:
    now = clock.now()
    before, after = subscription.vendor_quantity, wanted.quantity or 0
    facts = offer_facts([subscription.offer_id])[subscription.offer_id]
    check_quantity(after, minimum=facts.min_quantity, maximum=facts.max_quantity)
    if after == before:
        raise Invalid({"quantity": f"There are {before:,} already."})
    until = None
    if after < before:
        held = batches_of(subscription.id)
        _check_window(before - after, held, now)
        until = next_deadline(held, now)
    cycle = cycle_now(subscription, now.date())
    sums = proration.seat_change(subscription.unit_amount, before, after, cycle, subscription.currency)
    return _proposal(
        subscription,
        wanted,
        to_quantity=after,
        effective_on=now.date(),
        reduce_until=until,
        due=sums.due,
        bound=sums.bound,
        arithmetic=_told(cycle) | {"credit": str(sums.credit), "charge": str(sums.charge)},
    )


def _check_window(fewer: int, held: list[Held], now: datetime) -> None:
    able = reducible(held, now)
    if fewer <= able:
        return
    closed = last_deadline(batch for batch in held if not batch.is_open(now))
    since = f" The time to give the others back ended on {closed:%d %B %Y, %H:%M} UTC." if closed else ""
    if not able:
        raise Invalid({"quantity": f"No seats can be given back before the renewal.{since}"})
    until = next_deadline(held, now)
    raise Invalid(
        {"quantity": f"At most {able:,} can be given back now, until {until:%d %B %Y, %H:%M} UTC.{since}"}
    )


def _cancellation(subscription: Subscription, wanted: Wanted) -> Proposal:
    now = clock.now()
    if wanted.timing == "renewal":
        if not subscription.is_auto_renewed:
            raise Invalid({"timing": "It ends with its term already."})
        return _proposal(
            subscription,
            wanted,
            to_renews=False,
            effective_on=subscription.term_ends_on,
            due=Decimal(0),
            bound=Decimal(0),
        )
    if subscription.cancel_until is None or now >= subscription.cancel_until:
        ended = (
            f" The time to cancel at once ended on {subscription.cancel_until:%d %B %Y, %H:%M} UTC."
            if subscription.cancel_until
            else ""
        )
        raise Invalid({"timing": f"It can only end with its term.{ended}"})
    cycle = cycle_now(subscription, now.date())
    began = subscription.repriced_at or subscription.started_at
    credit, less = proration.cancellation(
        subscription.unit_amount,
        subscription.vendor_quantity,
        cycle,
        subscription.currency,
        is_first_day=now < began + FIRST_DAY,
    )
    return _proposal(
        subscription,
        wanted,
        to_quantity=0,
        to_renews=False,
        effective_on=now.date(),
        reduce_until=subscription.cancel_until,
        due=-credit,
        bound=-less,
        arithmetic=_told(cycle) | {"credit": str(credit), "charge": "0"},
    )


def _renewal(subscription: Subscription, wanted: Wanted) -> Proposal:
    offer = _offer(subscription, wanted.offer_id)
    quantity = subscription.vendor_quantity if wanted.quantity is None else wanted.quantity
    check_quantity(quantity, minimum=offer.min_quantity, maximum=offer.max_quantity)
    booked = booking_of(subscription.id)
    before = (
        (booked.offer_id, booked.quantity)
        if booked
        else (subscription.offer_id, subscription.vendor_quantity)
    )
    if subscription.is_auto_renewed and before == (offer.id, quantity):
        raise Invalid({"quantity": "It renews like that already."})
    quote = quote_of(subscription, offer.id, quantity)
    bound = quote.commitment_amount
    if subscription.is_auto_renewed:
        as_it_was = quote_of(subscription, *before)
        if as_it_was.currency == quote.currency:
            bound = bound - as_it_was.commitment_amount
    return _proposal(
        subscription,
        wanted,
        to_quantity=quantity,
        to_renews=True,
        offer=offer,
        quote=quote,
        effective_on=subscription.term_ends_on,
        due=Decimal(0),
        bound=bound.amount,
        arithmetic={"renewal_charge": str(quote.line_amount.amount)},
    )


def _term(subscription: Subscription, wanted: Wanted) -> Proposal:
    now = clock.now()
    offer = _offer(subscription, wanted.offer_id)
    if not may_begin_now(subscription.term, offer.term):
        raise Invalid(
            {"offer_id": "Only a longer term can begin now. For a shorter one, change the renewal."}
        )
    quote = quote_of(subscription, offer.id, subscription.vendor_quantity)
    cycle = cycle_now(subscription, now.date())
    quantity = subscription.vendor_quantity
    credit = rest = Decimal(0)
    if quote.currency == subscription.currency:
        credit = proration.credit_for_rest(subscription.unit_amount, quantity, cycle, subscription.currency)
        rest = credit + subscription.unit_amount * quantity * cycle.later
    return _proposal(
        subscription,
        wanted,
        offer=offer,
        quote=quote,
        to_renews=True,
        effective_on=now.date(),
        due=quote.line_amount.amount - credit,
        bound=quote.commitment_amount.amount - rest,
        arithmetic=_told(cycle) | {"credit": str(credit), "charge": str(quote.line_amount.amount)},
    )


def _offer(subscription: Subscription, offer_id: UUID | None) -> OfferFacts:
    found = {offer.id: offer for offer in alternatives(subscription)}
    offer = found.get(offer_id or subscription.offer_id)
    if offer is None:
        raise Invalid({"offer_id": "Choose one of the terms that are offered."})
    return offer


def quote_of(subscription: Subscription, offer_id: UUID, quantity: int) -> Quote:
    """Today's price of an offer for this subscription's customer. Raises Conflict when there is none."""
    found = pricing.quotes(
        [(offer_id, quantity)], account_id=subscription.account_id, subscription_id=subscription.id
    ).get(offer_id)
    if found is None:
        raise Conflict("There is no price for this at the moment.")
    return found


def _told(cycle: proration.ChargeCycle) -> dict[str, Any]:
    return {
        "cycle_starts_on": cycle.starts_on.isoformat(),
        "cycle_ends_on": cycle.ends_on.isoformat(),
        "days": cycle.days,
        "left": cycle.left,
        "later": cycle.later,
    }


def _proposal(
    subscription: Subscription,
    wanted: Wanted,
    *,
    effective_on: date,
    due: Decimal,
    bound: Decimal,
    to_quantity: int | None = None,
    to_renews: bool | None = None,
    offer: OfferFacts | None = None,
    quote: Quote | None = None,
    reduce_until: datetime | None = None,
    arithmetic: Mapping[str, Any] | None = None,
) -> Proposal:
    currency = quote.currency if quote else subscription.currency
    return Proposal(
        kind=wanted.kind,
        timing="renewal" if wanted.kind == "renewal" else wanted.timing,
        from_quantity=subscription.vendor_quantity,
        to_quantity=subscription.vendor_quantity if to_quantity is None else to_quantity,
        from_term=subscription.term,
        to_term=offer.term if offer else subscription.term,
        from_billing_plan=subscription.billing_plan,
        to_billing_plan=offer.billing_plan if offer else subscription.billing_plan,
        from_renews=subscription.is_auto_renewed,
        to_renews=subscription.is_auto_renewed if to_renews is None else to_renews,
        offer_id=offer.id if offer else subscription.offer_id,
        effective_on=effective_on,
        reduce_until=reduce_until,
        unit_price=quote.unit_price if quote else Money(subscription.unit_amount, currency),
        unit_cost=quote.unit_cost if quote else Money(subscription.cost_unit_amount, currency),
        due=Money(due, currency),
        bound=Money(bound, currency),
        quote=quote.to_dict() if quote else subscription.quote,
        arithmetic=arithmetic or {},
    )
