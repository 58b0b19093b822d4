"""What a commitment was made of, and rehearsals of policies over it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import grant, lock

revision = "rehearsals"
down_revision = "notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("commitment", sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    for table in (
        "commitment",
        "order_line",
    ):  # the wall is forced, for the owner as well: lifted for one statement
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        UPDATE commitment c SET items = found.items FROM (
            SELECT l.order_id, jsonb_agg(jsonb_build_array(l.offer_id, s.product_id, p.family_id, p.category_id,
                p.vendor_id, l.quantity, CASE WHEN l.commitment_amount <> 0 THEN round(
                    (l.commitment_amount - l.cost_commitment_amount) / l.commitment_amount * 100, 2)::text END)) AS items
            FROM order_line l JOIN offer o ON o.id = l.offer_id JOIN sku s ON s.id = o.sku_id
                JOIN product p ON p.id = s.product_id
            GROUP BY l.order_id) AS found
        WHERE c.subject_type = 'order' AND c.subject_id = found.order_id""")
    for table in ("commitment", "order_line"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("started_by_name", sa.String(200), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_rehearsal_state_known")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_rehearsal_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_rehearsal_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_rehearsal_tenant_id_id")),
    )
    op.create_index(op.f("ix_rehearsal_account_id"), "rehearsal", ["account_id"])
    lock("rehearsal")
    grant("rehearsal")


def downgrade() -> None:
    op.drop_table("rehearsal")
    op.drop_column("commitment", "items")
