"""The vendors of the world's past: they sell whatever is asked at the instant that the clock says. No network."""

from datetime import timedelta
from typing import Any

from app.core import clock
from app.core.ids import new_id
from app.domain.vendors import Ability, Idempotency, Provisioned, ProvisionRequest

TERM_DAYS = {"P1M": 30, "P1Y": 365, "P3Y": 1095}


class PastVendor:
    """A `VendorPort` that can do what the past needs: sell."""

    abilities: frozenset[Ability] = frozenset({Ability.PROVISION})
    idempotency = Idempotency.IDEMPOTENT_KEY
    key_retention = timedelta(days=7)
    max_in_flight = timedelta(seconds=30)

    def __init__(self) -> None:
        self._sold: dict[str, Provisioned] = {}

    def provision(self, request: ProvisionRequest) -> Provisioned:
        """Sells; the same key is the same purchase."""
        if request.key not in self._sold:
            now = clock.now()
            self._sold[request.key] = Provisioned(
                vendor_order_id=str(new_id()),
                vendor_subscription_id=str(new_id()),
                state="active",
                quantity=request.quantity,
                starts_at=now,
                term_ends_at=now + timedelta(days=TERM_DAYS[request.term]),
                reduce_until=now + timedelta(hours=168),
                cancel_until=now + timedelta(hours=168),
                etag="1",
            )
        return self._sold[request.key]

    def lookup(self, *, key: str, client_reference: str) -> Provisioned | None:
        """What was sold under this key."""
        return self._sold.get(key)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the past never asks a vendor for {name}")
