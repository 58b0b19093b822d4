"""Accounts that customers have at vendors, and requests for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import grant, lock

revision = "cloud_accounts"
down_revision = "sender_domains"
branch_labels = None
depends_on = None

TABLES = ["cloud_account_step", "cloud_account_request", "cloud_account"]


def upgrade() -> None:
    op.create_table(
        "cloud_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_account_id", sa.String(length=120), nullable=False),
        sa.Column("domain", sa.String(length=120), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'closed')", name=op.f("ck_cloud_account_state_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_cloud_account_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_cloud_account_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_account")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "id", name=op.f("uq_cloud_account_tenant_id_account_id_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_cloud_account_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_cloud_account_tenant_id_number")),
    )
    op.create_index(op.f("ix_cloud_account_account_id"), "cloud_account", ["account_id"], unique=False)
    op.create_index(
        "uq_cloud_account_active",
        "cloud_account",
        ["tenant_id", "vendor_id", "vendor_account_id"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "cloud_account_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("cloud_account_id", sa.Uuid(), nullable=True),
        sa.Column("vendor_account_id", sa.String(length=120), nullable=False),
        sa.Column("domain", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.String(length=60), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("intent_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by_name", sa.String(length=200), nullable=False),
        sa.Column("is_on_behalf", sa.Boolean(), nullable=False),
        sa.Column("approval_request_id", sa.Uuid(), nullable=True),
        sa.Column("approved_digest", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'deletion') = (cloud_account_id IS NOT NULL)",
            name=op.f("ck_cloud_account_request_deletion_names_it"),
        ),
        sa.CheckConstraint(
            "kind IN ('provision', 'link', 'deletion')", name=op.f("ck_cloud_account_request_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('new', 'on_hold', 'confirmed', 'in_progress', 'unknown', 'completed', 'failed', 'canceled')",
            name=op.f("ck_cloud_account_request_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id", "cloud_account_id"],
            ["cloud_account.tenant_id", "cloud_account.account_id", "cloud_account.id"],
            name=op.f("fk_cloud_account_request_tenant_id_account_id_cloud_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_cloud_account_request_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_cloud_account_request_vendor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_account_request")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "id", name=op.f("uq_cloud_account_request_tenant_id_account_id_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_cloud_account_request_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "intent_id", name=op.f("uq_cloud_account_request_tenant_id_intent_id")
        ),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_cloud_account_request_tenant_id_number")),
    )
    op.create_index(
        op.f("ix_cloud_account_request_account_id"), "cloud_account_request", ["account_id"], unique=False
    )
    op.create_index(
        "ix_cloud_account_request_state",
        "cloud_account_request",
        ["tenant_id", "state", "requested_at"],
        unique=False,
    )
    op.create_table(
        "cloud_account_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("cloud_account_request_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("client_reference", sa.String(length=60), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("first_called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_person_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('ready', 'calling', 'unknown', 'done', 'failed')",
            name=op.f("ck_cloud_account_step_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id", "cloud_account_request_id"],
            [
                "cloud_account_request.tenant_id",
                "cloud_account_request.account_id",
                "cloud_account_request.id",
            ],
            name=op.f("fk_cloud_account_step_tenant_id_account_id_cloud_account_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_cloud_account_step_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_account_step")),
        sa.UniqueConstraint(
            "cloud_account_request_id",
            "name",
            name=op.f("uq_cloud_account_step_cloud_account_request_id_name"),
        ),
        sa.UniqueConstraint("key", name=op.f("uq_cloud_account_step_key")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "id", name=op.f("uq_cloud_account_step_tenant_id_account_id_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_cloud_account_step_tenant_id_id")),
    )
    op.create_index(
        op.f("ix_cloud_account_step_account_id"), "cloud_account_step", ["account_id"], unique=False
    )
    for table in ["cloud_account", "cloud_account_request", "cloud_account_step"]:
        lock(table, account=True)
        grant(table)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
