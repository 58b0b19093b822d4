"""What migrations say about tables: who owns the rows (`own`, `lock`) and what the application's role may do (`grant`).

Lock 3 of the tenant wall: row-level security, enabled and forced, with an explicit WITH CHECK. The scope is a
transaction-local setting; a transaction that never set it gets an error, not an empty answer.
"""

from alembic import op

from config.settings import APP_ROLE

PRELUDE = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE FUNCTION tenant_in_scope() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE scope text := current_setting('awning.scope', true);
BEGIN
    -- after SET LOCAL has ended the setting is '', not NULL
    IF scope IS NULL OR scope = '' THEN
        RAISE EXCEPTION 'no scope was entered' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF scope = 'everyone' THEN RETURN NULL; END IF;
    RETURN scope::uuid;
END $$;

CREATE FUNCTION everyone_in_scope() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT current_setting('awning.scope', true) = 'everyone' $$;

CREATE FUNCTION account_in_scope() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('awning.account', true), '')::uuid $$;

-- unaccent() is only STABLE, because its dictionary can be changed; ours never is, so an index may use it
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT lower(public.unaccent('public.unaccent', $1)) $$;
"""


def prelude() -> None:
    """Extensions and the functions that policies and indexes use; first of all migrations."""
    op.execute(PRELUDE)
    op.execute(f'GRANT USAGE ON SCHEMA public TO "{APP_ROLE}"')


def lock(table: str, *, account: bool = False, column: str = "tenant_id") -> None:
    """Forces row-level security on `table`: rows of the tenant in scope only (of the account in scope, for `account`)."""
    # the sub-selects make PostgreSQL ask once per statement instead of once per row
    rule = f"{column} = (SELECT tenant_in_scope()) OR (SELECT everyone_in_scope())"
    if account:
        rule = (
            f"({rule}) AND ((SELECT account_in_scope()) IS NULL OR account_id = (SELECT account_in_scope()))"
        )
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY wall ON "{table}" USING ({rule}) WITH CHECK ({rule})')


def grant(table: str, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """What the application's role may do with `table`. Append-only tables get SELECT, INSERT."""
    op.execute(f'GRANT {rights} ON "{table}" TO "{APP_ROLE}"')


def job_queue() -> None:
    """Procrastinate's tables, as its package ships them, with the rights its worker needs."""
    from procrastinate.schema import SchemaManager

    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute(f"""
        DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT tablename FROM pg_tables
                        WHERE schemaname = 'public' AND tablename LIKE 'procrastinate\\_%' LOOP
                EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO "{APP_ROLE}"', name);
            END LOOP;
            FOR name IN SELECT sequencename FROM pg_sequences
                        WHERE schemaname = 'public' AND sequencename LIKE 'procrastinate\\_%' LOOP
                EXECUTE format('GRANT USAGE ON SEQUENCE %I TO "{APP_ROLE}"', name);
            END LOOP;
        END $$""")
