"""Seats in batches, each with its own deadline for giving back; the deadlines are the vendor's (never a constant of ours)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Seats that were added together. `reduce_until` None: not before the renewal."""

    quantity: int
    added_at: datetime
    reduce_until: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Whether they may still be given back."""
        return self.reduce_until is not None and at < self.reduce_until


def reducible(batches: Iterable[Held], at: datetime) -> int:
    """How many seats may be given back at this instant."""
    return sum(batch.quantity for batch in batches if batch.is_open(at))


def next_deadline(batches: Iterable[Held], at: datetime) -> datetime | None:
    """When the first of the open batches closes."""
    return min((b.reduce_until for b in batches if b.is_open(at) and b.reduce_until), default=None)


def last_deadline(batches: Iterable[Held]) -> datetime | None:
    """The latest deadline that any batch has or had."""
    return max((b.reduce_until for b in batches if b.reduce_until), default=None)


def reconciled(
    held: Sequence[Held],
    quantity: int,
    open_at_vendor: Sequence[tuple[int, datetime | None]],
    now: datetime,
) -> list[Held]:
    """Our batches after the vendor has said how many seats there are, and which of them may still be given back.

    The vendor's open batches stand as they are; the rest are the closed ones we know, oldest first, and what we did not know
    of came now. The sum is always the vendor's quantity.
    """
    known = {batch.reduce_until: batch for batch in held if batch.reduce_until is not None}
    opened: list[Held] = []
    room = quantity
    for seats, until in open_at_vendor:
        seats = min(seats, room)
        if seats > 0:
            added_at = known[until].added_at if until in known else now
            opened.append(Held(seats, added_at, until))
            room -= seats
    taken = {batch.reduce_until for batch in opened}
    closed: list[Held] = []
    for batch in sorted(held, key=lambda batch: batch.added_at):
        if batch.reduce_until in taken and batch.reduce_until is not None:
            continue
        seats = min(batch.quantity, room)
        if seats > 0:
            until = batch.reduce_until if batch.reduce_until and batch.reduce_until <= now else None
            closed.append(Held(seats, batch.added_at, until))
            room -= seats
    if room > 0:
        closed.append(Held(room, now, None))
    return sorted([*closed, *opened], key=lambda batch: batch.added_at)
