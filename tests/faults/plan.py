"""What a run of the fault harness is made of: plain values that every process of the run reads from one file."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from app.core.actor import Actor
from app.core.scope import Scope
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order to be placed by one buyer, like a person in front of a browser who does not give up."""

    number: int
    account_id: UUID
    offer_id: UUID
    quantity: int
    buyer: Actor
    scope: Scope


@dataclass(frozen=True, slots=True)
class Plan:
    """Times are those of the run, far shorter than in earnest, and in the same order: a lease outlasts every call."""

    settings: Settings
    folder: Path
    purchases: list[Purchase] = field(default_factory=list)
    connector: str = "idempotent_key"
    mutant: str = ""
    max_in_flight: timedelta = timedelta(seconds=2)
    dead_after_seconds: float = 1.2

    def write(self) -> Path:
        """Put it where the processes find it."""
        path = self.folder / "plan"
        path.write_bytes(pickle.dumps(self))
        return path

    @staticmethod
    def read(path: Path) -> Plan:
        """The plan of this run; written by the test that started it, and by nobody else."""
        plan = pickle.loads(path.read_bytes())  # noqa: S301
        assert isinstance(plan, Plan)
        return plan
