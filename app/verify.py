"""The one verifier: every invariant there is, worked out from the database alone. Each package adds its own `checks.py`."""

from collections.abc import Callable
from importlib import import_module, util

PACKAGES = (
    "catalog",
    "pricing",
    "approvals",
    "orders",
    "subscriptions",
    "cloud_accounts",
    "people",
    "tenants",
    "notices",
)

Check = tuple[str, Callable[[], list[str]]]


def _gather() -> list[Check]:
    found: list[Check] = []
    for package in PACKAGES:
        module = f"app.domain.{package}.checks"
        if util.find_spec(module) is not None:
            found.extend(import_module(module).CHECKS)
    return found


CHECKS: list[Check] = _gather()
"""(sentence, function that answers the offending ids; run in the scope of everyone)."""
