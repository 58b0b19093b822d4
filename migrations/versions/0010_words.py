"""Words that a reseller renames in its shop."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "words"
down_revision = "offer_matrices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "tenant",
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}"),
    )
    op.alter_column("tenant", "words", server_default=None)


def downgrade() -> None:
    op.drop_column("tenant", "words")
