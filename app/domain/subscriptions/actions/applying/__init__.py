"""The three parts of changing something at a vendor: claim it and commit, (call outside any unit,) store the answer.

The life of the call itself is `vendors/actions.py`, the same as for purchases; the calls are made in `jobs.py`.
"""

from app.domain.subscriptions.actions.applying.answers import (
    store_conflict,
    store_done,
    store_failure,
    store_rejection,
)
from app.domain.subscriptions.actions.applying.care import bring_back, wait_for_connection
from app.domain.subscriptions.actions.applying.claims import Claim, claim, renew
from app.domain.subscriptions.actions.applying.orders import Cancellation, has_happened, send

__all__ = [
    "Cancellation",
    "Claim",
    "bring_back",
    "claim",
    "has_happened",
    "renew",
    "send",
    "store_conflict",
    "store_done",
    "store_failure",
    "store_rejection",
    "wait_for_connection",
]
