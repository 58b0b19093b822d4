"""Named places where a test may make the world go wrong: a crash, an error, a pause.

In production every call does nothing but one dictionary look-up. Points are armed by tests, in the process
(`arm`) or, for worker processes that a test starts, through AWNING_FAULTS when AWNING_ENV is `test`.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_armed: dict[str, Callable[[], None]] = {}


class FaultInjected(Exception):
    """Raised by a point that a test armed with `raise`; nothing else raises it."""


def fault(name: str) -> None:
    """Mark a place by its name (`vendor.orders.create.after`). Does nothing unless a test armed it."""
    action = _armed.get(name)
    if action is not None:
        action()


@contextmanager
def arm(name: str, action: Callable[[], None]) -> Iterator[None]:
    """Within the block, reaching the point `name` calls `action`."""
    before = _armed.get(name)
    _armed[name] = action
    try:
        yield
    finally:
        if before is None:
            _armed.pop(name, None)
        else:
            _armed[name] = before


def named_action(text: str, name: str = "") -> Callable[[], None]:
    """The action that a word stands for: `kill9`, `raise` or `sleep:SECONDS`. Else ValueError."""
    if text == "kill9":
        return lambda: os.kill(os.getpid(), signal.SIGKILL)
    if text == "raise":

        def fail() -> None:
            raise FaultInjected(name)

        return fail
    if text.startswith("sleep:"):
        seconds = float(text.removeprefix("sleep:"))
        return lambda: time.sleep(seconds)
    raise ValueError(f"{text!r} is not an action a fault point knows")


def arm_from(text: str) -> None:
    """Arm points for the life of the process from `name=action,name=action`."""
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, action = entry.partition("=")
        _armed[name] = named_action(action, name)


if os.environ.get("AWNING_ENV") == "test":
    arm_from(os.environ.get("AWNING_FAULTS", ""))
