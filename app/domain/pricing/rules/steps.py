"""What led to a price: steps, each with who may read it, and the rates that were used. Sentences live in `explain`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

Audience = Literal["customer", "reseller"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a price.

    `what` names it (see `explain.SENTENCES`), `before` and `after` are amounts of `currency` per unit and charge (shown to
    eight places, worked with exactly), `detail` fills the sentence. `audience` says who may read it: a step for the customer
    is also read by the reseller, never the other way round.
    """

    what: str
    audience: Audience
    before: Decimal | None = None
    after: Decimal | None = None
    currency: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "what": self.what,
            "audience": self.audience,
            "before": None if self.before is None else str(self.before),
            "after": None if self.after is None else str(self.after),
            "currency": self.currency,
            "detail": dict(self.detail),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Step":
        """The step that `to_dict` wrote."""
        before, after = data["before"], data["after"]
        return cls(
            data["what"],
            data["audience"],
            None if before is None else Decimal(before),
            None if after is None else Decimal(after),
            data["currency"],
            dict(data["detail"]),
        )


@dataclass(frozen=True, slots=True)
class RateUsed:
    """One conversion that was made: 1 `base` = `rate` `quote` (margin included), quoted on `quoted_on` by `source`."""

    base: str
    quote: str
    rate: Decimal
    source: str  # "ecb", "hand", "own" (the reseller's own table)
    effective_at: datetime

    def to_dict(self) -> dict[str, str]:
        """Plain JSON values."""
        return {
            "base": self.base,
            "quote": self.quote,
            "rate": str(self.rate),
            "source": self.source,
            "effective_at": self.effective_at.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, str]) -> "RateUsed":
        """The rate that `to_dict` wrote."""
        at = datetime.fromisoformat(data["effective_at"])
        return cls(data["base"], data["quote"], Decimal(data["rate"]), data["source"], at)
