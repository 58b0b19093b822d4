"""Numbers that people see (`O-2026-000123`): per tenant, letter and year, without gaps, taken under a row lock."""

from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core import clock
from app.core.db import Model, TenantOwned, session, wall


class Counter(TenantOwned, Model):
    """The last number given out for one letter and year."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(cls, UniqueConstraint("tenant_id", "letter", "year"))
    )

    letter: Mapped[str] = mapped_column(String(4))
    year: Mapped[int]
    last: Mapped[int]


def next_number(tenant_id: UUID, letter: str) -> str:
    """The next number, e.g. `O-2026-000123`. Its row stays locked until the unit ends, so a rollback leaves no gap."""
    year = clock.now().year
    statement = (
        insert(Counter)
        .values(tenant_id=tenant_id, letter=letter, year=year, last=1)
        .on_conflict_do_update(
            index_elements=["tenant_id", "letter", "year"], set_={"last": Counter.last + 1}
        )
        .returning(Counter.last)
    )
    return f"{letter}-{year}-{session().execute(statement).scalar_one():06d}"
