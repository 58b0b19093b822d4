"""What customers were told of prices that rise for what they run."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import grant, lock

revision = "price_notices"
down_revision = "margin_findings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "price_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("effective_at", instant, nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_price_notice"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_price_notice_tenant_id_id"),
        sa.UniqueConstraint("tenant_id", "account_id", "id", name="uq_price_notice_tenant_id_account_id_id"),
        sa.UniqueConstraint("version_id", "account_id", name="uq_price_notice_version_id_account_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name="fk_price_notice_tenant_id_account_id",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "version_id"],
            ["price_book_version.tenant_id", "price_book_version.id"],
            name="fk_price_notice_tenant_id_version_id",
        ),
    )
    op.create_index("ix_price_notice_account_id", "price_notice", ["account_id"])
    lock("price_notice", account=True)
    grant("price_notice", "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("price_notice")
