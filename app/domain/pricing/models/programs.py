"""Vendors' programs, and which resellers belong to them: the distributor prices by program as well as by reseller."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Keyed, Model, TenantOwned, wall
from app.domain.pricing.models.turns import noted

ONE_AT_A_TIME = (
    "ALTER TABLE program_member ADD CONSTRAINT one_program_per_vendor EXCLUDE USING gist"
    " (tenant_id WITH =, vendor_id WITH =, tstzrange(starts_at, ends_at) WITH &&)"
)


class Program(Keyed, Model):
    """A vendor's program as the distributor runs it ("CSP Direct", "Solution Provider Gold"). Names only, no terms."""

    __table_args__ = (
        UniqueConstraint("vendor_id", "name"),
        UniqueConstraint("vendor_id", "id"),
        {"info": {"rights": "SELECT, INSERT, UPDATE"}},
    )

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    name: Mapped[str] = mapped_column(String(120))


class ProgramMember(TenantOwned, Model):
    """A reseller in a program, over a half-open window; in one program per vendor at a time."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            ForeignKeyConstraint(["vendor_id", "program_id"], ["program.vendor_id", "program.id"]),
            CheckConstraint("starts_at <= ends_at", name="window_in_order"),
            info={
                "updatable": ["ends_at"],
                "after_create": [ONE_AT_A_TIME, *noted("program_member", "starts_at", "ends_at")],
            },
        )
    )

    program_id: Mapped[UUID]
    vendor_id: Mapped[UUID]  # the program's
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    added_by: Mapped[UUID | None]
    added_by_name: Mapped[str] = mapped_column(String(200), default="")
