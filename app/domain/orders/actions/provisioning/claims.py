"""Claiming a vendor call: one worker at a time, under a lease, and only for what was approved. Promises P1 and P7."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events
from app.core.actor import SYSTEM
from app.core.db import session
from app.domain.orders.actions.provisioning.common import ask_person, come_back, fail, locked
from app.domain.orders.actions.versions import digest_now
from app.domain.orders.models import LINE, ORDER, Order, OrderLine, ProvisioningStep
from app.domain.people.models import Account, Person
from app.domain.vendors import ProvisionRequest, VendorCustomer, VendorPort
from app.domain.vendors import actions as calls


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to act on one step until its lease ends. `what` is `call` or `look_up`; `was_uncertain`: an earlier call
    may have happened."""

    tenant_id: UUID
    line_id: UUID
    step_id: UUID
    attempt: int
    what: str
    was_uncertain: bool
    request: ProvisionRequest


def claim(line_id: UUID, port: VendorPort) -> Claim | None:
    """Takes the purchase step of a line, if something may be done now; otherwise sees to it that somebody comes back.

    None: done, failed, somebody else is at it, not yet time, or a person has been asked.
    """
    order, line, step = locked(line_id)
    now = clock.now()
    move = calls.what_next(step, port, now)
    if move.what == "nothing":
        return None
    if move.what == "wait":
        come_back(line, move.at or now)
        return None
    if move.what == "ask_person":
        ask_person(order, line, step, "The vendor did not say whether this was bought, and cannot be asked.")
        return None
    if digest_now(order) != order.approved_digest:
        _stop_tampered(order, line, step)
        return None
    was_uncertain = step.state != "ready"
    if order.state == "confirmed":
        ORDER.move(order, "in_progress")
        events.record("order.started", order, SYSTEM, {"number": order.number})
    if line.state in ("pending", "unknown"):
        LINE.move(line, "provisioning")
    calls.take_up(step, move.what, port, now)
    return Claim(
        order.tenant_id, line.id, step.id, step.attempt, move.what, was_uncertain, _request(order, line, step)
    )


def renew(claim: Claim, port: VendorPort) -> bool:
    """After a look-up that found nothing: may the call be made now, by this claim? Extends its lease when so."""
    _, _, step = locked(claim.line_id)
    if not calls.is_ours(step, claim.attempt):
        return False
    calls.extend(step, port, clock.now())
    return True


def _request(order: Order, line: OrderLine, step: ProvisioningStep) -> ProvisionRequest:
    account, email = (
        session()
        .execute(
            select(Account, Person.email)
            .outerjoin(Person, (Person.tenant_id == Account.tenant_id) & (Person.id == order.placed_by_id))
            .where(Account.id == order.account_id)
        )
        .one()
    )
    return ProvisionRequest(
        key=str(step.key),
        client_reference=step.client_reference,
        customer=VendorCustomer(str(account.id), account.name, account.country, email or ""),
        product_id=line.vendor_product_id,
        sku_id=line.vendor_sku_id,
        term=line.term,
        billing_plan=line.billing_plan,
        segment=line.segment,
        market=line.market,
        quantity=line.quantity,
        purchase_order_number=order.purchase_order_number or None,
    )


def _stop_tampered(order: Order, line: OrderLine, step: ProvisioningStep) -> None:
    """The order is not what was approved. Nothing was bought yet: stop. Something may have been: a person looks."""
    reason = "This order is no longer what was approved, so nothing was bought."
    events.record(
        "order.mismatched", order, SYSTEM, {"number": order.number, "approved": order.approved_digest}
    )
    if step.state == "ready":
        step.error = reason
        fail(order, line, step, reason)
    else:
        ask_person(
            order,
            line,
            step,
            "This order is no longer what was approved. Look at it before anything is bought.",
        )
