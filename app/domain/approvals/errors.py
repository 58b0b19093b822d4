"""The three ways in which a decision can be turned down that a page has more to say about than one sentence."""

from collections.abc import Sequence

from app.core.errors import Conflict, Forbidden
from app.core.money import Money
from app.domain.approvals.ports import PriceNow
from app.domain.approvals.rules.frozen import Change


class StaleAsk(Conflict):
    """The ask is no longer the one that was looked at. `changes` is the readable difference, when the old one is known."""

    def __init__(self, changes: Sequence[Change]):
        told = "; ".join(str(change) for change in changes[:5])
        super().__init__(
            "What is asked has changed since you opened this page"
            + (f": {told}." if told else ". Look at it again.")
        )
        self.changes = tuple(changes)


class PriceMoved(Conflict):
    """The price now is not the price that was asked. `choices` are the totals this person may grant at; it may be empty."""

    def __init__(self, asked: Money, now: PriceNow, choices: Sequence[Money]):
        told = f"now {now.total.rounded()}" if now.total else "and has no price now"
        super().__init__(f"This was asked at {asked.rounded()}, {told}. Choose the price to decide on.")
        self.asked = asked
        self.now = now
        self.choices = tuple(choices)


class SelfDecision(Forbidden):
    """Somebody tried to decide a request that they stand behind themselves (promise P8)."""

    def __init__(self) -> None:
        super().__init__("You asked for this yourself, so somebody else decides it.")
