"""Reading a quantity that somebody typed, and holding it against what may be bought (attack D-03)."""

import re

from app.core.errors import Invalid

MAX_QUANTITY = 100_000
"""Of one line. More than any customer has users; far below where amounts could overflow."""

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


def parse_quantity(typed: object, *, field: str = "quantity") -> int:
    """The whole number that was typed. Raises Invalid at `field` for anything else.

    Digits are counted before they are read: `int` takes 46 seconds for what a text of 5,000 digits can say, and reads
    `1_000` and `٣` as numbers.
    """
    text = str(typed).strip() if isinstance(typed, str) or type(typed) is int else ""
    if not _WHOLE.fullmatch(text):
        raise Invalid({field: "Enter a whole number."})
    return int(text)


def check_quantity(quantity: int, *, minimum: int, maximum: int | None, field: str = "quantity") -> None:
    """Raises Invalid at `field` when so many may not be bought."""
    highest = min(maximum or MAX_QUANTITY, MAX_QUANTITY)
    if type(quantity) is not int or quantity < max(1, minimum):
        raise Invalid({field: f"Order at least {max(1, minimum):,}."})
    if quantity > highest:
        raise Invalid({field: f"Order at most {highest:,}."})
