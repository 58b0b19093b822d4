"""Promises P1 and P2: whatever is killed when, an order is bought at the vendor exactly once, and none is forgotten.

Buyers and workers are processes that die by SIGKILL at random moments, and the vendor is slow, cuts connections and
loses answers. Each guard has its mutant, which has to be caught by the same run.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, jobs
from tests.faults import goods
from tests.faults.harness import Crowd, Zygote
from tests.faults.plan import Plan
from tests.support.sandbox import TOKEN, SandboxServer
from tests.support.seeding import Met, in_scope
from tests.support.shopping import Shopping

VENDOR_TIMEOUT_SECONDS = 1.0
SLOW = [
    {"operation": "orders.create", "failure": "delay", "seconds": 0.3, "percent": 50},
    {"operation": "orders.create", "failure": "delay", "seconds": 0.2, "percent": 50},
    {"operation": "orders.create", "failure": "delay", "seconds": 0.1, "percent": 50},
]
CHAOS = [
    *SLOW,
    {"operation": "orders.create", "failure": "cut", "percent": 8},
    {"operation": "orders.create", "failure": "cut_before", "percent": 8},
    {"operation": "orders.create", "failure": "timeout", "percent": 5},
    {"operation": "orders.create", "failure": "error_after", "percent": 5},
    {"operation": "orders.create", "failure": "throttle", "percent": 5, "seconds": 1},
]


@pytest.fixture(scope="module")
def running_vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    vendor = SandboxServer(tmp_path_factory.mktemp("vendor") / "state.sqlite").start()
    yield vendor
    vendor.stop()


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    forks = Zygote()
    yield forks
    forks.close()


@pytest.fixture
def vendor(running_vendor: SandboxServer) -> SandboxServer:
    running_vendor.reset()
    return running_vendor


@dataclass(frozen=True)
class Outcome:
    """What the database and the vendor's journal say when everything is quiet."""

    orders: dict[str, int]
    bought: Counter[int]
    unknown: int
    lost: list[str]
    attempts: int

    @property
    def is_settled(self) -> bool:
        return set(self.orders) <= {"completed"} and not self.unknown


@dataclass
class Run:
    """One run: the plan, the processes, the vendor, and what came of it."""

    app: Flask
    plan: Plan
    vendor: SandboxServer
    crowd: Crowd
    seed: int

    def rows(self, sql: str) -> list[Any]:
        with in_scope(self.app, read_only=True) as session:
            return list(session.execute(text(sql)))

    def outcome(self) -> Outcome:
        """Count."""
        steps = self.rows(
            "SELECT client_reference, state, attempt FROM provisioning_step WHERE name = 'purchase'"
        )
        made = self.vendor.orders_made()
        waiting = "SELECT args->>'line_id' FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        lost = f"SELECT id FROM order_line WHERE state IN ('pending', 'provisioning', 'unknown') AND id::text NOT IN ({waiting})"
        return Outcome(
            orders=dict(self.rows('SELECT state, count(*) FROM "order" GROUP BY state')),
            bought=Counter(made.get(step.client_reference, 0) for step in steps),
            unknown=sum(1 for step in steps if step.state == "unknown"),
            lost=[str(row.id) for row in self.rows(lost)],
            attempts=sum(step.attempt for step in steps),
        )

    def settle(self, seconds: float = 45) -> Outcome:
        """Wait until every order is acknowledged and has come to an end; what there is then."""

        def is_over() -> bool:
            return not self.crowd.unacknowledged() and self.outcome().is_settled

        self.crowd.until(is_over, seconds)
        return self.outcome()


