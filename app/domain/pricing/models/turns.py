"""What makes an exact cache key of prices possible: a count of changes per owner, and the instants at which prices turn.

Both are kept by triggers, so nothing that changes a price can forget them.
"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.db import Model, wall
from app.domain.pricing.models.owned import OwnedByEither, readable

NOTE_CHANGE = """
CREATE FUNCTION note_price_change(whose uuid) RETURNS void LANGUAGE sql AS $$
    -- the row stays locked until the change is committed: whoever reads the new count also sees the change
    INSERT INTO price_change_count (id, created_at, tenant_id, number)
    VALUES (gen_random_uuid(), now(), whose, 1)
    ON CONFLICT (owner_id) DO UPDATE SET number = price_change_count.number + 1
$$
"""
NOTE_TURNS = """
CREATE FUNCTION note_price_turns(whose uuid, instants timestamptz[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO price_turn (id, created_at, tenant_id, at)
    SELECT gen_random_uuid(), now(), whose, one FROM unnest(instants) AS one WHERE one IS NOT NULL
    ON CONFLICT (owner_id, at) DO NOTHING
$$
"""
# One function for several tables: each says with its trigger which of its columns are instants.
NOTE_DATED = """
CREATE FUNCTION note_dated_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
    FOR one IN EXECUTE format(
        'SELECT tenant_id, array_agg(DISTINCT at) AS instants'
        ' FROM (SELECT tenant_id, unnest(ARRAY[%I, %I]) AS at FROM fresh) AS dated GROUP BY tenant_id',
        TG_ARGV[0], TG_ARGV[1])
    LOOP
        PERFORM note_price_change(one.tenant_id);
        PERFORM note_price_turns(one.tenant_id, one.instants);
    END LOOP;
    RETURN NULL;
END $$
"""
NOTE_VERSION = """
CREATE FUNCTION note_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_price_change(NEW.tenant_id);
    PERFORM note_price_turns(NEW.tenant_id, NEW.effective_at || ARRAY(
        SELECT DISTINCT unnest(ARRAY[starts_at, ends_at]) FROM price_rule
        WHERE version_id = NEW.id AND (starts_at IS NOT NULL OR ends_at IS NOT NULL)));
    RETURN NULL;
END $$
"""
NOTE_PUBLISHED = """
CREATE TRIGGER note_published AFTER UPDATE OF published_at, withdrawn_at ON price_book_version
FOR EACH ROW WHEN (NEW.published_at IS NOT NULL) EXECUTE FUNCTION note_published_version()
"""


def noted(table: str, begins: str, ends: str) -> list[str]:
    """Triggers that count changes of `table` and note the instants in its two columns, which begin and end what it says."""
    return [
        f"CREATE TRIGGER note_{event.lower()} AFTER {event} ON {table} REFERENCING NEW TABLE AS fresh"
        f" FOR EACH STATEMENT EXECUTE FUNCTION note_dated_rows('{begins}', '{ends}')"
        for event in ("INSERT", "UPDATE")
    ]


class PriceChangeCount(OwnedByEither, Model):
    """How often an owner's assignments, published versions or rates have changed; grows with every committed change."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("owner_id"),
            info={
                "rights": "SELECT, INSERT, UPDATE",
                "after_create": [
                    readable("price_change_count", "true"),
                    NOTE_CHANGE,
                    NOTE_TURNS,
                    NOTE_DATED,
                    NOTE_VERSION,
                    *noted("price_book_assignment", "starts_at", "ends_at"),
                    *noted("exchange_rate", "effective_at", "ends_at"),
                    NOTE_PUBLISHED,
                ],
            },
        )
    )

    number: Mapped[int] = mapped_column(default=0)


class PriceTurn(OwnedByEither, Model):
    """An instant at which something of an owner's begins or ends to count: a version, a promotion, a book, a rate."""

    __table_args__ = declared_attr.directive(
        lambda cls: wall(
            cls,
            UniqueConstraint("owner_id", "at"),
            info={"append_only": True, "after_create": [readable("price_turn", "true")]},
        )
    )

    at: Mapped[datetime]
