"""What is kept about one call that changes something at a vendor. The tables that hold such calls are their owners'."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.states import Machine

CALL = Machine(
    "provisioning step",
    {
        "ready": ["calling", "failed"],
        "calling": [
            "calling",
            "ready",
            "done",
            "unknown",
            "failed",
        ],  # calling again: the lease of a dead worker
        "unknown": ["calling", "unknown", "done", "failed"],
        "done": [],
        "failed": [],
    },
)


class VendorCall:
    """Columns of a call under a key that is committed before it is first made.

    While `calling`, nobody else may act before `lease_until`, which lies beyond the longest time the call can still be
    working at the vendor. `needs_person_since` marks what no machine may settle.
    """

    name: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="ready")
    key: Mapped[UUID]
    client_reference: Mapped[str] = mapped_column(String(60))
    attempt: Mapped[int] = mapped_column(default=0)
    checks: Mapped[int] = mapped_column(default=0)  # look-ups made while unknown
    first_called_at: Mapped[datetime | None]
    last_called_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    needs_person_since: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None]
    error: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None]
