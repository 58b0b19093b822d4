"""Saving the filters of the inbox under a name of one's own."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Invalid
from app.core.ids import new_id
from app.domain.approvals.models import SavedView

MAX_VIEWS = 20


def save_view(name: str, query: str, *, by: Actor) -> None:
    """Keeps `query` (of an address) as `name`; one of the same name is replaced. Raises Invalid (`name`), Conflict."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise Invalid({"name": "Give it a name of at most 60 characters."})
    count = session().scalar(
        select(func.count()).select_from(SavedView).where(SavedView.person_id == by.person_id)
    )
    if (count or 0) >= MAX_VIEWS:
        raise Conflict("Remove one of your saved views first.")
    session().execute(
        insert(SavedView)
        .values(
            id=new_id(),
            created_at=clock.now(),
            tenant_id=by.tenant_id,
            person_id=by.person_id,
            name=name,
            query=query[:500],
        )
        .on_conflict_do_update(index_elements=["person_id", "name"], set_={"query": query[:500]})
    )


def remove_view(view_id: UUID, *, by: Actor) -> None:
    """Forgets a view of one's own; another's is left alone."""
    session().execute(delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == by.person_id))
