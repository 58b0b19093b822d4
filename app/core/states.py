"""Closed state machines: a table of allowed moves, and the one way to make a move."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import CheckConstraint

from app.core.errors import Conflict


class Machine:
    """The states of one column and the moves between them.

    >>> light = Machine("light", {"red": ["green"], "green": ["red"]})
    """

    def __init__(self, noun: str, moves: Mapping[str, Iterable[str]]):
        self.noun = noun
        self.moves = {state: frozenset(targets) for state, targets in moves.items()}
        unknown = {t for targets in self.moves.values() for t in targets} - set(self.moves)
        if unknown:
            raise ValueError(f"{noun}: moves to unknown states {sorted(unknown)}")

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.moves)

    def is_final(self, state: str) -> bool:
        return not self.moves[state]

    def move(self, row: Any, to: str, *, column: str = "state") -> None:
        """Moves `row` to state `to`; Conflict when the table does not allow it."""
        current = getattr(row, column)
        if to not in self.moves[current]:
            raise Conflict(
                f"This {self.noun} is {current.replace('_', ' ')} and can no longer become {to.replace('_', ' ')}."
            )
        setattr(row, column, to)

    def check(self, column: str = "state") -> CheckConstraint:
        """The same list of states, for the database."""
        listed = ", ".join(f"'{state}'" for state in self.moves)
        return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
