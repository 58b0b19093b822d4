"""What approvals need from whatever is being approved, and how subjects (orders first) plug themselves in.

An approval never trusts what a page said: it asks the subject, in the same transaction, what it costs now and tells it
what was decided. A subject type that is not plugged in cannot be decided at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from app.core.actor import Actor
from app.core.money import Money
from app.domain.approvals.rules.asked import Item


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that may need approval. `content` is frozen as it is; `commitment` is what thresholds count.

    `editor_ids` are further people who stand behind it besides the actor who asks. `items` are what is asked for, by all that
    a sentence of a policy may select; None: not known, and then every such sentence is met (fail closed).
    """

    subject_type: str
    subject_id: UUID
    number: str
    summary: str
    account_id: UUID
    content: Mapping[str, Any]
    commitment: Money
    editor_ids: frozenset[UUID] = frozenset()
    items: tuple[Item, ...] | None = None
    is_held: bool = False  # the margin guard wants somebody to look, whatever the policy says
    is_always_asked: bool = False  # the reseller's people decide this kind of thing, whatever the policy says


@dataclass(frozen=True, slots=True)
class Moved:
    """A line whose price is another one now. Amounts are the line's commitment; `now` None: it has no price any more."""

    title: str
    asked: Money
    now: Money | None


@dataclass(frozen=True, slots=True)
class PriceNow:
    """What the subject would cost now. `total` None: something in it has no price any more.

    `is_binding_until` is the instant up to which the asked price was promised to the buyer.
    """

    total: Money | None
    moved: tuple[Moved, ...]
    is_binding_until: datetime


@dataclass(frozen=True, slots=True)
class Quantity:
    """One line of a subject with how many units it asks for."""

    line_id: UUID
    title: str
    quantity: int


class Subject(Protocol):
    """What a kind of thing that is approved must be able to do; all of it inside the current unit of work."""

    def price_now(self, subject_id: UUID) -> PriceNow:
        """Works the price out again, writing nothing."""
        ...

    def take_price_now(self, subject_id: UUID, by: Actor) -> tuple[Mapping[str, Any], Money]:
        """Freezes the subject anew at the price now; answers the new content and commitment."""
        ...

    def current_digest(self, subject_id: UUID) -> str:
        """The digest of the subject as it stands in its own rows at this moment."""
        ...

    def granted(self, subject_id: UUID, digest: str, by: Actor) -> None:
        """Every step was approved, over exactly this digest: go ahead."""
        ...

    def closed(self, subject_id: UUID, state: str, reason: str, by: Actor) -> None:
        """It was `refused`, `withdrawn` or `expired`: stop."""
        ...


@runtime_checkable
class Reducible(Protocol):
    """A subject whose quantities can be lowered, with the consent of those who asked."""

    def quantities(self, subject_id: UUID) -> list[Quantity]:
        """What may be lowered, line by line."""
        ...

    def ask_for_less(self, subject_id: UUID, quantities: Mapping[UUID, int], by: Actor) -> str:
        """Asks anew with these quantities by line (0: left out), through the gate; answers the new subject's number.

        The old subject is closed already. Raises Conflict when it cannot be asked like that.
        """
        ...


_subjects: dict[str, Subject] = {}


def plug(subject_type: str, subject: Subject) -> None:
    """Says who answers for subjects of this type; called once, by the package that owns them."""
    _subjects[subject_type] = subject


def subject(subject_type: str) -> Subject:
    """Who answers for this type. KeyError (a programming error) when nobody does: nothing is decided blindly."""
    return _subjects[subject_type]
