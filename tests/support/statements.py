"""Counts what the application asks its database."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from app.core.db import db
from app.web.kit.keeping import Ticket


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that the application sends within the block, in order; the one that asks for a kept page's marks too."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(" ".join(statement.split()))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    keeping = app.extensions["keeping"]
    asks = keeping.marks_of

    def note_marks(ticket: Ticket) -> tuple[str, str] | None:
        seen.append("the marks of a kept page")
        return asks(ticket)

    keeping.marks_of = note_marks
    try:
        yield seen
    finally:
        del keeping.marks_of
        event.remove(engine, "before_cursor_execute", note)
