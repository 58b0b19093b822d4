"""Rows that belong to a reseller or, without a tenant, to the distributor; and what a reseller may read of the latter."""

from uuid import UUID

from sqlalchemy import Computed, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import TenantOwned

NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"


class OwnedByEither(TenantOwned):
    """`tenant_id` is the reseller, or NULL for the distributor. `owner_id` is the same without NULLs.

    A foreign key of which one column is NULL is not checked at all, so children of the distributor's rows point at
    their parents by `owner_id`.
    """

    __abstract__ = True

    tenant_id: Mapped[UUID | None] = mapped_column(sort_order=-18)
    owner_id: Mapped[UUID] = mapped_column(
        Computed(f"coalesce(tenant_id, {NOBODY})", persisted=True), sort_order=-17
    )


def part_of(table: str, column: str) -> ForeignKeyConstraint:
    """A foreign key to a parent of the same owner, distributor included."""
    return ForeignKeyConstraint(["owner_id", column], [f"{table}.owner_id", f"{table}.id"])


def readable(table: str, rule: str) -> str:
    """A row-level policy: besides its own rows, a reseller may SELECT those of the distributor's for which `rule` holds."""
    return (
        f"CREATE POLICY what_the_distributor_asks_of_us ON {table} FOR SELECT"
        f" USING (tenant_id IS NULL AND {rule})"
    )


def in_a_book_of_ours(column: str) -> str:
    """For `readable`: the distributor's book in `column` is in force for the reseller in scope, or was, or will be.

    An array, so that PostgreSQL looks once per statement instead of once per row, however many resellers there are.
    """
    return f"{column} = ANY (ARRAY({_BOOKS_FOR_US}))"


FOR_US = (
    "(for_tenant_id IS NULL OR for_tenant_id = (SELECT tenant_in_scope()))"
    " AND (program_id IS NULL OR program_id = ANY"
    " (ARRAY(SELECT program_id FROM program_member WHERE tenant_id = (SELECT tenant_in_scope()))))"
)
"""Whether an assignment of the distributor's is for the reseller in scope: for everybody, by name, or through a program."""

_BOOKS_FOR_US = (
    f"SELECT book_id FROM price_book_assignment WHERE owner_id = {NOBODY}"  # noqa: S608 - constants
    f" AND {FOR_US}"
)
