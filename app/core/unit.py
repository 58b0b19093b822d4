"""The unit of work: one session, one transaction, one scope. The only `commit()` of the program stands here.

A web request opens its unit on arrival and enters its scope once host and person are known; jobs, commands and tests use
`with unit(scope):`. Nothing outside the database is called inside a unit: claim and commit, call, store the answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from app.core import jobs
from app.core.db import Session, db, session
from app.core.scope import Scope, WrongScope

_ENTER = text(
    "SELECT set_config('awning.scope', :scope, true), set_config('awning.account', :account, true),"
    " set_config('transaction_read_only', :read_only, true)"
)


def enter(scope: Scope, *, read_only: bool = False, is_told: bool = False) -> Session:
    """Binds the current session to `scope` for the rest of its life. Lock 5: WrongScope when it already has another.

    `is_told`: this transaction has already told the database of exactly this scope and mode (see `web/kit/arrival.py`).
    """
    current = session()
    if current.scope is not None:
        raise WrongScope(f"this session already belongs to {current.scope}")
    current.info["scope"] = scope
    current.info["read_only"] = read_only
    if not is_told:
        _tell_database(current)
    return current


def _tell_database(current: Session) -> None:
    scope: Scope = current.info["scope"]
    current.execute(
        _ENTER,
        {
            "scope": scope.setting,
            "account": str(scope.account_id or ""),
            "read_only": "on" if current.info["read_only"] else "off",
        },
    )


def close(*, keep: bool) -> None:
    """Ends the current unit: commits when `keep`, else rolls back; always gives the session up.

    A unit that only read is committed too: there is nothing to take back, and a rollback would make psycopg forget every
    statement it has prepared on the connection, so that PostgreSQL had to plan each page's statements anew.
    """
    current = session()
    try:
        if not keep and current.info.get("read_only") and current.is_active:
            current.expunge_all()  # nothing is flushed: what was changed by mistake is let go
            keep = True
        if keep:
            jobs.write_deferred()
            current.commit()
        else:
            current.rollback()
    finally:
        db.session.remove()


def start_over() -> None:
    """Rolls back what was done so far and goes on, read-only, in the same scope: to show a page about what went wrong."""
    current = session()
    current.rollback()
    current.expire_all()
    jobs.forget_deferred()
    if current.scope is not None:
        current.info["read_only"] = True
        _tell_database(current)


@contextmanager
def unit(scope: Scope, *, read_only: bool = False) -> Iterator[Session]:
    """One unit of work in `scope`: commits at the end of the block, rolls back when it raises."""
    if session().scope is not None:
        raise WrongScope("a unit of work is already open here")
    try:
        yield enter(scope, read_only=read_only)
    except BaseException:
        close(keep=False)
        raise
    close(keep=True)


@contextmanager
def apart() -> Iterator[Connection]:
    """A short transaction beside the current unit, for what must stay when that is rolled back (budgets of attempts).

    It sees platform tables only, since it has no scope. Its connections are a pool of their own: a request that already
    holds one never waits for another that some other request holds.
    """
    with db.engines["apart"].begin() as connection:
        yield connection
