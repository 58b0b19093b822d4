"""The three parts of a vendor call: claim it and commit, (call outside any unit,) store the answer.

Every function locks the order first, so that jobs of its lines take turns. What may be done next is decided in
`vendors/rules/calls.py`; the calls are made in `jobs.py`.
"""

from app.domain.orders.actions.provisioning.answers import (
    store_failure,
    store_purchase,
    store_reading,
    store_rejection,
)
from app.domain.orders.actions.provisioning.care import bring_back, settle_as_failed, wait_for_connection
from app.domain.orders.actions.provisioning.claims import Claim, claim, renew

__all__ = [
    "Claim",
    "bring_back",
    "claim",
    "renew",
    "settle_as_failed",
    "store_failure",
    "store_purchase",
    "store_reading",
    "store_rejection",
    "wait_for_connection",
]
