"""Named points around every outside call, where tests let a crash or an error happen. Nothing happens in production."""

from collections.abc import Callable

_armed: dict[str, Callable[[], None]] = {}


def fault(name: str) -> None:
    """Marks the point `name`; does what a test armed it with, else nothing."""
    if _armed and name in _armed:
        _armed[name]()


def arm(name: str, action: Callable[[], None]) -> None:
    """From now on `fault(name)` calls `action`."""
    _armed[name] = action


def disarm() -> None:
    """No fault happens any more."""
    _armed.clear()
