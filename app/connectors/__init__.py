"""Where ports meet vendors. `connect` is called by `create_app` alone and decides which connector serves whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from app.domain.vendors import Vendors

PLAYED_BY_SANDBOX = ("microsoft", "aws", "google", "ibm", "meridian")


class ConnectorSettings(Protocol):
    """The settings that connectors need; plain values."""

    @property
    def sandbox_url(self) -> str: ...

    @property
    def sandbox_token(self) -> str: ...

    @property
    def vendor_timeout_seconds(self) -> float: ...


def connect(settings: ConnectorSettings) -> Vendors:
    """The connectors of this installation, by vendor key.

    The sandbox plays every vendor whose own connector is not there. Without a token nothing is plugged in, and orders wait.
    """
    # Here, so that the sandbox itself starts without it.
    from app.connectors.sandbox.connector import SandboxConnector

    if not settings.sandbox_token:
        return Vendors()
    timeout = timedelta(seconds=settings.vendor_timeout_seconds)
    sandbox = SandboxConnector(settings.sandbox_url, settings.sandbox_token, timeout)
    return Vendors(dict.fromkeys(PLAYED_BY_SANDBOX, sandbox))
