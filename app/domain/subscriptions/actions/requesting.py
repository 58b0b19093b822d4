"""Asking for a change: once, at the price that was seen, through the approval gate. The gate stands here, for every door."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events, jobs
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.ids import new_id
from app.core.money import Money
from app.core.numbers import next_number
from app.domain.approvals.actions import gate
from app.domain.approvals.actions import withdraw as withdraw_request
from app.domain.approvals.ports import Ask
from app.domain.approvals.rules.asked import Item
from app.domain.orders.actions.margins import held_by_the_guard
from app.domain.orders.queries.offers import offer_facts
from app.domain.people.models import Account
from app.domain.subscriptions.actions.frozen import content_of, lock_change, lock_subscription
from app.domain.subscriptions.models import CHANGE, OPEN, ChangeStep, Subscription, SubscriptionChange
from app.domain.subscriptions.queries.proposals import Proposal, Wanted, propose
from app.domain.subscriptions.rules.intent import intent_of

MAX_NOTE = 500


def request_change(
    subscription_id: UUID, wanted: Wanted, *, intent_id: UUID, note: str = "", by: Actor
) -> SubscriptionChange:
    """Asks for a change: on its way to the vendor at once, or on hold when a policy asks for a decision.

    `intent_id` is what the page carried (`intent_for`). The same intent for the same change gives it again, however often.
    Raises NotFound, Forbidden, Invalid (fields of `Wanted`), Conflict (another change is on its way; the page is old).
    """
    if by.person_id is None:
        raise Forbidden("Sign in to change a subscription.")
    gate.lock_account(_account_of(subscription_id, by))
    subscription = lock_subscription(subscription_id)
    earlier = _by_intent(intent_id)
    if earlier is not None:
        return _again(earlier, wanted, by)
    if intent_id != intent_of(subscription.id, subscription.change_count, by.person_id):
        raise Conflict("This subscription has changed since the page was opened. Please look at it again.")
    account = session().get_one(Account, subscription.account_id)
    if not account.can_shop:
        raise Forbidden("This company cannot order at the moment.")
    _refuse_while_another_is_open(subscription, wanted.kind)
    if len(note := note.strip()) > MAX_NOTE:
        raise Invalid({"note": f"Use at most {MAX_NOTE} characters."})
    change = _make(subscription, propose(subscription, wanted), intent_id, note, by)
    subscription.change_count += 1
    session().add(change)
    session().flush()
    events.record("subscription_change.requested", change, by, told(change, subscription))
    _through_the_gate(change, subscription, by)
    return change


def intent_for(subscription: Subscription, by: Actor) -> UUID:
    """What a page carries so that pressing twice is one change."""
    if by.person_id is None:
        raise Forbidden("Sign in to change a subscription.")
    return intent_of(subscription.id, subscription.change_count, by.person_id)


def _account_of(subscription_id: UUID, by: Actor) -> UUID:
    found = (
        session()
        .execute(select(Subscription.account_id).where(Subscription.id == subscription_id))
        .scalar_one_or_none()
    )
    if found is None or (by.account_id is not None and by.account_id != found):
        raise NotFound
    return found


def _by_intent(intent_id: UUID) -> SubscriptionChange | None:
    return (
        session()
        .scalars(select(SubscriptionChange).where(SubscriptionChange.intent_id == intent_id))
        .one_or_none()
    )


def _again(change: SubscriptionChange, wanted: Wanted, by: Actor) -> SubscriptionChange:
    same = (
        change.requested_by_id == by.person_id
        and change.kind == wanted.kind
        and (wanted.quantity is None or change.to_quantity == wanted.quantity)
        and (wanted.offer_id is None or change.offer_id == wanted.offer_id)
        and (wanted.kind != "cancellation" or change.timing == wanted.timing)
    )
    if not same:
        raise Conflict(
            f"Another change was asked for from this page as {change.number}. Look at that one first."
        )
    return change


def _refuse_while_another_is_open(subscription: Subscription, kind: str) -> None:
    """One change within the term at a time, and one for the renewal: each starts from a number that must still hold."""
    rival = (
        session()
        .scalars(
            select(SubscriptionChange).where(
                SubscriptionChange.subscription_id == subscription.id,
                SubscriptionChange.state.in_(OPEN),
                (SubscriptionChange.kind == "renewal") == (kind == "renewal"),
            )
        )
        .first()
    )
    if rival is not None:
        what = "waits for approval" if rival.state == "on_hold" else "is on its way to the vendor"
        raise Conflict(f"Change {rival.number} of this subscription {what}. Only one can be made at a time.")


def _make(
    subscription: Subscription, proposal: Proposal, intent_id: UUID, note: str, by: Actor
) -> SubscriptionChange:
    change = SubscriptionChange(
        tenant_id=subscription.tenant_id,
        account_id=subscription.account_id,
        number=next_number(subscription.tenant_id, "C"),
        state="new",
        subscription_id=subscription.id,
        intent_id=intent_id,
        requested_at=clock.now(),
        requested_by_id=by.person_id,
        requested_by_name=by.name,
        is_on_behalf=by.account_id != subscription.account_id,
        note=note,
    )
    take(change, proposal)
    return change


def take(change: SubscriptionChange, proposal: Proposal) -> None:
    """Gives a change what its proposal worked out."""
    for name in (
        "kind",
        "timing",
        "from_quantity",
        "to_quantity",
        "from_term",
        "to_term",
        "from_billing_plan",
        "to_billing_plan",
        "from_renews",
        "to_renews",
        "offer_id",
        "effective_on",
        "reduce_until",
    ):
        setattr(change, name, getattr(proposal, name))
    change.currency = proposal.due.currency
    change.unit_amount = proposal.unit_price.amount
    change.cost_unit_amount = proposal.unit_cost.amount
    change.due_amount = proposal.due.amount
    change.commitment_amount = proposal.commitment.amount
    change.quote = dict(proposal.quote)
    change.arithmetic = dict(proposal.arithmetic) | {"bound": str(proposal.bound.amount)}


def _through_the_gate(change: SubscriptionChange, subscription: Subscription, by: Actor) -> None:
    outcome = gate.ask(
        Ask(
            subject_type=change.kind,
            subject_id=change.id,
            number=change.number,
            summary=summary(change, subscription),
            account_id=change.account_id,
            content=content_of(change),
            commitment=Money(change.commitment_amount, change.currency),
            items=_items(change),
            # another term is a sale at a price of today; other changes go on at the price that is paid already
            is_held=change.kind == "term_change" and held_by_the_guard([(subscription.title, change.quote)]),
        ),
        by=by,
    )
    if outcome.request is None:
        confirm(change, outcome.digest, by)
        return
    change.approval_request_id = outcome.request.id
    CHANGE.move(change, "on_hold")
    events.record(
        "subscription_change.held",
        change,
        by,
        told(change, subscription)
        | {
            "approval_request_id": outcome.request.id,
            "asks": outcome.request.asks,
            "role": outcome.request.role,
            "reasons": [reason.sentence for reason in outcome.verdict.met],
        },
    )


def _items(change: SubscriptionChange) -> tuple[Item, ...]:
    """What a policy's sentences may select it by: with all the seats there will be, and nothing when nothing is bought."""
    if not change.commitment_amount:
        return ()
    facts = offer_facts([change.offer_id])[change.offer_id]
    margin = None
    if change.unit_amount:
        share = (change.unit_amount - change.cost_unit_amount) / change.unit_amount
        margin = (share * 100).quantize(Decimal("0.01"))
    return (
        Item(
            offer_id=facts.id,
            product_id=facts.product_id,
            family_id=facts.family_id,
            category_id=facts.category_id,
            vendor_id=facts.vendor_id,
            quantity=change.to_quantity,
            margin_percent=margin,
        ),
    )


