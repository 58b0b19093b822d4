"""Policies as sentences with steps, working days, delegations, questions, offers to approve less, and saved views."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import grant, lock

revision = "policies"
down_revision = "promotions_and_programs"
branch_labels = None
depends_on = None

TRIGGERS = "'always', 'order_total', 'window_spend', 'selection', 'quantity', 'first_order', 'margin_under', 'change'"
NEW = ["saved_view", "calendar", "approval_proposal", "approval_message", "delegation"]

STANDING_IN = """
-- people who are away and in whose place `who` decides on this day; chains are followed three links far, circles are not
CREATE FUNCTION stood_in_for(who uuid, today date) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain(id, depth, path) AS (
        SELECT d.person_id, 1, ARRAY[who, d.person_id]
        FROM delegation d JOIN person p ON p.id = d.person_id AND p.is_active
        WHERE d.delegate_id = who AND today BETWEEN d.starts_on AND d.ends_on
        UNION ALL
        SELECT d.person_id, c.depth + 1, c.path || d.person_id
        FROM chain c JOIN delegation d ON d.delegate_id = c.id AND today BETWEEN d.starts_on AND d.ends_on
            JOIN person p ON p.id = d.person_id AND p.is_active
        WHERE c.depth < 3 AND d.person_id <> ALL (c.path)
    )
    SELECT jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'email', p.email, 'roles', p.roles) ORDER BY p.name)
    FROM person p WHERE p.id IN (SELECT id FROM chain)
$$;

-- the other way round: who decides in the place of these people on this day
CREATE FUNCTION standing_in(people uuid[], today date) RETURNS TABLE (person_id uuid, for_id uuid)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain(id, for_id, depth, path) AS (
        SELECT d.delegate_id, d.person_id, 1, ARRAY[d.person_id, d.delegate_id]
        FROM delegation d JOIN person p ON p.id = d.delegate_id AND p.is_active
        WHERE d.person_id = ANY (people) AND today BETWEEN d.starts_on AND d.ends_on
        UNION ALL
        SELECT d.delegate_id, c.for_id, c.depth + 1, c.path || d.delegate_id
        FROM chain c JOIN delegation d ON d.person_id = c.id AND today BETWEEN d.starts_on AND d.ends_on
            JOIN person p ON p.id = d.delegate_id AND p.is_active
        WHERE c.depth < 3 AND d.delegate_id <> ALL (c.path)
    )
    SELECT DISTINCT id, for_id FROM chain
