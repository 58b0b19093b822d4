"""Some months in the life of six customers: who ordered what when, who decided, and what still waits today.

The same seed gives the same history; only the dates move with the day on which it is built.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import select, update

from app.core import clock, scope
from app.core.actor import Actor
from app.core.db import session
from app.core.unit import unit
from app.demo.cast import CUSTOMERS, PEOPLE
from app.demo.world import changes, letters, work
from app.demo.world.vendor import PastVendor, sandbox_file
from app.domain.approvals.actions import decide, send_back
from app.domain.approvals.models import ApprovalRequest
from app.domain.catalog.models import Offer, Product, Sku
from app.domain.orders import actions as orders
from app.domain.orders.actions import carts
from app.domain.orders.models import Order
from app.domain.orders.queries.carts import cart_of
from app.domain.orders.rules.terms import terms_in_force
from app.domain.people.actions import delegate
from app.domain.people.actors import actor_of
from app.domain.people.models import Account, Person
from app.domain.tenants.models import Tenant
from app.domain.vendors import Vendors

SEED = 7
VENDOR_KEYS = ("microsoft", "aws", "google", "ibm", "meridian")

WANTED = (
    "Microsoft 365 Business Premium",
    "Microsoft 365 Business Standard",
    "Microsoft 365 E3",
    "Exchange Online (Plan 1)",
    "Exchange Online (Plan 2)",
    "Microsoft Entra ID P1",
    "Microsoft Intune Plan 1",
    "Power BI Pro",
    "Visio Plan 2",
    "Microsoft Defender for Endpoint P2",
    "Project Plan 1",
    "Microsoft Teams Phone Standard",
)

REFUSALS = (
    "Half of these seats are free in your other subscription. Use those first.",
    "Please order the yearly plan: it costs less from the third month on.",
)
APPROVALS = ("Agreed on the phone.", "Within the yearly budget.", "", "Fine.", "")


@dataclass(frozen=True, slots=True)
class Habit:
    """How a customer orders: who, how often in a month, how many seats, and who decides at the reseller."""

    customer: str
    buyer: str
    monthly: float
    seats: tuple[int, int]
    deciders: tuple[str, ...]
    on_behalf: str = ""


TELLS_FOR = timedelta(days=21)
"""So long people have been told things; what happened before stands on the pages only."""

HABITS = (
    Habit("nimbus", "ann", 3.4, (2, 30), ("otto", "ines")),
    Habit("harbour", "liam", 2.2, (5, 60), ("ines", "otto"), on_behalf="sam"),
    Habit("lindenhof", "nora", 1.4, (10, 80), ("otto",)),
    Habit("kestrel", "kofi", 1.2, (1, 12), ("ines",), on_behalf="sam"),
    Habit("quill", "tess", 2.0, (1, 18), ("raj",)),
    Habit("borealis", "hugo", 2.0, (8, 70), ("raj",)),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One planned order."""

    at: datetime
    habit: Habit
    person: str
    quantities: tuple[int, ...]
    is_left: bool = False  # nobody decides: it still waits today


def live(app: Flask, *, since: datetime) -> None:
    """Plays the history from `since` to now."""
    chance = random.Random(SEED)
    real = app.extensions["vendors"]
    past = PastVendor(sandbox_file(app.config["SETTINGS"]))
    app.extensions["vendors"] = Vendors(dict.fromkeys(VENDOR_KEYS, past))
    try:
        with app.app_context():
            people, baskets = _people(), _baskets()
        visits = sorted([*_plan(chance, since), *_lately()], key=lambda visit: visit.at)
        changed_at = clock.now() - timedelta(hours=48)
        monthly = _monthly(app)
        tells_since = clock.now() - TELLS_FOR
        for before, visit in zip([None, *visits], visits, strict=False):
            if visit.at >= tells_since and (before is None or before.at < tells_since):
                work.forget_mails(app)
            if changed_at is not None and visit.at > changed_at:
                for by_the_month in _by_the_month(changed_at):
                    _visit(app, by_the_month, people, monthly, chance, tells=True)
                changes.lately(app, people, past)
                changed_at = None
            _visit(app, visit, people, baskets, chance, tells=visit.at >= tells_since)
        changes.waiting(app, people)
        letters.arrive(app)
    finally:
        app.extensions["vendors"] = real
        past.close()
        work.forget_mails(app)


def _today(app: Flask, people: dict[str, Actor]) -> None:
    """What makes a decision more than a yes or a no: a question that waits for Ann, and somebody who will be away."""
    otto = people["otto"]
    assert otto.tenant_id is not None
    with app.app_context(), unit(scope.tenant(otto.tenant_id)):
        waiting = session().scalars(
            select(ApprovalRequest)
            .where(ApprovalRequest.state == "pending", ApprovalRequest.asks == "reseller")
            .order_by(ApprovalRequest.created_at)
            .limit(1)
        )
        for request in waiting:
            question = "Are these for the new office? Half of the seats you have are not in use."
            send_back(request.id, question, step=request.step, by=otto)
        first = clock.today("Europe/Berlin") + timedelta(days=10)
        ines = people["ines"].person_id
        assert ines is not None
        delegate(ines, first, first + timedelta(days=9), note="In the mountains.", by=otto)


def _by_the_month(at: datetime) -> Iterator[Visit]:
    """Something on a term of one month, so that a renewal is near."""
    for customer in ("nimbus", "harbour"):
        habit = next(habit for habit in HABITS if habit.customer == customer)
        yield Visit(at, habit, habit.buyer, (4,))


