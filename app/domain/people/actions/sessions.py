"""Ending people's sessions: at once, on every device."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete

from app.core.db import session
from app.domain.people.models import WebSession


def end_sessions(person_id: UUID, *, but: bytes | None = None) -> int:
    """Signs the person out everywhere, except in the session whose token has the hash `but`; answers how many ended."""
    statement = delete(WebSession).where(WebSession.person_id == person_id)
    if but is not None:
        statement = statement.where(WebSession.token_hash != but)
    done = session().execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount
