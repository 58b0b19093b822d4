"""Promotions of vendors, programs of resellers, settings of pricing, rounding by currency."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import grant, lock

revision = "promotions_and_programs"
down_revision = "0001"
branch_labels = None
depends_on = None

NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
FOR_US = (
    "(for_tenant_id IS NULL OR for_tenant_id = (SELECT tenant_in_scope()))"
    " AND (program_id IS NULL OR program_id = ANY"
    " (ARRAY(SELECT program_id FROM program_member WHERE tenant_id = (SELECT tenant_in_scope()))))"
)
IN_A_BOOK_OF_OURS = (
    "= ANY (ARRAY(SELECT book_id FROM price_book_assignment WHERE owner_id = " + NOBODY + f" AND {FOR_US}))"
)
THEIRS = {
    "price_book_assignment": FOR_US,
    "price_book": f"id {IN_A_BOOK_OF_OURS}",
    "price_book_version": f"published_at IS NOT NULL AND book_id {IN_A_BOOK_OF_OURS}",
    "price_rule": f"book_id {IN_A_BOOK_OF_OURS}",
}
OWNER = sa.Computed(f"coalesce(tenant_id, {NOBODY})", persisted=True)


def _when(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "program",
        sa.Column("id", sa.Uuid(), nullable=False),
        _when("created_at"),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_program"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="fk_program_vendor_id"),
        sa.UniqueConstraint("vendor_id", "name", name="uq_program_vendor_id_name"),
        sa.UniqueConstraint("vendor_id", "id", name="uq_program_vendor_id_id"),
    )
    grant("program", "SELECT, INSERT, UPDATE")
    op.create_table(
        "program_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        _when("created_at"),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        _when("starts_at"),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("added_by", sa.Uuid()),
        sa.Column("added_by_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_program_member"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_program_member_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_program_member_tenant_id"),
        sa.ForeignKeyConstraint(
            ["vendor_id", "program_id"],
            ["program.vendor_id", "program.id"],
            name="fk_program_member_vendor_id_program_id",
        ),
        sa.CheckConstraint("starts_at <= ends_at", name="ck_program_member_window_in_order"),
    )
    lock("program_member")
    grant("program_member", "SELECT, INSERT, UPDATE (ends_at)")
    op.execute(
        "ALTER TABLE program_member ADD CONSTRAINT one_program_per_vendor EXCLUDE USING gist"
        " (tenant_id WITH =, vendor_id WITH =, tstzrange(starts_at, ends_at) WITH &&)"
    )
    _noted("program_member", "starts_at", "ends_at")

    op.create_table(
        "promotion",
        sa.Column("id", sa.Uuid(), nullable=False),
        _when("created_at"),
        sa.Column("tenant_id", sa.Uuid()),
        sa.Column("owner_id", sa.Uuid(), OWNER, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(80, collation="C"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("percent", sa.Numeric(7, 4), nullable=False),
        _when("starts_at"),
        _when("ends_at"),
        sa.Column("min_quantity", sa.Integer(), nullable=False),
        sa.Column("max_quantity", sa.Integer()),
        sa.Column("entered_by", sa.Uuid()),
        sa.Column("entered_by_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_promotion"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_promotion_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_promotion_tenant_id"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="fk_promotion_vendor_id"),
        sa.UniqueConstraint("vendor_id", "code", "starts_at", name="uq_promotion_vendor_id_code_starts_at"),
        sa.CheckConstraint("tenant_id IS NULL", name="ck_promotion_promotions_are_the_distributors"),
        sa.CheckConstraint("percent > 0 AND percent < 100", name="ck_promotion_percent_possible"),
        sa.CheckConstraint("starts_at <= ends_at", name="ck_promotion_window_in_order"),
        sa.CheckConstraint("min_quantity >= 1", name="ck_promotion_min_quantity_positive"),
        sa.CheckConstraint("max_quantity >= min_quantity", name="ck_promotion_quantities_in_order"),
    )
    lock("promotion")
    grant("promotion", "SELECT, INSERT, UPDATE (ends_at)")
    op.execute(
        "CREATE POLICY what_the_distributor_asks_of_us ON promotion FOR SELECT USING (tenant_id IS NULL AND true)"
    )
    _noted("promotion", "starts_at", "ends_at")
    op.create_table(
        "promotion_offer",
        sa.Column("promotion_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("promotion_id", "offer_id", name="pk_promotion_offer"),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name="fk_promotion_offer_promotion_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_promotion_offer_offer_id"),
    )
    op.create_index("ix_promotion_offer_offer_id", "promotion_offer", ["offer_id"])
    grant("promotion_offer", "SELECT, INSERT")

    op.create_table(
        "pricing_setting",
        sa.Column("id", sa.Uuid(), nullable=False),
        _when("created_at"),
        sa.Column("tenant_id", sa.Uuid()),
        sa.Column("owner_id", sa.Uuid(), OWNER, nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("running_terms", sa.String(10), nullable=False),
        sa.Column("monthly_terms", sa.String(10), nullable=False),
        sa.Column("guard", sa.String(10), nullable=False),
        sa.Column("least_margin_percent", sa.Numeric(7, 4)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pricing_setting"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_pricing_setting_tenant_id_id"),
        sa.UniqueConstraint("owner_id", name="uq_pricing_setting_owner_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_pricing_setting_tenant_id"),
        sa.CheckConstraint("notice_days BETWEEN 0 AND 365", name="ck_pricing_setting_notice_possible"),
        sa.CheckConstraint(
            "running_terms IN ('renewal', 'period')", name="ck_pricing_setting_running_terms_known"
        ),
        sa.CheckConstraint(
            "monthly_terms IN ('period', 'kept')", name="ck_pricing_setting_monthly_terms_known"
        ),
        sa.CheckConstraint("guard IN ('list', 'approval', 'closed')", name="ck_pricing_setting_guard_known"),
        sa.CheckConstraint(
            "least_margin_percent >= 0 AND least_margin_percent < 100",
            name="ck_pricing_setting_least_margin_possible",
        ),
    )
    lock("pricing_setting")
    grant("pricing_setting")

    op.add_column("price_book", sa.Column("running_terms", sa.String(10)))
    op.add_column("price_book", sa.Column("monthly_terms", sa.String(10)))
    op.create_check_constraint(
        op.f("ck_price_book_running_terms_known"), "price_book", "running_terms IN ('renewal', 'period')"
    )
    op.create_check_constraint(
        op.f("ck_price_book_monthly_terms_known"), "price_book", "monthly_terms IN ('period', 'kept')"
    )
    grant("price_book", "UPDATE (running_terms, monthly_terms)")
    op.add_column(
        "price_book_version",
        sa.Column("passes_promotions", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.alter_column("price_book_version", "passes_promotions", server_default=None)
    op.add_column(
        "price_rule",
        sa.Column("roundings", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
    )
    op.alter_column("price_rule", "roundings", server_default=None)
    op.create_check_constraint(
        op.f("ck_price_rule_roundings_by_currency"), "price_rule", "jsonb_typeof(roundings) = 'object'"
    )

    op.add_column("price_book_assignment", sa.Column("program_id", sa.Uuid()))
    op.create_foreign_key(
        "fk_price_book_assignment_vendor_id_program_id",
        "price_book_assignment",
        "program",
        ["vendor_id", "program_id"],
        ["vendor_id", "id"],
    )
    op.create_check_constraint(
        op.f("ck_price_book_assignment_programs_are_the_distributors"),
        "price_book_assignment",
        "program_id IS NULL OR (tenant_id IS NULL AND for_tenant_id IS NULL AND vendor_id IS NOT NULL)",
    )
    op.execute("ALTER TABLE price_book_assignment DROP CONSTRAINT one_book_at_a_time")
    op.execute(
        "ALTER TABLE price_book_assignment ADD CONSTRAINT one_book_at_a_time EXCLUDE USING gist (owner_id WITH =,"
        + "".join(
            f" (coalesce({column}, {NOBODY})) WITH =,"
            for column in ("for_tenant_id", "account_id", "vendor_id", "subscription_id", "program_id")
        )
        + " tstzrange(starts_at, ends_at) WITH &&)"
    )
    for table, rule in THEIRS.items():
        op.execute(f"DROP POLICY what_the_distributor_asks_of_us ON {table}")
        op.execute(
            f"CREATE POLICY what_the_distributor_asks_of_us ON {table} FOR SELECT USING (tenant_id IS NULL AND {rule})"
        )


def _noted(table: str, begins: str, ends: str) -> None:
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER note_{event.lower()} AFTER {event} ON {table} REFERENCING NEW TABLE AS fresh"
            f" FOR EACH STATEMENT EXECUTE FUNCTION note_dated_rows('{begins}', '{ends}')"
        )


def downgrade() -> None:
    raise NotImplementedError("a version that knows promotions is not taken back")
