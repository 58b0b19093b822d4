"""One page of a list and how long the whole list is, in a single statement; or the whole list as a stream."""

from typing import Any, cast

from sqlalchemy import Select, func

from app.core.db import session, streamed
from app.core.paging import ALL, Page

MAX_PAGE = 100_000


def take(statement: Select[Any], number: int = 1, size: int = 25) -> Page[Any]:
    """Page `number` of what `statement` lists. A page behind the last one is answered with the first.

    Every row carries, after the statement's own columns, `listed`: the number of rows in the whole list. A `size` of `ALL`
    answers every row, streamed and uncounted.
    """
    if size == ALL:
        return Page(cast(Any, streamed(statement)), 0, 1, ALL)
    number = min(max(number, 1), MAX_PAGE)
    counted = statement.add_columns(func.count().over().label("listed"))
    rows = session().execute(counted.limit(size).offset((number - 1) * size)).all()
    if not rows and number > 1:
        return take(statement, 1, size)
    return Page(rows, rows[0].listed if rows else 0, number, size)
