"""How often something may be tried: a row per key and window, counted in a transaction of its own.

Spending is one atomic statement that commits at once, so fifty guesses that race each other are counted as fifty, and an
attempt whose unit is rolled back stays spent. Which keys a sign-in spends, and why nobody can lock somebody else out with
them, is told in `docs/decisions/sign-in-limits.md`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, String, bindparam, text
from sqlalchemy.types import DateTime

from app.core import clock
from app.core.errors import TooMany
from app.core.unit import apart


@dataclass(frozen=True, slots=True)
class Limit:
    """`attempts` in any window of this length; the window begins with the first of them."""

    name: str
    attempts: int
    window: timedelta


SIGN_IN_HERE = Limit("sign-in-here", 5, timedelta(minutes=15))
"""One account from one address."""
SIGN_IN_ADDRESS = Limit("sign-in-address", 60, timedelta(minutes=15))
"""One address, whatever the account: an office behind one address shares it."""
SIGN_IN_ACCOUNT = Limit("sign-in-account", 20, timedelta(hours=1))
"""One account from everywhere."""
SIGN_IN_DEVICE = Limit("sign-in-device", 10, timedelta(minutes=15))
"""One account from a browser that has signed in to it before."""
LINK_ADDRESS = Limit("link-address", 20, timedelta(hours=1))
"""Mails asked for from one address."""
LINK_ACCOUNT = Limit("link-account", 3, timedelta(hours=1))
"""Mails asked for one account."""
TOKEN_ADDRESS = Limit("token-address", 60, timedelta(minutes=15))
"""Links from mails tried from one address."""
PASSWORD_CHANGE = Limit("password-change", 10, timedelta(minutes=15))
"""Guesses at one's own present password."""


@dataclass(frozen=True, slots=True)
class Spent:
    """How a key stands after this attempt was counted."""

    limit: Limit
    count: int
    window_ends_at: datetime

    @property
    def is_over(self) -> bool:
        return self.count > self.limit.attempts

    @property
    def retry_after(self) -> int:
        """Whole seconds until the window ends."""
        return max(1, int((self.window_ends_at - clock.now()).total_seconds()) + 1)


_SPEND = text("""
    INSERT INTO budget AS b (key, spent, window_ends_at)
    SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:ones AS int[]), CAST(:ends AS timestamptz[])) AS asked
    ORDER BY 1
    ON CONFLICT (key) DO UPDATE SET
        spent = CASE WHEN b.window_ends_at <= :now THEN 1 ELSE LEAST(b.spent, 1000000) + 1 END,
        window_ends_at = CASE WHEN b.window_ends_at <= :now THEN excluded.window_ends_at ELSE b.window_ends_at END
    RETURNING b.key, b.spent, b.window_ends_at""").columns(
    key=String, spent=Integer, window_ends_at=DateTime(timezone=True)
)

_FORGET = text("DELETE FROM budget WHERE key = ANY(:keys)").bindparams(bindparam("keys"))

_REFUND = text("UPDATE budget SET spent = greatest(spent - 1, 0) WHERE key = ANY(:keys)")


def key_of(limit: Limit, *parts: str) -> str:
    """The key under which `parts` are counted: their hash, so that no address or e-mail is readable in the table."""
    return f"{limit.name}:{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:40]}"


def spend(*asked: tuple[Limit, str]) -> list[Spent]:
    """Counts one attempt under every key (see `key_of`) and says how each stands now."""
    now = clock.now()
    with apart() as connection:
        rows = connection.execute(
            _SPEND,
            {
                "keys": [key for _, key in asked],
                "ones": [1] * len(asked),
                "ends": [now + limit.window for limit, _ in asked],
                "now": now,
            },
        )
        found = {row.key: row for row in rows}
    return [Spent(limit, found[key].spent, found[key].window_ends_at) for limit, key in asked]


def spend_or_refuse(limit: Limit, *parts: str) -> None:
    """Counts one attempt; raises TooMany when there have been too many."""
    (spent,) = spend((limit, key_of(limit, *parts)))
    if spent.is_over:
        refuse(spent)


def refuse(*over: Spent) -> None:
    """Raises TooMany with the time until the last of these windows ends."""
    wait = max(spent.retry_after for spent in over)
    raise TooMany(f"There were too many attempts. Try again {_in_words(wait)}.", wait)


def forget(*keys: str) -> None:
    """Starts these keys afresh: after a success."""
    with apart() as connection:
        connection.execute(_FORGET, {"keys": list(keys)})


def refund(*keys: str) -> None:
    """Gives one attempt back: a success does not count."""
    with apart() as connection:
        connection.execute(_REFUND, {"keys": list(keys)})


def _in_words(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return "in a minute" if minutes == 1 else f"in {minutes} minutes"
