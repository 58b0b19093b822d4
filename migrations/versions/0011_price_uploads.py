"""Files of price rules between being handed in and being taken over."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import grant, lock

revision = "price_uploads"
down_revision = "words"
branch_labels = None
depends_on = None

NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"


def upgrade() -> None:
    op.create_table(
        "price_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid()),
        sa.Column(
            "owner_id",
            sa.Uuid(),
            sa.Computed(f"coalesce(tenant_id, {NOBODY})", persisted=True),
            nullable=False,
        ),
        sa.Column("book_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_price_upload"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_price_upload_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_price_upload_tenant_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "book_id"],
            ["price_book.tenant_id", "price_book.id"],
            name="fk_price_upload_tenant_id_book_id",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["price_book.owner_id", "price_book.id"],
            name="fk_price_upload_owner_id_book_id",
        ),
        sa.CheckConstraint("kind IN ('rules', 'lines')", name="ck_price_upload_kind_known"),
    )
    lock("price_upload")
    grant("price_upload", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.drop_table("price_upload")
