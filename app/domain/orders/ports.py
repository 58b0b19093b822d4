"""What orders need from outside: the connected vendors. The application plugs them in; jobs ask for them."""

from collections.abc import Callable

from app.domain.vendors import Vendors

_vendors: Callable[[], Vendors] = Vendors


def plug(vendors: Callable[[], Vendors]) -> None:
    """`vendors` answers the connected vendors of the application at hand. Called once, by whoever installs the jobs."""
    global _vendors
    _vendors = vendors


def vendors() -> Vendors:
    """The connected vendors; none before anything was plugged in, and then work waits."""
    return _vendors()
