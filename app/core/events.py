"""Events: past-tense rows written in the transaction of the change they tell of.

One row serves as audit trail, as timeline on every page and as what reactions (`app/reactions.py`) answer to.
The table is insert-only for the application's role.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core import clock
from app.core.actor import Actor
from app.core.db import Model, TenantOwned, session, wall
from app.core.ids import new_id

Reactor = Callable[["Event"], None]
_react: Reactor | None = None
_origin: ContextVar[dict[str, str] | None] = ContextVar("origin_of_events", default=None)
TELL_ORIGIN = ("price_book.", "price_rule.")
"""Events of these names keep from where they came: an address and a class of device. All others keep neither."""


class Event(TenantOwned, Model):
    """`name` is `noun.past`; subject is the root it happened to; `data` holds no secrets, tokens or card data."""

    tenant_id: Mapped[UUID | None] = mapped_column(sort_order=-18)  # NULL: the distributor's own
    account_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(80))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    person_name: Mapped[str] = mapped_column(String(200))
    realm: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = declared_attr.directive(
        lambda cls: wall(cls, Index(None, "subject_id", "created_at"), info={"append_only": True})
    )


def record(
    name: str,
    subject: Any,
    by: Actor,
    data: Mapping[str, Any] | None = None,
    *,
    account_id: UUID | None = None,
) -> Event:
    """Writes that `name` happened to `subject` (a row) and lets reactions answer, all in the current transaction.

    The row goes out with the next flush, together with others, so that several events cost one statement.
    The event belongs to the subject's tenant and account; a subject without a tenant is the distributor's.
    """
    current = session()
    if subject.id is None or getattr(subject, "tenant_id", None) is None:
        current.flush()  # gives a new row its id and its tenant
    kind = type(subject).__tablename__
    event = Event(
        id=new_id(),
        created_at=clock.now(),
        name=name,
        tenant_id=subject.id if kind == "tenant" else getattr(subject, "tenant_id", None),
        account_id=account_id or getattr(subject, "account_id", None),
        subject_type=kind,
        subject_id=subject.id,
        person_id=by.person_id,
        person_name=by.name,
        realm=by.realm,
        data={key: _plain(value) for key, value in (data or {}).items()},
    )
    if name.startswith(TELL_ORIGIN) and (origin := _origin.get()):
        event.data = event.data | {"origin": origin}
    current.add(event)
    if _react is not None:
        _react(event)
    return event


def come_from(address: str, device: str) -> None:
    """From where what happens next in this context is done; empty texts: from nowhere in particular."""
    _origin.set({"address": address, "device": device} if address else None)


def plug(react: Reactor | None) -> None:
    """Called once by `create_app`: what happens whenever an event is recorded."""
    global _react
    _react = react


def timeline(subject_id: UUID, *, limit: int = 100) -> list[Event]:
    """The last `limit` things that happened to one root, oldest first, within the current scope."""
    rows = session().scalars(
        select(Event)
        .where(Event.subject_id == subject_id)
        .order_by(Event.created_at.desc(), Event.id.desc())
        .limit(limit)
    )
    return list(rows)[::-1]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    return value