def confirm(change: SubscriptionChange, digest: str, by: Actor) -> None:
    """Lets a change go to the vendor, exactly as `digest` names it. The key is committed here, before any call (promise P1)."""
    CHANGE.move(change, "confirmed")
    change.confirmed_at, change.approved_digest = clock.now(), digest
    session().add(
        ChangeStep(
            tenant_id=change.tenant_id,
            account_id=change.account_id,
            subscription_change_id=change.id,
            name="apply",
            state="ready",
            key=new_id(),
            client_reference=f"{change.number}/{change.id.hex[-12:]}",
        )
    )
    defer(change, "apply")
    events.record("subscription_change.confirmed", change, by, {"number": change.number, "digest": digest})


def defer(change: SubscriptionChange, step: str, at: object = None) -> None:
    """Defers the work on one step of a change; steps of one subscription take turns."""
    jobs.defer(
        "subscriptions.change",
        tenant_id=change.tenant_id,
        change_id=change.id,
        step=step,
        lock=f"subscription:{change.subscription_id}",
        at=at,  # type: ignore[arg-type]
    )


def withdraw_change(change_id: UUID, *, reason: str = "", by: Actor) -> SubscriptionChange:
    """Takes a change back while it waits for approval. Raises NotFound, Forbidden, Conflict (decided, or on its way)."""
    change = session().get(SubscriptionChange, change_id)
    if change is None:
        raise NotFound
    if change.state != "on_hold" or change.approval_request_id is None:
        raise Conflict(f"Change {change.number} can no longer be taken back.")
    withdraw_request(change.approval_request_id, reason=reason, by=by)
    _, change = lock_change(change_id)
    return change


def summary(change: SubscriptionChange, subscription: Subscription) -> str:
    """The change in a few words: "Modern Workplace: 10 → 14 seats"."""
    title = subscription.title
    if change.kind == "seat_change":
        return f"{title}: {change.from_quantity:,} → {change.to_quantity:,} seats"
    if change.kind == "cancellation":
        when = "now" if change.timing == "now" else f"at the end of the term, {change.effective_on:%d %B %Y}"
        return f"{title}: cancel {change.from_quantity:,} seats {when}"
    if change.kind == "renewal":
        return (
            f"{title}: renew {change.to_quantity:,} seats on {change.effective_on:%d %B %Y}"
            f" ({change.to_term}, {change.to_billing_plan})"
        )
    return f"{title}: {change.from_term} → {change.to_term} for {change.to_quantity:,} seats, {change.to_billing_plan}"


def told(change: SubscriptionChange, subscription: Subscription) -> dict[str, object]:
    """What every event of a change says."""
    return {
        "number": change.number,
        "subscription": subscription.number,
        "kind": change.kind,
        "title": subscription.title,
        "summary": summary(change, subscription),
        "from": change.from_quantity,
        "to": change.to_quantity,
        "commitment": f"{change.commitment_amount} {change.currency}",
    }
