"""Resellers' requests to be let into vendors' programs."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import grant, lock

revision = "program_requests"
down_revision = "cloud_accounts"
branch_labels = None
depends_on = None

TABLES = ["program_request"]


def upgrade() -> None:
    op.create_table(
        "program_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("partner_number", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by_name", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_program_request_state_known"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_program_request_tenant_id")),
        sa.ForeignKeyConstraint(
            ["vendor_id", "program_id"],
            ["program.vendor_id", "program.id"],
            name=op.f("fk_program_request_vendor_id_program_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_request")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_program_request_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_program_request_tenant_id_number")),
    )
    op.create_index(
        "uq_program_request_pending",
        "program_request",
        ["tenant_id", "program_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    for table in ["program_request"]:
        lock(table)
        grant(table)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
