"""Numbers that people see (`O-2026-000123`): per tenant, letter and year, without gaps, taken under a row lock."""

from uuid import UUID

from sqlalchemy import String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core import clock
from app.core.db import Model, TenantOwned, execute, wall
from app.core.ids import new_id


class Counter(TenantOwned, Model):
    """The last number given out for one letter and year."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(cls, UniqueConstraint("tenant_id", "letter", "year"))
    )

    letter: Mapped[str] = mapped_column(String(4))
    year: Mapped[int]
    last: Mapped[int]


_NEXT = text("""
    INSERT INTO counter (id, created_at, tenant_id, letter, year, last) VALUES (:id, :now, :tenant, :letter, :year, 1)
    ON CONFLICT (tenant_id, letter, year) DO UPDATE SET last = counter.last + 1 RETURNING last
""")


def next_number(tenant_id: UUID, letter: str) -> str:
    """The next number, e.g. `O-2026-000123`. Its row stays locked until the unit ends, so a rollback leaves no gap."""
    now = clock.now()
    values = {"id": new_id(), "now": now, "tenant": tenant_id, "letter": letter, "year": now.year}
    return f"{letter}-{now.year}-{execute(_NEXT, values).scalar_one():06d}"
