"""What is done at a vendor for one order line, step by step, under a key that is committed before the first call."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import AccountOwned, Model, owned_by, wall
from app.core.states import Machine

STEP = Machine(
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


class ProvisioningStep(AccountOwned, Model):
    """`purchase` buys the line; `activation` reads it back until the vendor says that it is usable.

    While `calling`, nobody else may act before `lease_until`, which lies beyond the longest time the call can still be
    working at the vendor. `needs_person_since` marks what no machine may settle.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            STEP.check(),
            owned_by("order", account=True),
            owned_by("order_line", account=True),
            UniqueConstraint("order_line_id", "name"),
            UniqueConstraint("key"),
            Index("ix_provisioning_step_state", "state", "created_at"),
        )
    )

    order_id: Mapped[UUID]
    order_line_id: Mapped[UUID]
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
