"""The tenant wall (promise P14): five locks, each with its mutant: the same breach, tried with that lock off, succeeds.

Where row-level security would catch what an inner lock missed, it is switched off for the table, so that each lock is
tried alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from app.core import db as wall
from app.core.db import session
from app.core.ids import new_id
from app.core.scope import NoScope, WrongScope
from app.core.unit import enter
from app.domain.people.models import Account, Person


@pytest.fixture
def rls_off(database) -> Callable[..., object]:
    """`with rls_off("account"): …`: the table without row-level security, for this block."""

    @contextmanager
    def off(*tables: str) -> Iterator[None]:
        _switch(database, tables, "DISABLE")
        try:
            yield
        finally:
            _switch(database, tables, "ENABLE")

    return off


def _switch(database, tables, word) -> None:
    for table in tables:
        database.owner.execute(
            sql.SQL(f"ALTER TABLE {{}} {word} ROW LEVEL SECURITY").format(sql.Identifier(table))
        )


@contextmanager
def _without(listener: str, function) -> Iterator[None]:
    event.remove(wall.Session, listener, function)
    try:
        yield
    finally:
        event.listen(wall.Session, listener, function)


# -- lock 1: the ORM's filter ---------------------------------------------------------------------------------------


def _read_by_orm(in_scope, acme, quill) -> bool:
    """Whether any form of ORM statement shows or touches a row of another tenant."""
    other = aliased(Account)
    with in_scope(acme) as current:
        seen = [
            current.get(Account, quill.id),
            current.scalar(select(Account).where(Account.id == quill.id)),
            current.scalar(select(other).where(other.id == quill.id)),
            current.scalar(select(Account.name).where(Account.id == quill.id)),
            current.scalar(select(func.count()).select_from(Account).where(Account.id == quill.id)),
            current.query(Account).filter_by(id=quill.id).one_or_none(),
            current.execute(update(Account).where(Account.id == quill.id).values(name=Account.name)).rowcount,
        ]
    return any(seen)


def test_no_orm_statement_reaches_another_tenants_row(in_scope, acme, quill, rls_off):
    with rls_off("account"):
        assert not _read_by_orm(in_scope, acme, quill)


def test_without_the_filter_it_does(in_scope, acme, quill, rls_off):
    with rls_off("account"), _without("do_orm_execute", wall.keep_to_scope):
        assert _read_by_orm(in_scope, acme, quill)


def test_a_buyer_does_not_reach_another_customers_rows(in_scope, ann, liam, rls_off):
    """The filter by account, on the tables that an account owns."""
    from app.domain.orders.models import Cart

    with in_scope(liam) as current:
        cart = (
            Cart(person_id=liam.id, currency="EUR") if hasattr(Cart, "currency") else Cart(person_id=liam.id)
        )
        current.add(cart)
        current.flush()
        cart_id = cart.id
    with rls_off("cart"), in_scope(ann) as current:
        assert current.get(Cart, cart_id) is None
    with rls_off("cart"), _without("do_orm_execute", wall.keep_to_scope), in_scope(ann) as current:
        assert current.get(Cart, cart_id) is not None


def test_no_scope_no_query(app):
    with app.app_context():
        for statement in (select(Account), update(Account).values(name="x"), select(Person.id)):
            with pytest.raises(NoScope):
                session().execute(statement)


# -- lock 2: the stamp ----------------------------------------------------------------------------------------------


def _write_by_orm(in_scope, acme, globex) -> bool:
    """Whether a row can be written for another tenant."""
    try:
        with in_scope(acme) as current:
            current.add(Account(tenant_id=globex.id, name="Smuggled", country="DE", currency="EUR"))
            current.flush()
    except WrongScope:
        return False
    return True


def test_nothing_is_written_for_another_tenant(in_scope, acme, globex, rls_off):
    with rls_off("account"):
        assert not _write_by_orm(in_scope, acme, globex)


def test_without_the_stamp_it_is(in_scope, acme, globex, rls_off):
    with rls_off("account"), _without("before_flush", wall.stamp):
        assert _write_by_orm(in_scope, acme, globex)


def _move(in_scope, nimbus, globex) -> None:
    with in_scope(nimbus) as current:
        current.get(Account, nimbus.id).tenant_id = globex.id
        current.flush()


def test_no_row_moves_to_another_tenant(in_scope, nimbus, globex, rls_off):
    with rls_off("account"), pytest.raises(WrongScope):
        _move(in_scope, nimbus, globex)


def test_a_new_row_gets_the_tenant_of_the_scope(in_scope, acme):
    with in_scope(acme) as current:
        account = Account(name="Stamped", country="DE", currency="EUR")
        current.add(account)
        current.flush()
        assert account.tenant_id == acme.id


# -- lock 3: row-level security -------------------------------------------------------------------------------------


def _read_by_sql(in_scope, acme, quill) -> bool:
    table = Account.__table__
    with in_scope(acme) as current:
        return any(
            [
                current.execute(select(table.c.id).where(table.c.id == quill.id)).first(),
                current.execute(text("SELECT 1 FROM account WHERE id = :id"), {"id": quill.id}).first(),
                current.connection()
                .execute(text("SELECT 1 FROM account WHERE id = :id"), {"id": quill.id})
                .first(),
                current.execute(
                    text("UPDATE account SET name = name WHERE id = :id"), {"id": quill.id}
                ).rowcount,
                current.execute(
                    text("DELETE FROM account WHERE id = :id AND false"), {"id": quill.id}
                ).rowcount,
            ]
        )


def test_core_and_text_sql_see_no_other_tenants_rows(in_scope, acme, quill):
    assert not _read_by_sql(in_scope, acme, quill)


def test_without_row_level_security_they_do(in_scope, acme, quill, rls_off):
    with rls_off("account"):
        assert _read_by_sql(in_scope, acme, quill)


def _bulk_insert(in_scope, acme, globex) -> bool:
    row = {
        "id": new_id(),
        "tenant_id": globex.id,
        "name": "Smuggled",
        "country": "DE",
        "currency": "EUR",
        "version": 1,
    }
    try:
        with in_scope(acme) as current:
            current.execute(insert(Account.__table__), [row])
    except DBAPIError as refused:
        return "row-level security" not in str(refused)
    return True


def test_a_bulk_insert_for_another_tenant_is_refused(in_scope, acme, globex):
    assert not _bulk_insert(in_scope, acme, globex)


def test_without_row_level_security_it_is_taken(in_scope, acme, globex, rls_off):
    with rls_off("account"):
        assert _bulk_insert(in_scope, acme, globex)


def test_a_transaction_without_a_scope_gets_an_error_and_not_an_empty_answer(app, nimbus):
    with app.app_context(), pytest.raises(DBAPIError, match="no scope was entered"):
        session().execute(text("SELECT count(*) FROM account"))


def test_a_scope_does_not_outlive_its_transaction_on_the_connection(in_scope, app, acme, nimbus):
    for _ in range(4):  # more often than there are connections in the pool
        with in_scope(acme):
            pass
        with app.app_context(), pytest.raises(DBAPIError, match="no scope was entered"):
            session().execute(text("SELECT count(*) FROM account"))


# -- lock 4: composite foreign keys ---------------------------------------------------------------------------------

_POINT = """
    INSERT INTO person (id, tenant_id, account_id, email, realm, name, roles, locale, password_hash, is_active, version,
                        created_at)
    VALUES (gen_random_uuid(), %s, %s, %s, 'storefront', 'Pointer', ARRAY['buyer'], 'en', '', true, 1, now())"""


def test_a_row_cannot_point_at_another_tenants_parent_and_with_a_plain_key_it_could(database, acme, quill):
    with database.owner.transaction(force_rollback=True):
        database.owner.execute("SELECT set_config('awning.scope', %s, true)", [str(acme.id)])
        with pytest.raises(psycopg.errors.ForeignKeyViolation), database.owner.transaction():
            database.owner.execute(_POINT, [acme.id, quill.id, "a@x.test"])
        # the mutant: the key that anybody would write first
        (name,) = database.owner.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'person'::regclass AND confrelid = 'account'::regclass"
        ).fetchone()
        database.owner.execute(sql.SQL("ALTER TABLE person DROP CONSTRAINT {}").format(sql.Identifier(name)))
        database.owner.execute(
            "ALTER TABLE person ADD FOREIGN KEY (account_id) REFERENCES account (id) NOT VALID"
        )
        database.owner.execute(_POINT, [acme.id, quill.id, "b@x.test"])


# -- lock 5: one scope per session ----------------------------------------------------------------------------------


def test_a_session_keeps_its_scope_for_life(in_scope, acme, globex, nimbus):
    with in_scope(acme) as current:
        assert current.get(Account, nimbus.id) is not None
        with pytest.raises(WrongScope):
            enter(globex.scope)


def test_with_two_scopes_in_one_session_an_object_of_the_first_is_read_in_the_second(
    in_scope, acme, globex, nimbus
):
    """The mutant: entering the second scope without the check."""
    with in_scope(acme) as current:
        kept = current.get(Account, nimbus.id)
        current.info["scope"] = globex.scope
        current.info.pop("criteria", None)
        current.execute(text("SELECT set_config('awning.scope', :scope, true)"), {"scope": str(globex.id)})
        assert current.get(Account, nimbus.id) is kept
        current.info["scope"] = acme.scope