@contextmanager
def run(
    app: Flask,
    zygote: Zygote,
    vendor: SandboxServer,
    olivia: Met,
    folder: Path,
    *,
    orders: int,
    **changes: Any,
) -> Iterator[Run]:
    """The stage of a run: goods, buyers, two workers, one process that places orders. Prints its seed."""
    seed = int(os.environ.get("AWNING_FAULT_SEED", random.SystemRandom().randrange(10**6)))
    print(f"AWNING_FAULT_SEED={seed}")  # noqa: T201 - shown when the test fails
    shop = Shopping(app)
    offer_id = shop.offer("262.80", term="P1Y")
    shop.policy(olivia, None)
    with in_scope(app):
        purchases = goods.purchases(orders, tenant_id=olivia.tenant_id, offer_id=offer_id)
    settings = replace(
        app.config["SETTINGS"],
        sandbox_url=vendor.url,
        sandbox_token=TOKEN,
        vendor_timeout_seconds=VENDOR_TIMEOUT_SECONDS,
    )
    plan = Plan(settings=settings, folder=folder, purchases=purchases, **changes)
    with Crowd(zygote, plan, random.Random(seed)) as crowd:
        crowd.start("work")
        crowd.start("work")
        crowd.start("place")
        crowd.wait_for("work", 2)
        yield Run(app, plan, vendor, crowd, seed)


def bought_exactly_once(run: Run, outcome: Outcome, orders: int) -> None:
    """The promise, in numbers."""
    assert run.crowd.unacknowledged() == [], run.crowd.errors()
    assert outcome.lost == [], run.crowd.errors()
    assert outcome.orders == {"completed": orders}, run.crowd.errors()
    assert outcome.bought == Counter({1: orders})
    assert sum(run.vendor.orders_made().values()) >= orders
    with run.app.app_context():
        verified = run.app.test_cli_runner().invoke(args=["verify"])
    assert verified.exit_code == 0, verified.output


@pytest.mark.parametrize("connector", ["idempotent_key", "client_reference_lookup"])
def test_every_acknowledged_order_is_bought_exactly_once_whatever_is_killed(
    app: Flask, zygote: Zygote, vendor: SandboxServer, olivia: Met, tmp_path: Path, connector: str
) -> None:
    vendor.dial(*CHAOS, seed=random.SystemRandom().randrange(10**6))
    with run(app, zygote, vendor, olivia, tmp_path, orders=24, connector=connector) as ran:
        ran.crowd.kill_at_random(10, between=(0.15, 0.6), within=40)
        bought_exactly_once(ran, ran.settle(), 24)
        assert ran.crowd.kills == 10


def test_a_key_made_inside_the_attempt_buys_twice(
    app: Flask, zygote: Zygote, vendor: SandboxServer, olivia: Met, tmp_path: Path
) -> None:
    """The first mutant: without the committed key, a worker that dies during a call leaves a second purchase."""
    vendor.dial(*CHAOS, seed=1)
    with run(app, zygote, vendor, olivia, tmp_path, orders=12, connector="fresh_key") as ran:
        ran.crowd.kill_at_random(6, between=(0.15, 0.6), within=40)
        ran.crowd.until(lambda: ran.outcome().bought.get(2, 0) > 0, 30)
        assert max(ran.outcome().bought) > 1


def test_a_look_up_that_does_not_wait_buys_twice(
    app: Flask, zygote: Zygote, vendor: SandboxServer, olivia: Met, tmp_path: Path
) -> None:
    """The second mutant: a purchase still under way is not found, and is made again."""
    vendor.dial({"operation": "orders.create", "failure": "delay", "seconds": 2.5})
    with run(app, zygote, vendor, olivia, tmp_path, orders=6, connector="impatient") as ran:
        ran.crowd.until(lambda: max(ran.outcome().bought, default=0) > 1, 30)
        assert max(ran.outcome().bought) > 1


def test_a_job_deferred_after_the_commit_is_lost(
    app: Flask, zygote: Zygote, vendor: SandboxServer, olivia: Met, tmp_path: Path
) -> None:
    """The third mutant: an order that is acknowledged after all has nobody who works on it.

    In earnest a sweeper brings such an order back; it is stopped in the runs, so that it hides nothing.
    """
    with run(app, zygote, vendor, olivia, tmp_path, orders=12, mutant="defer_after_commit") as ran:
        ran.crowd.until(lambda: not ran.crowd.unacknowledged(), 60)
        assert ran.crowd.unacknowledged() == [], ran.crowd.errors()
        lost = ran.outcome().lost
        assert lost

        with clock.at(clock.now() + timedelta(minutes=10)), app.app_context():
            jobs.registry["orders.find_lost"].handler()
        assert not set(lost) & set(ran.outcome().lost)
