"""The views of the inbox that a person has saved."""

from uuid import UUID

from sqlalchemy import select

from app.core.db import session
from app.domain.approvals.models import SavedView


def views_of(person_id: UUID | None) -> list[SavedView]:
    """By name. One query."""
    return list(
        session().scalars(select(SavedView).where(SavedView.person_id == person_id).order_by(SavedView.name))
    )
