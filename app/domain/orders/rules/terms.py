"""Which terms of sale a shop has in force. Every order keeps the version that was accepted, by whom, and when."""

from collections.abc import Mapping
from typing import Any

STANDARD = "standard-2026-01"


def terms_in_force(profile: Mapping[str, Any]) -> str:
    """The version of the reseller's own terms (`terms_version` in its profile), else of the standard ones."""
    return str(profile.get("terms_version") or STANDARD)
