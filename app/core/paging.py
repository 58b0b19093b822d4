"""One page of a list: its rows, how many there are in all, and which page this is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
PAGE_SIZE = 25
ALL = 0
"""The size of a page that holds the whole list: its rows are streamed and can be gone through once."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`number` counts from 1; `total` is the number of rows on all pages together."""

    rows: Sequence[Row]
    """On a page of `ALL` rows something to iterate once."""
    total: int
    number: int = 1
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The position of the first row on this page, counted from 1; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The position of the last row on this page."""
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


def like(search: str) -> str:
    """`search` as the pattern of an `ILIKE … ESCAPE '\\'`: contained anywhere, its own wildcards taken literally."""
    escaped = search.strip()[:100].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
