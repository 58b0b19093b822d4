"""Steps of a decision: who is asked, any or all of them, for how many working days, and what happens when nobody decides."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Step:
    """Who is asked, and for how many working days.

    `asks` is `customer` (its approvers) or `reseller`; `role` narrows the reseller's people down; `people` (ids as texts, with
    their `names` of then) names some of either. `needs` is `any` or, with named people, `all`. When the days are over,
    `on_expiry` says `refuse`, or `escalate` to whom `to_asks`, `to_role`, `to_people` name.
    """

    asks: str
    role: str | None
    days: int
    people: tuple[str, ...] | None = None
    names: tuple[str, ...] = ()
    needs: str = "any"
    on_expiry: str = "refuse"
    to_asks: str | None = None
    to_role: str | None = None
    to_people: tuple[str, ...] | None = None
    to_names: tuple[str, ...] = ()
    was_escalated: bool = False

    @property
    def whom(self) -> tuple[object, ...]:
        """What makes two steps ask the same people in the same way."""
        return (self.asks, self.role, self.people, self.needs)

    @property
    def people_ids(self) -> list[UUID] | None:
        """The named people; None when everybody with the role is asked."""
        return None if self.people is None else [UUID(person) for person in self.people]

    @property
    def places(self) -> int:
        """How many approvals the step needs."""
        return len(self.people or ()) if self.needs == "all" else 1

    def without(self, requester_ids: Iterable[UUID]) -> "Step":
        """The step as a request asks it: named people who stand behind the request are not asked (promise P8).

        When nobody named is left, nobody can decide, and the step waits until it escalates or expires (fail closed).
        """
        behind = {str(person) for person in requester_ids}
        return replace(
            self, **_kept("people", "names", self, behind), **_kept("to_people", "to_names", self, behind)
        )

    def escalated(self) -> "Step":
        """The step once it has escalated: the others are asked, any of them, for as many days; then it is refused."""
        return Step(
            asks=self.to_asks or "reseller",
            role=self.to_role,
            days=self.days,
            people=self.to_people,
            names=self.to_names,
            was_escalated=True,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, without what is as usual; `from_dict` reads them back."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
            if key in ("asks", "role", "days") or value != _USUAL[key]
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Step":
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


_USUAL = {field.name: field.default for field in fields(Step)}


def _kept(people: str, names: str, step: Step, behind: set[str]) -> dict[str, Any]:
    ids = getattr(step, people)
    if ids is None:
        return {}
    told = getattr(step, names)
    left = [index for index, person in enumerate(ids) if person not in behind]
    return {
        people: tuple(ids[index] for index in left),
        names: tuple(told[index] for index in left if index < len(told)),
    }


def each_once(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps in order; who is asked already in the same way is not asked again."""
    found: dict[tuple[object, ...], Step] = {}
    for step in steps:
        found.setdefault(step.whom, step)
    return tuple(found.values())
