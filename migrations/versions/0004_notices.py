"""Notices in a bell, a reseller's own mail texts, and how each person wants to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import grant, lock

revision = "notices"
down_revision = "policies"
branch_labels = None
depends_on = None


def _head() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "person_id"],
        ["person.tenant_id", "person.id"],
        name=op.f(f"fk_{table}_tenant_id_person_id"),
    )


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f(f"uq_{table}_tenant_id_id")),
    ]


def upgrade() -> None:
    op.create_table(
        "notice",
        *_head(),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("mail_how", sa.String(length=10), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summarised_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "mail_how IN ('at_once', 'daily', 'never')", name=op.f("ck_notice_mail_how_known")
        ),
        sa.UniqueConstraint("event_id", "person_id", "kind", name=op.f("uq_notice_event_id_person_id_kind")),
        _person("notice"),
        *_keys("notice"),
    )
    op.create_index(op.f("ix_notice_person_id_created_at"), "notice", ["person_id", "created_at"])
    op.create_index("ix_notice_unread", "notice", ["person_id"], postgresql_where=sa.text("read_at IS NULL"))
    op.create_index(
        "ix_notice_daily",
        "notice",
        ["person_id"],
        postgresql_where=sa.text("mail_how = 'daily' AND summarised_at IS NULL"),
    )
    op.create_table(
        "mail_template",
        *_head(),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("from_name", sa.String(length=120), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column("bcc", sa.String(length=254), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("tenant_id", "kind", name=op.f("uq_mail_template_tenant_id_kind")),
        *_keys("mail_template"),
    )
    op.create_table(
        "mail_wording",
        *_head(),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "tenant_id", "kind", "language", name=op.f("uq_mail_wording_tenant_id_kind_language")
        ),
        *_keys("mail_wording"),
    )
    op.create_table(
        "recipient",
        *_head(),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("summary_hour", sa.Integer(), nullable=False),
        sa.Column("summarised_on", sa.Date(), nullable=True),
        sa.Column("refused_email", sa.String(length=254), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.CheckConstraint("summary_hour BETWEEN 0 AND 23", name=op.f("ck_recipient_hour_of_a_day")),
        sa.UniqueConstraint("person_id", name=op.f("uq_recipient_person_id")),
        _person("recipient"),
        *_keys("recipient"),
    )
    for name, length in (
        ("from_email", 254), ("reply_to", 254), ("bcc", 254), ("unsubscribe_host", 253), ("unsubscribe_group", 20),
    ):  # fmt: skip
        op.add_column("mail", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
        op.alter_column("mail", name, server_default=None)
    op.create_index("ix_mail_log", "mail", ["tenant_id", "created_at"])
    op.drop_constraint(op.f("ck_mail_state_known"), "mail")
    op.create_check_constraint(
        op.f("ck_mail_state_known"),
        "mail",
        "state IN ('queued', 'failed', 'sent', 'bounced', 'suppressed')",
    )
    for table in ("notice", "mail_template", "mail_wording", "recipient"):
        lock(table)
        grant(table)


def downgrade() -> None:
    raise NotImplementedError("forward only; restore from a backup")
