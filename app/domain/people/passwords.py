"""Passwords: argon2id, a few at a time, and as slow for somebody who does not exist as for somebody who does.

Which words may be a password is `rules/passwords.py`; who may try how often is `budgets.py`.
"""

import os
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from app.domain.people.rules.passwords import MAX_LENGTH, normalised

# OWASP's floor for argon2id: 19 MiB, two passes, one lane (promise: decision 32)
_hasher = PasswordHasher(
    time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)

# more at once than there are cores only makes everybody wait, and costs 19 MiB each
_at_once = BoundedSemaphore(os.cpu_count() or 1)

_NOBODYS = _hasher.hash(os.urandom(16).hex())


def hash_password(password: str) -> str:
    """The hash that is stored, parameters and salt included."""
    with _at_once:
        return _hasher.hash(normalised(password))


def matches(password: str, password_hash: str) -> bool:
    """Whether `password` is the one behind `password_hash`; for an empty hash (nobody, or not taken up) it takes as long
    to say no as for a wrong password.
    """
    # nobody's password is longer than may be chosen, so what goes beyond that is not worth normalising
    password = normalised(password[: MAX_LENGTH * 2])
    with _at_once:
        try:
            right = _hasher.verify(password_hash or _NOBODYS, password)
        except (VerificationError, InvalidHashError):
            return False
    return right and bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's; it is then made anew at the next sign-in."""
    return _hasher.check_needs_rehash(password_hash)
