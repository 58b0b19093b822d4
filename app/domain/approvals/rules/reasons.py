"""One sentence's arithmetic, as it came out for one ask. Kept with the request, so that it can be read years later."""

from dataclasses import dataclass

CHANGES = {
    "seat_change": "a change of seats",
    "renewal": "a renewal",
    "cancellation": "a cancellation",
    "term_change": "a change of term",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule's arithmetic, met or not. Amounts are plain decimal texts in `currency`; None: no rate into it.

    For `quantity`, `asked` and `limit` are units; for `margin_under` they are percents, which no customer may read.
    """

    trigger: str  # a rule's trigger, or no_policy
    is_met: bool
    currency: str = ""
    asked: str | None = None
    spent: str | None = None
    waiting: str | None = None
    decided: str | None = None
    limit: str | None = None
    window_days: int | None = None
    period: str | None = None
    selects: str = ""
    subject_type: str | None = None

    @property
    def sentence(self) -> str:
        """The arithmetic in words: "820.00 in 30 days + 412.00 ≥ 1,000.00 EUR". Never a cost or a margin."""
        return _SENTENCES[self.trigger](self)


def _order_total(reason: Reason) -> str:
    if reason.asked is None:
        return _no_rate(reason)
    return f"{_grouped(reason.asked)} {_sign(reason)} {_grouped(reason.limit)} {reason.currency}"


def _window_spend(reason: Reason) -> str:
    if reason.asked is None:
        return _no_rate(reason)
    if reason.spent is None:
        return f"There is no exchange rate into {reason.currency} for what was spent before."
    within = f"this {reason.period}" if reason.period else f"in {reason.window_days} days"
    return (
        f"{_grouped(reason.spent)} {within} + {_grouped(reason.asked)}"
        f" {_sign(reason)} {_grouped(reason.limit)} {reason.currency}"
    )


def _selection(reason: Reason) -> str:
    if reason.is_met:
        return f"{reason.selects} is in it, which always needs approval."
    return f"Nothing of {reason.selects} is in it."


def _quantity(reason: Reason) -> str:
    of = f" of {reason.selects}" if reason.selects else ""
    if reason.asked is None:
        return f"It is not known how many units{of} these are."
    return f"{_grouped(reason.asked)} units{of} {'>' if reason.is_met else '≤'} {_grouped(reason.limit)}"


def _first_order(reason: Reason) -> str:
    return "It is the customer's first order." if reason.is_met else "It is not the customer's first order."


def _change(reason: Reason) -> str:
    what = CHANGES.get(reason.subject_type or "", "a change")
    return f"It is {what}." if reason.is_met else f"It is not {what}."


def _no_rate(reason: Reason) -> str:
    return f"There is no exchange rate into {reason.currency}, so this cannot be counted."


def _sign(reason: Reason) -> str:
    return "≥" if reason.is_met else "<"


def _grouped(amount: str | None) -> str:
    whole, point, rest = (amount or "0").partition(".")
    return f"{int(whole):,}{point}{rest}"


_SENTENCES = {
    "no_policy": lambda reason: "No approval policy has been published, so every order waits.",
    "always": lambda reason: "Every order needs approval.",
    "order_total": _order_total,
    "window_spend": _window_spend,
    "selection": _selection,
    "quantity": _quantity,
    "first_order": _first_order,
    "margin_under": lambda reason: "The reseller looks at the terms of this order first.",
    "margin_guard": lambda reason: "A price in it is looked at first.",  # buyers read this too
    "always_asked": lambda reason: "This is always looked at first.",
    "change": _change,
}