$$;
"""


def _keyed(table: str, *columns: sa.Column, account: bool = False, extra: tuple = ()) -> None:
    """A walled table with its keys."""
    owner = [sa.Column("account_id", sa.Uuid(), nullable=False)] if account else []
    keys: list = [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f(f"uq_{table}_tenant_id_id")),
    ]
    if account:
        keys += [
            sa.UniqueConstraint(
                "tenant_id", "account_id", "id", name=op.f(f"uq_{table}_tenant_id_account_id_id")
            ),
            sa.ForeignKeyConstraint(
                ["tenant_id", "account_id"],
                ["account.tenant_id", "account.id"],
                name=op.f(f"fk_{table}_tenant_id_account_id"),
            ),
        ]
    else:
        keys.append(sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")))
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *owner,
        *columns,
        *keys,
        *extra,
    )
    if account:
        op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])
    lock(table, account=account)


def _request(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "account_id", "approval_request_id"],
        ["approval_request.tenant_id", "approval_request.account_id", "approval_request.id"],
        name=op.f(f"fk_{table}_tenant_id_account_id_approval_request_id"),
    )


def _person(table: str, column: str = "person_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], ["person.tenant_id", "person.id"], name=op.f(f"fk_{table}_tenant_id_{column}")
    )


def upgrade() -> None:
    _policies()
    _requests()
    _keyed(
        "delegation",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        extra=(
            _person("delegation"),
            _person("delegation", "delegate_id"),
            sa.CheckConstraint("person_id <> delegate_id", name=op.f("ck_delegation_somebody_else")),
            sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_delegation_in_order")),
        ),
    )
    op.create_index(op.f("ix_delegation_person_id"), "delegation", ["person_id"])
    op.create_index(op.f("ix_delegation_delegate_id"), "delegation", ["delegate_id"])
    grant("delegation")
    _keyed(
        "approval_message",
        sa.Column("approval_request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("realm", sa.String(20), nullable=False),
        account=True,
        extra=(
            _request("approval_message"),
            sa.CheckConstraint("kind IN ('question', 'answer')", name=op.f("ck_approval_message_kind_known")),
        ),
    )
    op.create_index(
        op.f("ix_approval_message_approval_request_id"), "approval_message", ["approval_request_id"]
    )
    grant("approval_message", "SELECT, INSERT")
    _keyed(
        "approval_proposal",
        sa.Column("approval_request_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("quantities", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_name", sa.String(200), nullable=False),
        account=True,
        extra=(
            _request("approval_proposal"),
            sa.CheckConstraint(
                "state IN ('open', 'accepted', 'declined', 'lapsed')",
                name=op.f("ck_approval_proposal_state_known"),
            ),
        ),
    )
    op.create_index(
        op.f("ix_approval_proposal_approval_request_id"), "approval_proposal", ["approval_request_id"]
    )
    op.create_index(
        "uq_approval_proposal_open",
        "approval_proposal",
        ["approval_request_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    grant("approval_proposal", "SELECT, INSERT, UPDATE")
    _keyed(
        "calendar",
        sa.Column("weekdays", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("holidays", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        extra=(
            sa.UniqueConstraint("tenant_id", name=op.f("uq_calendar_tenant_id")),
            sa.CheckConstraint(
                "weekdays <@ '{0,1,2,3,4,5,6}' AND cardinality(weekdays) > 0",
                name=op.f("ck_calendar_weekdays_known"),
            ),
        ),
    )
    grant("calendar", "SELECT, INSERT, UPDATE")
    _keyed(
        "saved_view",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(500), nullable=False),
        extra=(
            _person("saved_view"),
            sa.UniqueConstraint("person_id", "name", name=op.f("uq_saved_view_person_id_name")),
        ),
    )
    grant("saved_view")
    op.execute(STANDING_IN)


def _policies() -> None:
    op.add_column("policy", sa.Column("layer", sa.String(20), nullable=False, server_default="reseller"))
    op.alter_column("policy", "layer", server_default=None)
    op.add_column("policy", sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("policy", sa.Column("draft_saved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "policy", sa.Column("draft_saved_by_name", sa.String(200), nullable=False, server_default="")
    )
    op.alter_column("policy", "draft_saved_by_name", server_default=None)
    op.create_check_constraint(op.f("ck_policy_layer_known"), "policy", "layer IN ('reseller', 'customer')")
    op.create_check_constraint(
        op.f("ck_policy_layer_fits"), "policy", "layer = 'reseller' OR account_id IS NOT NULL"
    )
    op.drop_index("uq_policy_account", "policy")
    op.create_index(
        "uq_policy_account",
        "policy",
        ["tenant_id", "account_id", "layer"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.add_column(
        "policy_version", sa.Column("is_lifted", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("policy_version", "is_lifted", server_default=None)

    op.add_column("policy_rule", sa.Column("period", sa.String(10), nullable=True))
    op.add_column("policy_rule", sa.Column("selects", sa.String(10), nullable=True))
    op.add_column("policy_rule", sa.Column("selects_id", sa.Uuid(), nullable=True))
    op.add_column("policy_rule", sa.Column("selects_name", sa.String(200), nullable=False, server_default=""))
    op.alter_column("policy_rule", "selects_name", server_default=None)
    op.add_column("policy_rule", sa.Column("quantity", sa.Integer(), nullable=True))
    op.add_column("policy_rule", sa.Column("percent", sa.Numeric(20, 8), nullable=True))
    op.add_column("policy_rule", sa.Column("subject_type", sa.String(20), nullable=True))
    op.add_column("policy_rule", sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    # the wall is forced, for the owner of the tables as well: lifted for this one statement
    op.execute("ALTER TABLE policy_rule NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE policy_rule SET steps = jsonb_build_array("
        "jsonb_build_object('asks', asks, 'role', role, 'days', expires_after_days))"
    )
    op.execute("ALTER TABLE policy_rule FORCE ROW LEVEL SECURITY")
    op.alter_column("policy_rule", "steps", nullable=False)
    for name in ("trigger_known", "asks_known", "complete", "in_range"):
        op.drop_constraint(op.f(f"ck_policy_rule_{name}"), "policy_rule")
    for column in ("asks", "role", "expires_after_days"):
        op.drop_column("policy_rule", column)
    for name, rule in (
        ("trigger_known", f"trigger IN ({TRIGGERS})"),
        (
            "complete",
            (
                "(trigger IN ('order_total', 'window_spend')) = (amount IS NOT NULL)"
                " AND (amount IS NULL) = (currency IS NULL)"
                " AND (trigger = 'window_spend') = (num_nonnulls(window_days, period) = 1)"
                " AND num_nonnulls(window_days, period) < 2"
                " AND (selects IS NULL) = (selects_id IS NULL)"
                " AND (trigger <> 'selection' OR selects IS NOT NULL)"
                " AND (trigger IN ('selection', 'quantity', 'margin_under') OR selects IS NULL)"
                " AND (trigger = 'quantity') = (quantity IS NOT NULL)"
                " AND (trigger = 'margin_under') = (percent IS NOT NULL)"
                " AND (trigger = 'change') = (subject_type IS NOT NULL)"
            ),
        ),
        ("in_range", "amount >= 0 AND window_days > 0 AND quantity >= 0 AND percent BETWEEN -100 AND 100"),
        ("period_known", "period IN ('month', 'quarter')"),
        ("selects_known", "selects IN ('vendor', 'family', 'category', 'product', 'offer')"),
        ("subject_type_known", "subject_type IN ('seat_change', 'renewal', 'cancellation', 'term_change')"),
        ("asks_somebody", "jsonb_array_length(steps) BETWEEN 1 AND 5"),
    ):
        op.create_check_constraint(op.f(f"ck_policy_rule_{name}"), "policy_rule", rule)


def _requests() -> None:
    op.add_column("approval_request", sa.Column("asked_ids", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.add_column("approval_request", sa.Column("step_began_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("approval_request", sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "approval_request", sa.Column("buyer_reminded_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "approval_request", sa.Column("is_sent_back", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("approval_request", "is_sent_back", server_default=None)
    op.execute("ALTER TABLE approval_request NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE approval_request SET step_began_at = created_at")
    op.execute("ALTER TABLE approval_request FORCE ROW LEVEL SECURITY")
    op.alter_column("approval_request", "step_began_at", nullable=False)
    op.create_index(
        "ix_approval_request_reminder",
        "approval_request",
        ["remind_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_approval_request_closed", "approval_request", ["tenant_id", "closed_at"])
    op.add_column("decision", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("decision", "place", server_default=None)
    op.add_column("decision", sa.Column("for_person_id", sa.Uuid(), nullable=True))
    op.add_column("decision", sa.Column("for_person_name", sa.String(200), nullable=False, server_default=""))
    op.alter_column("decision", "for_person_name", server_default=None)
    op.drop_constraint(op.f("uq_decision_approval_request_id_step"), "decision")
    op.create_unique_constraint(
        op.f("uq_decision_approval_request_id_step_place"),
        "decision",
        ["approval_request_id", "step", "place"],
    )


def downgrade() -> None:
    raise NotImplementedError("published policies with several steps do not fit into the tables of before")
