"""Two people decide at once, or one decides while the request ends otherwise: one ending, and the other is told (P7)."""

import sys
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from app.core import clock
from app.core.db import session
from app.core.errors import AwningError, Conflict, Forbidden
from app.domain.approvals.actions import decide, expire, withdraw
from app.domain.approvals.models import ApprovalRequest, Decision
from app.domain.approvals.queries import request_detail
from app.domain.orders.models import Order, ProvisioningStep
from tests.support.seeding import in_scope
from tests.support.shopping import over

deciding = sys.modules["app.domain.approvals.actions.decide"]


@pytest.fixture
def held(shop, ann, otto, nimbus):
    """A function that makes one more request and answers (order id, request id, digest)."""
    shop.policy(otto, nimbus, over("50"))
    offer = shop.offer("10.00")

    def make():
        order_id = shop.order(ann, [(offer, 9)])
        with in_scope(shop.app, otto):
            request_id = session().get(Order, order_id).approval_request_id
            return order_id, request_id, request_detail(request_id, otto.actor).digest

    return make


def rivals(shop, kind, request_id, digest, otto, ines, ann):
    def answer(who, what):
        with in_scope(shop.app, who):
            decide(request_id, what, digest=digest, comment="Because.", by=who.actor)
        return what

    def take_back():
        with in_scope(shop.app, ann):
            withdraw(request_id, by=ann.actor)
        return "withdrawn"

    def run_out():
        with clock.at(clock.now() + timedelta(days=14)), in_scope(shop.app, otto):
            return "expired" if expire(request_id) else Conflict("too late")

    second = {
        "approve": lambda: answer(ines, "approved"),
        "refuse": lambda: answer(ines, "refused"),
        "withdraw": take_back,
        "expire": run_out,
    }[kind]
    return [lambda: answer(otto, "approved"), second]


@pytest.mark.parametrize("kind", ["approve", "refuse", "withdraw", "expire"])
def test_one_wins_and_the_other_is_told(shop, held, otto, ines, ann, race, trials, kind):
    for _ in range(max(25, trials // 2)):
        order_id, request_id, digest = held()
        results = race(rivals(shop, kind, request_id, digest, otto, ines, ann))
        won = [result for result in results if isinstance(result, str)]
        lost = [result for result in results if isinstance(result, Exception)]
        assert len(won) == 1, results
        assert [type(error) for error in lost] == [Conflict], results
        with shop.looking() as current:
            request = current.get(ApprovalRequest, request_id)
            answers = current.scalars(
                select(Decision.answer).where(Decision.approval_request_id == request_id)
            ).all()
            order = current.get(Order, order_id)
            steps = current.scalars(
                select(ProvisioningStep).where(ProvisioningStep.order_id == order_id)
            ).all()
            assert request.state == won[0]
            assert answers == ([won[0]] if won[0] in ("approved", "refused") else [])
            assert (order.state, len(steps)) == (
                ("confirmed", 1) if won[0] == "approved" else ("canceled", 0)
            )


def test_without_the_lock_on_the_request_the_loser_is_not_told(
    shop, held, otto, ines, ann, race, monkeypatch
):
    """The mutant. The version and the unique decision still allow one only; but no clear answer for the second."""

    def look_only(request_id):
        return session().get(ApprovalRequest, request_id, populate_existing=True)

    monkeypatch.setattr(deciding, "lock_request", look_only)
    unclear = 0
    for _ in range(15):
        _order_id, request_id, digest = held()
        results = race(rivals(shop, "refuse", request_id, digest, otto, ines, ann))
        assert sum(isinstance(result, str) for result in results) == 1, results
        unclear += any(
            isinstance(result, Exception) and not isinstance(result, AwningError) for result in results
        )
    assert unclear > 0


def test_a_role_cannot_be_taken_away_between_looking_and_deciding(shop, held, otto, app, database):
    """While a decision is being made, the decider's row is held; before it, the role's absence is seen."""
    _, request_id, digest = held()
    with in_scope(shop.app, otto):
        decide(request_id, "approved", digest=digest, by=otto.actor)
        with in_another_transaction(shop.app) as rival, pytest.raises(psycopg.errors.LockNotAvailable):
            rival.execute("UPDATE person SET roles = '{sales}' WHERE id = %s", (otto.id,))
    _, request_id, digest = held()
    with in_scope(app) as current:
        current.execute(text("UPDATE person SET roles = '{sales}' WHERE id = :id"), {"id": otto.id})
    with in_scope(shop.app, otto), pytest.raises(Forbidden):
        decide(request_id, "approved", digest=digest, by=otto.actor)


def in_another_transaction(app):
    """A connection of the application's role that does not wait for locks."""
    url = make_url(app.config["APP_DATABASE_URL"]).set(drivername="postgresql")
    connection = psycopg.connect(url.render_as_string(hide_password=False))
    connection.execute("SELECT set_config('awning.scope', 'everyone', true)")
    connection.execute("SET LOCAL lock_timeout = '200ms'")
    return connection
