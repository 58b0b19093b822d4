"""Whose books and rates a unit of work is about: a reseller's, or the distributor's in the scope of everyone."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, true

from app.core.db import session
from app.core.errors import NotFound
from app.core.scope import NoScope


def owner_in_scope() -> UUID | None:
    """The reseller in scope; None for the distributor, who works in everyone's scope."""
    scope = session().scope
    if scope is None:
        raise NoScope("price books belong to somebody")
    return scope.tenant_id


def distributor_alone(model: Any) -> ColumnElement[bool]:
    """A condition that keeps everyone's scope to the distributor's own rows; a reseller's scope needs none."""
    return true() if owner_in_scope() is not None else model.tenant_id.is_(None)


def own(row: Any) -> Any:
    """`row` if it belongs to the owner in scope; NotFound otherwise: the distributor does not edit a reseller's books."""
    if row is None or row.tenant_id != owner_in_scope():
        raise NotFound()
    return row
