"""Passes by which somebody of the reseller's is handed over to the shop, to see it as a customer."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import grant, lock

revision = "viewing_passes"
down_revision = "program_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "viewing_pass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_viewing_pass_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_viewing_pass_tenant_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_viewing_pass_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing_pass")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_viewing_pass_tenant_id_id")),
    )
    op.create_index(op.f("ix_viewing_pass_token_hash"), "viewing_pass", ["token_hash"], unique=True)
    lock("viewing_pass")
    grant("viewing_pass")


def downgrade() -> None:
    op.drop_table("viewing_pass")
