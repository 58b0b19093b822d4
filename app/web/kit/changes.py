"""Changing a subscription, as shop and console do it: read what is wanted, show what it comes to, ask for it. Both doors give
their own page around it; the gate is in the action, the same for both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from app.core import clock, unit
from app.core.errors import Conflict, Invalid
from app.core.money import Money
from app.domain.orders.queries.offers import OfferFacts
from app.domain.orders.rules.quantities import parse_quantity
from app.domain.pricing.rules.cycles import charge_cycle
from app.domain.subscriptions import actions
from app.domain.subscriptions.models import Subscription, SubscriptionChange
from app.domain.subscriptions.queries import Proposal, Wanted, propose
from app.domain.subscriptions.queries.alternatives import alternatives
from app.domain.subscriptions.queries.proposals import batches_of, booking_of
from app.domain.subscriptions.rules.batches import next_deadline, reducible
from app.domain.subscriptions.rules.terms import may_begin_now
from app.web.kit.forms import Form, RadioField
from app.web.kit.listing import uuid_of

NOUNS = {
    "seats": "seat_change",
    "cancellation": "cancellation",
    "renewal": "renewal",
    "term": "term_change",
}
"""The last word of a change's address, and the kind of change it is."""


class ChangeForm(Form):
    """What is wanted. `intent` is the page's, so that pressing twice is one change; each kind uses the fields it needs."""

    intent = HiddenField()
    quantity = StringField(_l("How many?"))
    offer_id = RadioField(_l("Term and billing"), choices=[], validate_choice=False)
    timing = RadioField(_l("When?"), choices=[], validate_choice=False)
    note = TextAreaField(_l("Note"), [Length(max=500, message=_l("Use at most 500 characters."))])


@dataclass(frozen=True, slots=True)
class Way:
    """One term and billing plan to choose from."""

    offer: OfferFacts
    is_chosen: bool


@dataclass
class ChangePage:
    """Everything that the page of a change shows. `proposal` None: it cannot be worked out (see the errors or `problem`)."""

    noun: str
    kind: str
    subscription: Subscription
    form: ChangeForm
    intent: UUID
    typed: str
    timing: str
    problem: str = ""
    proposal: Proposal | None = None
    ways: list[Way] = field(default_factory=list)
    reducible: int = 0
    reduce_until: datetime | None = None
    can_cancel_now: bool = False

    @property
    def charge_before(self) -> Money:
        """What each charge comes to as it is."""
        s = self.subscription
        return Money(s.unit_amount, s.currency) * s.vendor_quantity

    @property
    def charge_after(self) -> Money | None:
        """What each charge comes to after the change."""
        p = self.proposal
        return None if p is None else p.unit_price * p.to_quantity

    @property
    def cycle_before(self) -> Any:
        return charge_cycle(self.subscription.term, self.subscription.billing_plan)


def change(
    noun: str,
    subscription: Subscription,
    *,
    render: Callable[[ChangePage, int], ResponseReturnValue],
    done: Callable[[SubscriptionChange], ResponseReturnValue],
) -> ResponseReturnValue:
    """GET works out what is typed into the address; POST asks for it. 422 beside the field, 409 when something was faster."""
    kind, form = NOUNS[noun], ChangeForm()
    said: Mapping[str, str | None] = request.form if request.method == "POST" else request.args
    problem, status = "", 200
    if form.taken():
        try:
            asked = actions.request_change(
                subscription.id,
                _wanted(kind, said),
                intent_id=uuid_of(form.intent.data or "") or UUID(int=0),
                note=form.note.data or "",
                by=g.arrival.actor,
            )
        except Invalid as invalid:
            unit.start_over()
            form.blame(invalid)
        except Conflict as conflict:
            unit.start_over()
            problem, status = conflict.message, 409
        else:
            tell(asked)
            return done(asked)
    if form.has_errors:
        status = 422
    page = ChangePage(
        noun=noun,
        kind=kind,
        subscription=subscription,
        form=form,
        intent=actions.intent_for(subscription, g.arrival.actor),
        typed=(said.get("quantity") or "").strip() or _start(kind, subscription),
        timing=_timing(kind, said, subscription),
        problem=problem,
    )
    _fill(page, said)
    _work_out(page, said)
    return render(page, status)


def tell(change: SubscriptionChange) -> None:
    """What became of a change that was asked for."""
    if change.state == "on_hold":
        flash(
            _("Change %(number)s waits for approval. Nothing has changed yet.", number=change.number), "info"
        )
    else:
        flash(_("Change %(number)s is on its way to the vendor.", number=change.number), "good")


def _start(kind: str, subscription: Subscription) -> str:
    if kind == "renewal":
        booking = booking_of(subscription.id)
        return str(booking.quantity if booking else subscription.vendor_quantity)
    return str(subscription.vendor_quantity)


def _timing(kind: str, said: Mapping[str, str | None], subscription: Subscription) -> str:
    if kind != "cancellation":
        return "renewal" if kind == "renewal" else "now"
    asked = said.get("timing")
    if asked in ("now", "renewal"):
        return asked
    return "renewal" if subscription.is_auto_renewed or not _can_cancel_now(subscription) else "now"


def _can_cancel_now(subscription: Subscription) -> bool:
    return subscription.cancel_until is not None and clock.now() < subscription.cancel_until


def _wanted(kind: str, said: Mapping[str, str | None]) -> Wanted:
    """Raises Invalid at the field that cannot be read."""
    if kind == "seat_change":
        return Wanted(kind, quantity=parse_quantity(said.get("quantity") or ""))
    if kind == "cancellation":
        timing = said.get("timing") or ""
        if timing not in ("now", "renewal"):
            raise Invalid({"timing": str(_("Choose when it ends."))})
        return Wanted(kind, timing=timing)
    offer_id = uuid_of(said.get("offer_id") or "")
    if kind == "term_change":
        if offer_id is None:
            raise Invalid({"offer_id": str(_("Choose a term."))})
        return Wanted(kind, offer_id=offer_id)
    return Wanted(
        kind, timing="renewal", quantity=parse_quantity(said.get("quantity") or ""), offer_id=offer_id
    )


def _fill(page: ChangePage, said: Mapping[str, str | None]) -> None:
    subscription = page.subscription
    if page.kind == "seat_change":
        held, now = batches_of(subscription.id), clock.now()
        page.reducible, page.reduce_until = reducible(held, now), next_deadline(held, now)
    elif page.kind == "cancellation":
        page.can_cancel_now = _can_cancel_now(subscription)
    else:
        booking = booking_of(subscription.id) if page.kind == "renewal" else None
        offers = alternatives(subscription)
        if page.kind == "term_change":
            offers = [offer for offer in offers if may_begin_now(subscription.term, offer.term)]
        chosen = uuid_of(said.get("offer_id") or "")
        if chosen not in [offer.id for offer in offers]:
            chosen = booking.offer_id if booking else (offers[0].id if offers else None)
        page.ways = [Way(offer, offer.id == chosen) for offer in offers]


def _work_out(page: ChangePage, said: Mapping[str, str | None]) -> None:
    """The proposal for what is typed; until something is typed, an error is not yet one."""
    values = {
        "quantity": page.typed,
        "timing": page.timing,
        "offer_id": next((str(way.offer.id) for way in page.ways if way.is_chosen), None),
    }
    try:
        page.proposal = propose(page.subscription, _wanted(page.kind, values))
    except Invalid as invalid:
        if said and not page.form.has_errors and not page.problem:
            page.form.blame(invalid)
    except Conflict as conflict:
        page.problem = page.problem or conflict.message
