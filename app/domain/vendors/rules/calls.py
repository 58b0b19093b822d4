"""What may be done next about one call to a vendor, so that nothing ever happens there twice (promise P1).

Pure: takes the call's facts and the connector's class, answers what to do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

LADDER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))
"""When an unknown outcome is looked at again; after the last rung a person is asked too, and the last rung repeats."""

SAFE_REPEATS = (timedelta(seconds=5), timedelta(seconds=30), *LADDER)
"""Repeating a call under the same key is harmless where the vendor knows keys, so it comes sooner than a look-up would."""

WAITS = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 15, 60, 300))
"""Before a call that certainly did nothing is tried again; the last one repeats, so that nothing is forgotten (P2)."""

LEASE_MARGIN = timedelta(seconds=10)

What = Literal["call", "look_up", "wait", "ask_person", "nothing"]


@dataclass(frozen=True, slots=True)
class Facts:
    """A call as it stands. Instants are aware."""

    state: str
    lease_until: datetime | None
    first_called_at: datetime | None
    last_called_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Next:
    """`what` to do now; with `wait`, again at `at`."""

    what: What
    at: datetime | None = None


def next_move(
    facts: Facts, idempotency: str, *, key_retention: timedelta, max_in_flight: timedelta, now: datetime
) -> Next:
    """What may happen to a call now.

    * Never called: call. Done or failed: nothing.
    * `calling` with a running lease: somebody is at it (or died; the lease tells); come back when it ends.
    * Called before with an outcome nobody knows: `idempotent_key` calls again with the same key while the vendor still
      remembers it; `client_reference_lookup` waits out the longest time a call can be in flight and looks it up;
      `manual_only`, and keys too old, go to a person.
    """
    if facts.state in ("done", "failed"):
        return Next("nothing")
    if facts.state == "calling" and facts.lease_until is not None and now < facts.lease_until:
        return Next("wait", facts.lease_until)
    if facts.next_at is not None and now < facts.next_at:
        return Next("wait", facts.next_at)
    if facts.state == "ready":
        return Next("call")
    if idempotency == "idempotent_key":
        forgets_at = (facts.first_called_at or now) + key_retention - max_in_flight
        return Next("call") if now < forgets_at else Next("ask_person")
    if idempotency == "client_reference_lookup":
        in_flight_until = (facts.last_called_at or now) + max_in_flight
        return Next("look_up") if now >= in_flight_until else Next("wait", in_flight_until)
    return Next("ask_person")


def rung(times: int, waits: tuple[timedelta, ...]) -> timedelta:
    """The pause before the next try, after `times` tries; the last pause repeats."""
    return waits[min(times, len(waits) - 1)]
