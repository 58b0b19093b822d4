"""One run of the fault harness: its stage, its processes, and what the database and the vendor's journal say of it."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

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

    def settle(self, seconds: float = 90) -> Outcome:
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
        crowd.keep_going()
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
