"""What the margin guard found."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import grant, lock

revision = "margin_findings"
down_revision = "subscription_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "margin_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("book_id", sa.Uuid()),
        sa.Column("currency", sa.String(3, collation="C"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Numeric(20, 8), nullable=False),
        sa.Column("unit_cost", sa.Numeric(20, 8), nullable=False),
        sa.Column("least_price", sa.Numeric(20, 8), nullable=False),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("accepted_until", instant),
        sa.Column("decided_at", instant),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_by_name", sa.String(200), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("resolved_at", instant),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_margin_finding"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_margin_finding_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_margin_finding_tenant_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_margin_finding_offer_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "book_id"],
            ["price_book.tenant_id", "price_book.id"],
            name="fk_margin_finding_tenant_id_book_id",
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'closed', 'resolved')", name="ck_margin_finding_state_known"
        ),
        sa.CheckConstraint(
            "reason IN ('under_cost', 'under_margin', 'at_floor')", name="ck_margin_finding_reason_known"
        ),
        sa.CheckConstraint(
            "cause IN ('price_sheet', 'exchange_rate', 'promotion', 'distributors_book', 'price_book',"
            " 'setting', 'night')",
            name="ck_margin_finding_cause_known",
        ),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL)", name="ck_margin_finding_resolved_when"
        ),
    )
    op.create_index(
        "one_finding_per_line",
        "margin_finding",
        [
            "tenant_id",
            "offer_id",
            sa.text("(coalesce(book_id, '00000000-0000-0000-0000-000000000000'::uuid))"),
            "currency",
        ],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_index("ix_margin_finding_state", "margin_finding", ["tenant_id", "state"])
    lock("margin_finding")
    grant("margin_finding")


def downgrade() -> None:
    op.drop_table("margin_finding")
