"""The connectors of a run: the sandbox's own, one as of a vendor without idempotency keys, and two that are wrong."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

from app.connectors.sandbox.connector import SandboxConnector
from app.domain.vendors import Idempotency, Provisioned, ProvisionRequest, Vendors
from tests.faults.plan import Plan


class Hurried(SandboxConnector):
    """The sandbox's connector, of a vendor whose calls are over soon."""

    def __init__(self, plan: Plan) -> None:
        settings = plan.settings
        timeout = timedelta(seconds=settings.vendor_timeout_seconds)
        super().__init__(settings.sandbox_url, settings.sandbox_token, timeout)
        self._longest = plan.max_in_flight

    @property
    def max_in_flight(self) -> timedelta:
        return self._longest


class LookupOnly(Hurried):
    """A vendor that keeps our reference and takes no idempotency key: sending twice is buying twice."""

    idempotency = Idempotency.CLIENT_REFERENCE_LOOKUP

    def provision(self, request: ProvisionRequest) -> Provisioned:
        return super().provision(replace(request, key=str(uuid.uuid4())))

    def lookup(self, *, key: str, client_reference: str) -> Provisioned | None:
        return super().lookup(key="none", client_reference=client_reference)


class FreshKey(Hurried):
    """The mutant that makes its key inside the attempt, and so a new one each time."""

    def provision(self, request: ProvisionRequest) -> Provisioned:
        return super().provision(replace(request, key=str(uuid.uuid4())))


class Impatient(LookupOnly):
    """The mutant that looks up, and sends again, while the first call may still be at work."""

    @property
    def max_in_flight(self) -> timedelta:
        return timedelta(0)


CONNECTORS: dict[str, type[Hurried]] = {
    "idempotent_key": Hurried,
    "client_reference_lookup": LookupOnly,
    "fresh_key": FreshKey,
    "impatient": Impatient,
}


def vendors_of(plan: Plan) -> Vendors:
    """What is plugged in during the run."""
    return Vendors({"microsoft": CONNECTORS[plan.connector](plan)})
