"""Promises P1 and P2: whatever is killed when, an order is bought at the vendor exactly once, and none is forgotten.

Buyers and workers are processes that die by SIGKILL at random moments, and the vendor is slow, cuts connections and
loses answers. Each guard has its mutant, which has to be caught by the same run.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.core import clock, jobs
from tests.faults.harness import Zygote
from tests.faults.running import CHAOS, bought_exactly_once, run
from tests.support.sandbox import SandboxServer
from tests.support.seeding import Met


@pytest.mark.parametrize("connector", ["idempotent_key", "client_reference_lookup"])
def test_every_acknowledged_order_is_bought_exactly_once_whatever_is_killed(
    app: Flask, zygote: Zygote, vendor: SandboxServer, olivia: Met, tmp_path: Path, connector: str
) -> None:
    vendor.dial(*CHAOS, seed=random.SystemRandom().randrange(10**6))
    with run(app, zygote, vendor, olivia, tmp_path, orders=24, connector=connector) as ran:
        ran.crowd.kill_at_random(10, between=(0.15, 0.6), within=40)
        bought_exactly_once(ran, ran.settle(), 24)
        assert ran.crowd.kills == 10


@pytest.mark.full
@pytest.mark.parametrize("connector", ["idempotent_key", "client_reference_lookup"])
@pytest.mark.parametrize("turn", range(3))
def test_three_hundred_orders_and_three_hundred_kills(
    app: Flask,
    zygote: Zygote,
    vendor: SandboxServer,
    olivia: Met,
    tmp_path: Path,
    connector: str,
    turn: int,
) -> None:
    vendor.dial(*CHAOS, seed=random.SystemRandom().randrange(10**6))
    with run(app, zygote, vendor, olivia, tmp_path, orders=300, connector=connector) as ran:
        ran.crowd.kill_at_random(300, between=(0.08, 0.35), within=600)
        bought_exactly_once(ran, ran.settle(300), 300)


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
    with run(app, zygote, vendor, olivia, tmp_path, orders=6, mutant="defer_after_commit") as ran:
        ran.crowd.until(lambda: not ran.crowd.unacknowledged(), 120)
        assert ran.crowd.unacknowledged() == [], ran.crowd.errors()
        lost = ran.outcome().lost
        assert lost

        with clock.at(clock.now() + timedelta(minutes=10)), app.app_context():
            jobs.registry["orders.find_lost"].handler()
        assert not set(lost) & set(ran.outcome().lost)
