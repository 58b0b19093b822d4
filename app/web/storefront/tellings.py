"""Orders as a customer reads them: lines without anybody's cost, and what has happened in plain words."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import g
from flask_babel import gettext as _

from app.core.money import Money
from app.domain.approvals.queries import RequestDetail
from app.domain.approvals.rules.verdict import Reason, Rule
from app.domain.orders.models import Order
from app.domain.pricing.rules.cycles import Cycle, charge_cycle
from app.domain.reports.queries.orders import LineRow
from app.web.kit.filters import money_text
from app.web.kit.policies import sentence
from app.web.kit.prices import PriceStep, steps_of


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order. It has no field that could hold a cost."""

    title: str
    vendor: str
    quantity: int
    unit: str
    term: str
    billing_plan: str
    segment: str
    cycle: Cycle
    unit_price: Money
    charge: Money
    commitment: Money
    state: str
    error: str
    subscription_number: str | None
    settled_at: datetime | None
    steps: list[PriceStep]


def order_line(row: LineRow) -> Line:
    """A line as its buyer may see it."""
    line = row.line
    return Line(
        title=line.title,
        vendor=row.vendor_name,
        quantity=line.quantity,
        unit=line.unit,
        term=line.term,
        billing_plan=line.billing_plan,
        segment=line.segment,
        cycle=charge_cycle(line.term, line.billing_plan),
        unit_price=Money(line.unit_amount, line.currency),
        charge=Money(line.total_amount, line.currency),
        commitment=Money(line.commitment_amount, line.currency),
        state=line.state,
        error=line.error,
        subscription_number=row.subscription_number,
        settled_at=line.settled_at,
        steps=steps_of(line.quote, with_cost=False),
    )


def story_of(order: Order, request: RequestDetail | None) -> list[dict[str, Any]]:
    """What happened to an order, oldest first, as entries of the timeline macro."""
    shop = g.arrival.shop.name
    placed_by = f"{order.placed_by_name} ({shop})" if order.is_on_behalf else order.placed_by_name
    story = [_entry(_("Ordered"), order.placed_at, "shopping-bag", "brand", placed_by)]
    if request is not None:
        for decision in request.decisions:
            is_yes = decision.answer == "approved"
            who = (
                decision.person_name if decision.realm == "storefront" else f"{decision.person_name} ({shop})"
            )
            words = _("Approved") if is_yes else _("Refused")
            look = ("check", "good") if is_yes else ("x", "bad")
            story.append(_entry(words, decision.decided_at, *look, who, decision.comment))
        if order.state == "on_hold":
            waiting = (
                _("Waits for one of your approvers")
                if request.row.asks == "customer"
                else _("Waits for %(shop)s", shop=shop)
            )
            story.append(_entry(waiting, request.row.requested_at, "hourglass", "warn"))
    elif order.confirmed_at is not None:
        story.append(
            _entry(_("Confirmed; no approval was needed"), order.confirmed_at, "circle-check", "good")
        )
    if order.state in ("confirmed", "in_progress") and order.confirmed_at is not None:
        story.append(_entry(_("Being delivered"), order.confirmed_at, "loader-circle", "brand"))
    if order.closed_at is not None:
        story.append(_ending(order))
    return story


def reason_words(reason: Reason) -> str:
    """Why an order waits, with the threshold's arithmetic, as its buyer reads it."""
    if reason.trigger == "order_total" and reason.asked and reason.limit:
        return _(
            "It comes to %(asked)s for the whole term; from %(limit)s on, somebody has to agree.",
            asked=_amount(reason.asked, reason),
            limit=_amount(reason.limit, reason),
        )
    told = _plain_reason(reason)
    if told:
        return told
    if reason.trigger == "window_spend" and reason.asked and reason.limit and reason.spent is not None:
        return _(
            "With %(spent)s spent %(within)s and %(asked)s now, your company reaches %(limit)s.",
            spent=_amount(reason.spent, reason),
            within=_within(reason),
            asked=_amount(reason.asked, reason),
            limit=_amount(reason.limit, reason),
        )
    if reason.trigger == "always":
        return _("Every order needs a yes.")
    if reason.trigger in ("margin_guard", "margin_under"):
        return _("A price in it is looked at first.")
    if reason.trigger == "always_asked":
        return _("This is always looked at first.")
    if reason.trigger == "change":
        return _("Changes like this one need a yes.")
    if reason.trigger == "no_policy":
        return _("No rule has been set yet, so every order needs a yes.")
    return _("It cannot be counted in the rule's currency at the moment, so somebody has to look at it.")


def _within(reason: Reason) -> str:
    if reason.period:
        return _("this month") if reason.period == "month" else _("this quarter")
    return _("in %(days)s days", days=reason.window_days)


def _plain_reason(reason: Reason) -> str:
    """The reasons that are no sum of money. Of a margin nothing is said to a customer."""
    if reason.trigger == "selection" and reason.selects:
        return _("%(what)s always needs a yes.", what=reason.selects)
    if reason.trigger == "quantity" and reason.asked and reason.limit:
        return _(
            "These are %(asked)s units; above %(limit)s, somebody has to agree.",
            asked=reason.asked,
            limit=reason.limit,
        )
    if reason.trigger == "first_order":
        return _("It is your first order.")
    if reason.trigger == "change":
        return _("Changes of this kind need a yes.")
    return ""


def _amount(text: str, reason: Reason) -> str:
    return money_text(Decimal(text), reason.currency)


def rule_words(rule: Rule, shop: str) -> str:
    """A rule of the approval policy as the customer reads it."""
    return sentence(rule, shop)


def _ending(order: Order) -> dict[str, Any]:
    assert order.closed_at is not None
    if order.state == "completed":
        return _entry(_("Everything is delivered"), order.closed_at, "package-check", "good")
    if order.state == "canceled":
        return _entry(_("Cancelled; nothing was bought"), order.closed_at, "ban", "", comment=order.reason)
    return _entry(
        _("Needs attention; your reseller looks after it"), order.closed_at, "triangle-alert", "bad"
    )


def _entry(
    what: str, at: datetime, icon: str, tone: str = "", who: str = "", comment: str = ""
) -> dict[str, Any]:
    return {"what": what, "at": at, "icon": icon, "tone": tone, "who": who, "comment": comment}
