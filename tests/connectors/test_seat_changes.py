"""Promise P4 at the port: two who change seats at once never overwrite each other, also when answers are lost."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.domain.vendors import SeatChange, VendorConflict, VendorRejected, VendorUnavailable
from tests.connectors.contract import Rig


@dataclass
class Platform:
    """Awning's side: believes in a quantity, and says so with every change."""

    rig: Rig
    id: str
    believed: int
    accepted: list[int] = field(default_factory=list)

    def change(self, by: int) -> None:
        """Ask for so many more or fewer, again and again under one key while nobody knows the outcome."""
        change = SeatChange(str(uuid.uuid4()), self.believed, self.believed + by)
        while True:
            try:
                self.believed = self.send(change)
            except VendorUnavailable:
                continue
            except VendorConflict as conflict:
                self.believed = conflict.current.quantity if conflict.current else 0
            except VendorRejected:
                pass
            else:
                self.accepted.append(by)
            return

    def send(self, change: SeatChange) -> int:
        return self.rig.port.change(self.id, change).quantity

    def look(self) -> None:
        self.believed = self.rig.port.subscription(self.id).quantity


class Careless(Platform):
    """The mutant: sends what it wants without saying what it believed there was."""

    def send(self, change: SeatChange) -> int:
        now = self.rig.port.subscription(self.id).quantity
        return super().send(replace(change, from_quantity=now))


class TwoActors(RuleBasedStateMachine):
    """Awning and somebody in the vendor's own portal, in any order, with answers lost on the way."""

    rig: Rig
    platform_class: type[Platform] = Platform

    def __init__(self) -> None:
        super().__init__()
        self.rig.reset()
        purchase = self.rig.port.provision(self.rig.request(20))
        self.id = purchase.vendor_subscription_id
        self.platform = self.platform_class(self.rig, self.id, 20)
        self.elsewhere = 0

    @rule(
        by=st.integers(-6, 6).filter(bool),
        lost=st.sampled_from(["", "cut", "truncated", "error_after", "error"]),
    )
    def awning_changes(self, by: int, lost: str) -> None:
        if lost:
            self.rig.fail("subscriptions.change", lost)
        self.platform.change(by)

    @rule(by=st.integers(-6, 6).filter(bool))
    def somebody_else_changes(self, by: int) -> None:
        now = self.rig.port.subscription(self.id).quantity
        try:
            self.rig.port.change(self.id, SeatChange(str(uuid.uuid4()), now, now + by))
        except VendorRejected:
            return
        self.elsewhere += by

    @rule()
    def awning_looks(self) -> None:
        self.platform.look()

    @invariant()
    def every_accepted_change_counts_and_nothing_else(self) -> None:
        now = self.rig.port.subscription(self.id).quantity
        assert now == 20 + sum(self.platform.accepted) + self.elsewhere
        assert 1 <= now <= 10_000


def machine(rig: Rig, platform_class: type[Platform] = Platform) -> type[TwoActors]:
    return type("Machine", (TwoActors,), {"rig": rig, "platform_class": platform_class})


def limits(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def test_no_accepted_change_is_lost_between_two_who_change_seats(rig: Rig) -> None:
    run_state_machine_as_test(machine(rig), settings=limits(6, 12))


@pytest.mark.full
def test_no_accepted_change_is_lost_in_two_thousand_stories(rig: Rig) -> None:
    run_state_machine_as_test(machine(rig), settings=limits(2000, 50))


def test_without_the_comparison_a_change_made_elsewhere_is_overwritten(rig: Rig) -> None:
    """The mutant: the same stories, told by a platform that does not say what it believed."""
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine(rig, Careless), settings=limits(40, 12))
