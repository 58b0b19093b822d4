"""What a page has more to say about than one sentence: prices that moved between the cart and the order."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.errors import Conflict
from app.core.money import Money


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A cart line whose price is not the one it was shown with. Amounts are per unit and charge; `now` None: not for sale."""

    offer_id: UUID
    title: str
    quantity: int
    before: Money
    now: Money | None


class PriceMoved(Conflict):
    """The prices that were seen no longer hold. `lines` say what moved; `seen` names the prices as they are now.

    A door shows them and sends `seen` with the next try: nobody ever pays a price they did not see (promise P9).
    """

    def __init__(self, lines: Sequence[MovedLine], seen: str):
        super().__init__(
            "The price has changed since you last saw it. Please look at it again before you order."
        )
        self.lines = tuple(lines)
        self.seen = seen
