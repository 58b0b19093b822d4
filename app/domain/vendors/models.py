"""What is kept about one call that changes something at a vendor (the tables that hold such calls are their owners'), and
resellers' requests to be let into a vendor's program.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, TenantOwned, Versioned, wall
from app.core.states import Machine

PROGRAM_REQUEST = Machine(
    "request",
    {"pending": ["approved", "refused", "withdrawn"], "approved": [], "refused": [], "withdrawn": []},
)

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


class ProgramRequest(TenantOwned, Versioned, Model):
    """A reseller asks the distributor to be let into a vendor's program; one at a time for each program.

    `partner_number` is what the vendor calls the reseller; `reference` what the distributor adds when it decides.
    """

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            PROGRAM_REQUEST.check(),
            ForeignKeyConstraint(["vendor_id", "program_id"], ["program.vendor_id", "program.id"]),
            UniqueConstraint("tenant_id", "number"),
            Index(
                "uq_program_request_pending",
                "tenant_id",
                "program_id",
                unique=True,
                postgresql_where=text("state = 'pending'"),
            ),
        )
    )

    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="pending")
    vendor_id: Mapped[UUID]
    program_id: Mapped[UUID]
    partner_number: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(Text, default="")
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[UUID]
    requested_by_name: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str] = mapped_column(String(200), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    reference: Mapped[str] = mapped_column(String(60), default="")
