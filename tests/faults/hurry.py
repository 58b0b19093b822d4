"""Makes the product's pauses short for a run, and keeps their order: a lease still outlasts every call."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta

from app.core import jobs


def seconds(*values: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=value) for value in values)


SHORT = {
    "LADDER": seconds(0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    "SAFE_REPEATS": seconds(0.3, 0.5, 1),
    "WAITS": seconds(0.2, 0.4, 0.8),
    "READING_WAITS": seconds(0.3, 0.5, 1),
    "LEASE_MARGIN": timedelta(seconds=0.2),
}


def hurry() -> None:
    """Shorten every pause between two tries, and stop the clock, whose sweepers would hide what was lost."""
    rooms = ("app.domain.orders", "app.domain.vendors", "app.domain.subscriptions")
    for module in [one for name, one in sys.modules.items() if name.startswith(rooms)]:
        for name in SHORT.keys() & vars(module).keys():
            setattr(module, name, SHORT[name])
    for name, job in list(jobs.registry.items()):
        jobs.registry[name] = replace(job, retry_waits=(0, 1, 1, 1, 1, 1), cron=None)
