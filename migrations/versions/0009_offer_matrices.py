"""Price sheets and offer matrices are told apart."""

import sqlalchemy as sa
from alembic import op

revision = "offer_matrices"
down_revision = "price_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("price_sheet", sa.Column("kind", sa.String(10), nullable=False, server_default="prices"))
    op.alter_column("price_sheet", "kind", server_default=None)
    op.create_check_constraint(
        op.f("ck_price_sheet_kind_known"), "price_sheet", "kind IN ('prices', 'offers')"
    )
