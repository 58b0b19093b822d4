"""The database: base class, column mixins, and three of the five locks of the tenant wall.

Lock 1: every ORM statement gets the scope's filter; no scope raises. Lock 2: `before_flush` stamps new rows and refuses
foreign ones. Lock 5: a session has one scope for life (`core/unit.py`). Locks 3 and 4, row-level security and composite
foreign keys, stand in the schema (`migrations/tenancy.py`, `owned_by`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    CursorResult,
    DateTime,
    Executable,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Numeric,
    Result,
    UniqueConstraint,
    event,
    inspect,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    declared_attr,
    mapped_column,
    registry,
    with_loader_criteria,
)

from app.core import clock
from app.core.ids import new_id
from app.core.scope import NoScope, Scope, WrongScope


class Base(DeclarativeBase):
    """Names every constraint predictably, so that migrations can speak of them."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: DateTime(timezone=True),
            dict[str, Any]: JSONB,
            list[Any]: JSONB,
            Decimal: Numeric(20, 8),
        },
    )


class Session(FlaskSession):
    """A session whose `info["scope"]` is set once, by `core/unit.py`."""

    @property
    def scope(self) -> Scope | None:
        return self.info.get("scope")


db = SQLAlchemy(model_class=Base, session_options={"class_": Session})
Model: Any = db.Model


class Keyed:
    """A UUIDv7 primary key and the instant of creation (UTC)."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-20)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=-19)


class TenantOwned(Keyed):
    """A row of one reseller. Filtered, stamped and locked by tenant.

    Every such table has UNIQUE (tenant_id, id), the target of its children's composite foreign keys.
    """

    tenant_id: Mapped[UUID] = mapped_column(sort_order=-18)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return wall(cls)  # type: ignore[arg-type]  # the directive hands over the class


class AccountOwned(TenantOwned):
    """A row of one customer of one reseller. For a buyer also filtered by account."""

    account_id: Mapped[UUID] = mapped_column(sort_order=-17)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return wall(cls)  # type: ignore[arg-type]  # the directive hands over the class


def wall(cls: type, *extra: Any, **options: Any) -> tuple[Any, ...]:
    """Table arguments of a walled table: its composite keys, then `extra`. For classes that add constraints of their own:

    `__table_args__ = declared_attr.directive(lambda cls: wall(cls, UniqueConstraint(...)))`
    """
    args: list[Any] = [UniqueConstraint("tenant_id", "id")]
    if issubclass(cls, AccountOwned):
        args.append(UniqueConstraint("tenant_id", "account_id", "id"))
        args.append(ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]))
        args.append(Index(None, "account_id"))
    else:
        args.append(ForeignKeyConstraint(["tenant_id"], ["tenant.id"]))
    return (*args, *extra, options) if options else (*args, *extra)


def owned_by(
    table: str, column: str | None = None, *, account: bool = False, **options: Any
) -> ForeignKeyConstraint:
    """A composite foreign key to a walled parent: (tenant_id[, account_id], <table>_id). Plain keys would bypass RLS."""
    shared = ["tenant_id", "account_id"] if account else ["tenant_id"]
    column = column or f"{table}_id"
    return ForeignKeyConstraint(
        [*shared, column], [*(f"{table}.{name}" for name in shared), f"{table}.id"], **options
    )


class Versioned:
    """Optimistic version for roots that two people may touch at once; SQLAlchemy raises StaleDataError on a lost race."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def _criteria(scope: Scope) -> list[Any]:
    tenant_id, account_id = scope.tenant_id, scope.account_id
    if tenant_id is None:
        return []
    found = [with_loader_criteria(TenantOwned, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)]
    if account_id is not None:
        found.append(
            with_loader_criteria(AccountOwned, lambda cls: cls.account_id == account_id, include_aliases=True)
        )
    return found


@event.listens_for(Session, "do_orm_execute")
def keep_to_scope(state: ORMExecuteState) -> None:
    """Lock 1: the scope's filter on every ORM statement, select, update and delete alike."""
    info = state.session.info
    scope: Scope | None = info.get("scope")
    if scope is None:
        if (
            any(issubclass(mapper.class_, TenantOwned) for mapper in state.all_mappers)
            or state.is_from_statement
        ):
            raise NoScope("this query touches tenants' rows, and no scope was entered")
        return
    if state.is_column_load or state.is_relationship_load:
        return  # the options travel with the objects that are being completed
    options = info.get("criteria")
    if options is None:
        options = info["criteria"] = _criteria(scope)
    if options:
        state.statement = state.statement.options(*options)


@event.listens_for(Session, "before_flush")
def stamp(session: Session, *_: Any) -> None:
    """Lock 2: new rows get the scope's tenant and account; a row of, or moved to, another one raises."""
    scope = session.scope
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantOwned):
            continue
        if scope is None:
            raise NoScope(f"{type(row).__name__} written outside every scope")
        if scope.tenant_id is None:
            continue
        if row in session.new:
            if row.tenant_id is None:
                row.tenant_id = scope.tenant_id
            if isinstance(row, AccountOwned) and row.account_id is None and scope.account_id is not None:
                row.account_id = scope.account_id
        if row.tenant_id != scope.tenant_id or _moved(row, "tenant_id"):
            raise WrongScope(f"{type(row).__name__} of another tenant")
        if isinstance(row, AccountOwned) and scope.account_id is not None:  # noqa: SIM102 - a lock reads better whole
            if row.account_id != scope.account_id or _moved(row, "account_id"):
                raise WrongScope(f"{type(row).__name__} of another account")


def _moved(row: Any, attribute: str) -> bool:
    history = inspect(row).attrs[attribute].history
    return bool(history.deleted) and history.deleted[0] is not None and bool(history.added)


def session() -> Session:
    """The session of the current unit of work."""
    return db.session()  # type: ignore[return-value]


def streamed(statement: Any, rows_at_once: int = 500) -> Result[Any]:
    """The rows of `statement` through a cursor of the server's, a few hundred at a time, to be gone through once.

    For whole lists: memory stays flat, however long they are. The rows are those of one moment.
    """
    return session().execute(statement, execution_options={"yield_per": rows_at_once})


def apart_from_here(work: Callable[..., Any]) -> Callable[..., Any]:
    """`work` with a session of its own, to be called in another thread of this application."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # documented for handing it to threads

    def call(*args: Any) -> Any:
        with app.app_context():
            return work(*args)

    return call


def execute(statement: Executable, values: Mapping[str, Any] | None = None) -> CursorResult[*tuple[Any, ...]]:
    """Runs a statement written as SQL, for the few that every order needs; what is pending is written first.

    Such a statement has no lock 1: it names the tenant itself, and row-level security holds it. NoScope outside every scope.
    """
    current = session()
    if current.scope is None:
        raise NoScope("this statement was asked outside every scope")
    current.flush()
    return current.connection().execute(statement, values)
