"""Identifiers. Rows are keyed by UUIDv7 (time-ordered, so indexes stay compact); people see numbers, not these."""

from uuid import UUID

import uuid_utils.compat as uuid_utils


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.uuid7()


def parse_id(text: str) -> UUID | None:
    """The UUID written in `text`, or None for anything else; never raises."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
