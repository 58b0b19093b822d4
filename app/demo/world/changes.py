"""What happened to running subscriptions lately: more seats, a refusal, renewals booked and switched off, a difference with
the vendor, accounts linked and asked for. Through the product's own actions; what is left open waits for the visitor.
"""

from datetime import timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs, scope
from app.core.actor import Actor
from app.core.db import session
from app.core.ids import new_id
from app.core.unit import unit
from app.demo.world import work
from app.demo.world.vendor import PastVendor
from app.domain.approvals.actions.decide import decide
from app.domain.approvals.models import ApprovalRequest
from app.domain.catalog.models import Vendor
from app.domain.cloud_accounts.actions import request_account
from app.domain.orders.rules.terms import terms_in_force
from app.domain.subscriptions.actions import intent_for, request_change
from app.domain.subscriptions.models import Subscription
from app.domain.subscriptions.queries import Wanted
from app.domain.tenants.models import Tenant
from app.domain.vendors.ports import SeatChange

People = dict[str, Actor]


def lately(app: Flask, people: People, vendor: PastVendor) -> None:
    """The day before yesterday and yesterday: what is settled by now."""
    two_days_ago = clock.now() - timedelta(hours=47)
    ann, otto, liam = people["ann"], people["otto"], people["liam"]
    first, second, third, fourth = _running(app, ann)[:4]
    with clock.at(two_days_ago):
        _change(app, ann, first, 3, decided_by=otto, note="Three new colleagues in Hamburg.")
        _change(app, ann, second, 400, decided_by=otto, refused="These are more seats than you have people.")
        _renew(app, ann, third, -1, decided_by=otto)
        harbour = _running(app, liam)
        if harbour:
            _ask(app, liam, harbour[0], Wanted("cancellation", timing="renewal"), decided_by=otto)
        _account(app, ann, "link", "nimbus.example", vendor_account_id="nimbus-4711", decided_by=otto)
    with clock.at(two_days_ago + timedelta(hours=4)):
        _drift(app, ann, fourth, 2, vendor)


def waiting(app: Flask, people: People) -> None:
    """This morning: what waits for a decision."""
    ann, hugo = people["ann"], people["hugo"]
    with clock.at(clock.now() - timedelta(hours=2)):
        _change(app, ann, _running(app, ann)[1], 60, note="The whole of the Berlin office.")
        rows = _running(app, hugo)
        if rows:
            _change(app, hugo, rows[0], 80)
        _account(app, hugo, "provision", "borealis.example")


def _running(app: Flask, by: Actor) -> list[UUID]:
    """The person's company's subscriptions on yearly terms, the oldest first."""
    with app.app_context(), unit(_whose(by), read_only=True):
        return list(
            session().scalars(
                select(Subscription.id)
                .where(Subscription.state == "active", Subscription.term == "P1Y")
                .order_by(Subscription.started_at, Subscription.id)
            )
        )


def _change(
    app: Flask,
    by: Actor,
    subscription_id: UUID,
    more: int,
    *,
    note: str = "",
    decided_by: Actor | None = None,
    refused: str = "",
) -> None:
    with app.app_context(), unit(_whose(by), read_only=True):
        have = session().get_one(Subscription, subscription_id).vendor_quantity
    wanted = Wanted("seat_change", quantity=have + more)
    _ask(app, by, subscription_id, wanted, note=note, decided_by=decided_by, refused=refused)


def _renew(app: Flask, by: Actor, subscription_id: UUID, more: int, *, decided_by: Actor) -> None:
    with app.app_context(), unit(_whose(by), read_only=True):
        have = session().get_one(Subscription, subscription_id).vendor_quantity
    wanted = Wanted("renewal", timing="renewal", quantity=max(1, have + more) if have > 1 else have + 1)
    _ask(app, by, subscription_id, wanted, decided_by=decided_by)


def _ask(
    app: Flask,
    by: Actor,
    subscription_id: UUID,
    wanted: Wanted,
    *,
    note: str = "",
    decided_by: Actor | None = None,
    refused: str = "",
) -> None:
    with app.app_context(), unit(_whose(by)):
        subscription = session().get_one(Subscription, subscription_id)
        change = request_change(
            subscription_id, wanted, intent_id=intent_for(subscription, by), note=note, by=by
        )
        request_id = change.approval_request_id
    if request_id is not None and decided_by is not None:
        _decide(app, request_id, decided_by, refused)
    work.catch_up(app, tells=True)


def _account(
    app: Flask,
    by: Actor,
    kind: str,
    domain: str,
    *,
    vendor_account_id: str = "",
    decided_by: Actor | None = None,
) -> None:
    assert by.account_id is not None
    with app.app_context(), unit(_whose(by)):
        tenant = session().get_one(Tenant, by.tenant_id)
        request = request_account(
            by.account_id,
            kind,
            vendor_id=session().execute(select(Vendor.id).where(Vendor.key == "microsoft")).scalar_one(),
            domain=domain,
            vendor_account_id=vendor_account_id,
            email=by.email,
            accepted_terms=terms_in_force(tenant.profile),
            intent_id=new_id(),
            by=by,
        )
        request_id = request.approval_request_id
    if decided_by is not None and request_id is not None:
        _decide(app, request_id, decided_by, "")
    work.catch_up(app, tells=True)


def _decide(app: Flask, request_id: UUID, by: Actor, refused: str) -> None:
    assert by.tenant_id is not None
    with app.app_context(), unit(scope.tenant(by.tenant_id)):
        request = session().get_one(ApprovalRequest, request_id)
        while request.state == "pending" and request.asks == "reseller":
            answer = "refused" if refused else "approved"
            decide(request.id, answer, digest=request.digest, step=request.step, comment=refused, by=by)
            session().refresh(request)


def _drift(app: Flask, by: Actor, subscription_id: UUID, more: int, vendor: PastVendor) -> None:
    """Somebody takes seats in the vendor's own portal, and it is read again."""
    with app.app_context(), unit(_whose(by)):
        row = session().get_one(Subscription, subscription_id)
        there = vendor.subscription(row.vendor_subscription_id)
        vendor.change(
            row.vendor_subscription_id,
            SeatChange(str(new_id()), there.quantity, there.quantity + more),
        )
        jobs.defer("subscriptions.read", tenant_id=row.tenant_id, subscription_id=row.id)
    work.catch_up(app, tells=False)


def _whose(by: Actor) -> scope.Scope:
    assert by.tenant_id is not None
    return scope.Scope(by.tenant_id, by.account_id)
