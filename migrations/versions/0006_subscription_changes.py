"""Changes to subscriptions, what is booked for their renewals, and differences with the vendors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import grant, lock

revision = "subscription_changes"
down_revision = "rehearsals"
branch_labels = None
depends_on = None

TABLES = ["drift", "renewal_booking", "change_step", "subscription_change"]


def upgrade() -> None:
    op.add_column("subscription", sa.Column("repriced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("subscription", sa.Column("change_count", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "subscription_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("timing", sa.String(length=10), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("intent_id", sa.Uuid(), nullable=False),
        sa.Column("from_quantity", sa.Integer(), nullable=False),
        sa.Column("to_quantity", sa.Integer(), nullable=False),
        sa.Column("from_term", sa.String(length=3), nullable=False),
        sa.Column("to_term", sa.String(length=3), nullable=False),
        sa.Column("from_billing_plan", sa.String(length=10), nullable=False),
        sa.Column("to_billing_plan", sa.String(length=10), nullable=False),
        sa.Column("from_renews", sa.Boolean(), nullable=False),
        sa.Column("to_renews", sa.Boolean(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reduce_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_amount", sa.Numeric(precision=20, scale=8), nullable=False),
        sa.Column("due_amount", sa.Numeric(precision=20, scale=8), nullable=False),
        sa.Column("commitment_amount", sa.Numeric(precision=20, scale=8), nullable=False),
        sa.Column("cost_unit_amount", sa.Numeric(precision=20, scale=8), nullable=False),
        sa.Column("quote", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("arithmetic", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by_name", sa.String(length=200), nullable=False),
        sa.Column("is_on_behalf", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("approval_request_id", sa.Uuid(), nullable=True),
        sa.Column("approved_digest", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("conflict_quantity", sa.Integer(), nullable=True),
        sa.Column("applied_amount", sa.Numeric(precision=20, scale=8), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('seat_change', 'cancellation', 'renewal', 'term_change')",
            name=op.f("ck_subscription_change_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'on_hold', 'confirmed', 'in_progress', 'unknown', 'completed', 'failed', 'conflict', 'canceled')",
            name=op.f("ck_subscription_change_state_known"),
        ),
        sa.CheckConstraint("timing IN ('now', 'renewal')", name=op.f("ck_subscription_change_timing_known")),
        sa.CheckConstraint(
            "commitment_amount >= 0", name=op.f("ck_subscription_change_commitment_not_negative")
        ),
        sa.CheckConstraint(
            "from_quantity >= 0 AND to_quantity >= 0",
            name=op.f("ck_subscription_change_quantities_not_negative"),
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_subscription_change_offer_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id", "subscription_id"],
            ["subscription.tenant_id", "subscription.account_id", "subscription.id"],
            name=op.f("fk_subscription_change_tenant_id_account_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_subscription_change_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_change")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "id", name=op.f("uq_subscription_change_tenant_id_account_id_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_subscription_change_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "intent_id", name=op.f("uq_subscription_change_tenant_id_intent_id")
        ),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_subscription_change_tenant_id_number")),
    )
    op.create_index(
        op.f("ix_subscription_change_account_id"), "subscription_change", ["account_id"], unique=False
    )
    op.create_index(
        "ix_subscription_change_state",
        "subscription_change",
        ["tenant_id", "state", "requested_at"],
        unique=False,
    )
    op.create_index(
        "uq_subscription_change_open",
        "subscription_change",
        ["subscription_id", sa.literal_column("(kind = 'renewal')")],
        unique=True,
        postgresql_where=sa.text("state IN ('new', 'on_hold', 'confirmed', 'in_progress', 'unknown')"),
    )
    op.create_table(
        "change_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_change_id", sa.Uuid(), nullable=False),
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
            name=op.f("ck_change_step_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id", "subscription_change_id"],
            ["subscription_change.tenant_id", "subscription_change.account_id", "subscription_change.id"],
            name=op.f("fk_change_step_tenant_id_account_id_subscription_change_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_change_step_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_step")),
        sa.UniqueConstraint("key", name=op.f("uq_change_step_key")),
        sa.UniqueConstraint(
            "subscription_change_id", "name", name=op.f("uq_change_step_subscription_change_id_name")
        ),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "id", name=op.f("uq_change_step_tenant_id_account_id_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_change_step_tenant_id_id")),
    )
    op.create_index(op.f("ix_change_step_account_id"), "change_step", ["account_id"], unique=False)
    op.create_index("ix_change_step_state", "change_step", ["state", "created_at"], unique=False)
    op.create_table(
        "renewal_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_change_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(length=3), nullable=False),
        sa.Column("billing_plan", sa.String(length=10), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_renewal_booking_quantity_positive")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_renewal_booking_offer_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id", "subscription_change_id"],
            ["subscription_change.tenant_id", "subscription_change.account_id", "subscription_change.id"],
            name=op.f("fk_renewal_booking_tenant_id_account_id_subscription_change_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id", "subscription_id"],
            ["subscription.tenant_id", "subscription.account_id", "subscription.id"],
            name=op.f("fk_renewal_booking_tenant_id_account_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_renewal_booking_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_booking")),
        sa.UniqueConstraint("subscription_id", name=op.f("uq_renewal_booking_subscription_id")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "id", name=op.f("uq_renewal_booking_tenant_id_account_id_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_renewal_booking_tenant_id_id")),
    )
    op.create_index(op.f("ix_renewal_booking_account_id"), "renewal_booking", ["account_id"], unique=False)
    op.create_table(
        "drift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("aspect", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ours", sa.String(length=60), nullable=False),
        sa.Column("theirs", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("effect_amount", sa.Numeric(precision=20, scale=8), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "aspect IN ('quantity', 'state', 'auto_renewal', 'next_term', 'missing')",
            name=op.f("ck_drift_aspect_known"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'pushed', 'left', 'gone')", name=op.f("ck_drift_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id", "subscription_id"],
            ["subscription.tenant_id", "subscription.account_id", "subscription.id"],
            name=op.f("fk_drift_tenant_id_account_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_drift_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift")),
        sa.UniqueConstraint("tenant_id", "account_id", "id", name=op.f("uq_drift_tenant_id_account_id_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_drift_tenant_id_id")),
    )
    op.create_index(op.f("ix_drift_account_id"), "drift", ["account_id"], unique=False)
    op.create_index("ix_drift_state", "drift", ["tenant_id", "state", "found_at"], unique=False)
    op.create_index(
        "uq_drift_open",
        "drift",
        ["subscription_id", "aspect"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    for table in ["subscription_change", "change_step", "renewal_booking", "drift"]:
        lock(table, account=True)
        grant(table)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("subscription", "change_count")
    op.drop_column("subscription", "repriced_at")