def _monthly(app: Flask) -> dict[str, Sequence[UUID]]:
    """What these customers take by the month."""
    with app.app_context(), unit(scope.everyone(reason="building the demo world"), read_only=True):
        return {
            key: list(
                session().scalars(
                    select(Offer.id)
                    .join(Sku, Sku.id == Offer.sku_id)
                    .where(
                        Offer.market == CUSTOMERS[key].country,
                        Offer.term == "P1M",
                        Offer.segment == "commercial",
                        Offer.billing_plan == "monthly",
                        Sku.title.in_(WANTED),
                    )
                    .order_by(Sku.title, Offer.id)
                )
            )
            for key in ("nimbus", "harbour")
        }


def _plan(chance: random.Random, since: datetime) -> Iterator[Visit]:
    """The past: on working days, in working hours, up to three days ago."""
    first = since.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (clock.now() - first).days - 3
    for habit in HABITS:
        count = max(3, round(habit.monthly * days / 30))
        for number in range(count):
            day = first + timedelta(days=int(days * (number + chance.random()) / count))
            day -= timedelta(days=max(0, day.weekday() - 4))
            at = day + timedelta(hours=chance.randint(7, 15), minutes=chance.randint(0, 59))
            person = habit.on_behalf if habit.on_behalf and chance.random() < 0.25 else habit.buyer
            lines = chance.choice((1, 1, 1, 2, 2, 3))
            yield Visit(at, habit, person, tuple(chance.randint(*habit.seats) for _ in range(lines)))


def _lately() -> Iterator[Visit]:
    """What came in since yesterday and waits, so that there is something to decide."""
    habits = {habit.customer: habit for habit in HABITS}
    for customer, hours, quantities in (
        ("nimbus", 26, (40, 40)),
        ("borealis", 21, (90, 60)),
        ("nimbus", 3, (25,)),
        ("quill", 2, (3,)),
    ):
        habit = habits[customer]
        yield Visit(clock.now() - timedelta(hours=hours), habit, habit.buyer, quantities, is_left=True)


def _visit(
    app: Flask,
    visit: Visit,
    people: dict[str, Actor],
    baskets: dict[str, Sequence[UUID]],
    chance: random.Random,
    *,
    tells: bool,
) -> None:
    by = people[visit.person]
    offers = chance.sample(list(baskets[visit.habit.customer]), len(visit.quantities))
    with app.app_context(), clock.at(visit.at):
        account_id = people[visit.habit.buyer].account_id
        assert account_id is not None
        assert by.tenant_id is not None
        whose = scope.Scope(by.tenant_id, by.account_id)
        with unit(whose):
            _was_here(by)
            for offer_id, quantity in zip(offers, visit.quantities, strict=True):
                carts.add(account_id, offer_id, quantity, by=by)
        with unit(whose):
            view = cart_of(account_id, by)
            tenant = session().get_one(Tenant, by.tenant_id)
            assert view is not None
            order = orders.place(
                view.id,
                intent_id=view.intent_id,
                seen=view.seen,
                accepted_terms=terms_in_force(tenant.profile),
                purchase_order_number=f"PO-{chance.randint(1000, 9999)}" if chance.random() < 0.6 else "",
                by=by,
            )
            order_id, waits = order.id, order.state == "on_hold"
    decided_at = visit.at + timedelta(minutes=chance.randint(6, 95))
    if waits and not visit.is_left:
        _decide(app, order_id, people[chance.choice(visit.habit.deciders)], chance, decided_at)
    with clock.at(decided_at + timedelta(minutes=1)):
        work.catch_up(app, tells=tells)


def _decide(app: Flask, order_id: UUID, by: Actor, chance: random.Random, at: datetime) -> None:
    assert by.tenant_id is not None
    with app.app_context(), clock.at(at), unit(scope.tenant(by.tenant_id)):
        _was_here(by)
        order = session().get_one(Order, order_id)
        request = session().get_one(ApprovalRequest, order.approval_request_id)
        refused = chance.random() < 0.12
        decide(
            request.id,
            "refused" if refused else "approved",
            digest=request.digest,
            step=request.step,
            comment=chance.choice(REFUSALS if refused else APPROVALS),
            by=by,
        )


def _was_here(by: Actor) -> None:
    session().execute(update(Person).where(Person.id == by.person_id).values(last_signed_in_at=clock.now()))


def _people() -> dict[str, Actor]:
    with unit(scope.everyone(reason="building the demo world"), read_only=True):
        rows = {person.email: actor_of(person) for person in session().scalars(select(Person))}
    return {key: rows[player.email] for key, player in PEOPLE.items()}


def _baskets() -> dict[str, Sequence[UUID]]:
    """What each customer orders from: yearly plans of what everybody wants, in their own market and segment."""
    found: dict[str, Sequence[UUID]] = {}
    with unit(scope.everyone(reason="building the demo world"), read_only=True):
        for key, customer in CUSTOMERS.items():
            segment = (
                session().execute(select(Account.segment).where(Account.name == customer.name)).scalar_one()
            )
            rows = (
                session()
                .execute(
                    select(Offer.id, Offer.segment, Product.title, Offer.billing_plan)
                    .join(Sku, Sku.id == Offer.sku_id)
                    .join(Product, Product.id == Sku.product_id)
                    .where(
                        Offer.market == customer.country,
                        Offer.term == "P1Y",
                        Offer.segment.in_({segment, "commercial"}),
                        Product.title.in_(WANTED),
                        Sku.title.in_(WANTED) if segment == "commercial" else Sku.id.is_not(None),
                    )
                    .order_by(Product.title, Offer.billing_plan, Offer.id)
                )
                .all()
            )
            own = [row.id for row in rows if row.segment == segment] or [row.id for row in rows]
            found[key] = own
    return found
