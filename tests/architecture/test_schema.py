"""What every table must have, read from the database itself, and the rights of the role that the application logs in with."""

import pytest

from app import models as _every_table  # noqa: F401
from app.core.db import db
from config.settings import APP_ROLE

TABLES = db.metadata.tables

WITHOUT_A_WALL = {
    "budget", "catalog_turn", "category", "family", "offer", "price_sheet", "price_sheet_issue",
    "price_sheet_part", "product", "program", "promotion_offer",
    "search_word", "sku", "tenant_host", "vendor", "vendor_price", "web_session",
}  # fmt: skip
"""Tables whose rows no tenant owns, or that are read before the tenant is known. Each says why in its `info`."""


def _walled() -> list[str]:
    return sorted(
        name for name, table in TABLES.items() if name not in WITHOUT_A_WALL and "tenant_id" in table.c
    )


def test_tables_without_a_wall_are_on_a_short_list_and_say_why():
    without = {
        name
        for name, table in TABLES.items()
        if table.info.get("wall") == "platform"
        or ("tenant_id" not in table.c and table.info.get("wall") != "self")
    }
    assert without == {name for name in WITHOUT_A_WALL if name in TABLES}
    for name in without:
        if "tenant_id" in TABLES[name].c:
            assert TABLES[name].info.get("why"), name


@pytest.mark.parametrize("name", [*_walled(), "tenant"])
def test_row_level_security_is_forced(database, name):
    enabled, forced = database.owner.execute(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", [f'"{name}"']
    ).fetchone()
    assert (enabled, forced) == (True, True)
    policies = database.owner.execute(
        "SELECT cmd, qual, coalesce(with_check, '') FROM pg_policies WHERE tablename = %s", [name]
    ).fetchall()
    assert [
        policy for policy in policies if "tenant_in_scope" in policy[1] and "tenant_in_scope" in policy[2]
    ]
    for command, rows, _ in policies:
        # besides the wall, some of the distributor's own rows may be read, and only read
        assert "tenant_in_scope" in rows or (command == "SELECT" and "tenant_id IS NULL" in rows)


@pytest.mark.parametrize("name", _walled())
def test_a_walled_parent_is_named_with_its_tenant(name):
    for key in TABLES[name].foreign_key_constraints:
        parent = key.referred_table
        if parent.name == "tenant" or parent.name in WITHOUT_A_WALL:
            continue
        columns = [column.name for column in key.columns]
        # `owner_id` is the tenant, or a constant for the distributor: worked out by the database, so it cannot be forged
        owner = TABLES[name].c.get("owner_id")
        by_owner = columns[0] == "owner_id" and owner is not None and owner.computed is not None
        assert columns[0] == "tenant_id" or by_owner, f"{name} names {parent.name} by {columns}"
        if "account_id" in parent.c and not parent.c.account_id.nullable and parent.name != "account":
            nullable = TABLES[name].c.get("account_id") is None or TABLES[name].c.account_id.nullable
            assert nullable or "account_id" in columns, f"{name} names {parent.name} without the account"


@pytest.mark.parametrize("name", _walled())
def test_a_walled_table_can_be_named_with_its_tenant(name):
    uniques = [
        [column.name for column in constraint.columns]
        for constraint in TABLES[name].constraints
        if type(constraint).__name__ == "UniqueConstraint"
    ]
    assert ["tenant_id", "id"] in uniques


def test_no_table_is_unknown_to_the_models(database):
    found = {
        row[0]
        for row in database.owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    }
    strangers = {name for name in found - set(TABLES) if not name.startswith("procrastinate_")}
    assert strangers == {"alembic_version"}


def test_the_applications_role_owns_nothing_and_bypasses_nothing(database):
    powers = database.owner.execute(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s",
        [APP_ROLE],
    ).fetchone()
    assert powers == (False, False, False, False)
    assert database.owner.execute(
        "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", [APP_ROLE]
    ).fetchone() == (0,)
    assert database.owner.execute(
        "SELECT count(*) FROM pg_proc WHERE proowner = %s::regrole", [APP_ROLE]
    ).fetchone() == (0,)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_applications_role_may_not_empty_a_table_nor_rewrite_what_is_append_only(database, name):
    def may(right: str) -> bool:
        return database.owner.execute(
            "SELECT has_table_privilege(%s, %s::regclass, %s)", [APP_ROLE, f'"{name}"', right]
        ).fetchone()[0]

    assert not may("TRUNCATE")
    assert not may("TRIGGER")
    assert not may("REFERENCES")
    if TABLES[name].info.get("append_only"):
        assert (may("UPDATE"), may("DELETE")) == (False, False)
        assert (may("SELECT"), may("INSERT")) == (True, True)
