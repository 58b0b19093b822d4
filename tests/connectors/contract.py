"""What the contract suite needs to know about a connector: its rig. A new connector adds one line to `RIGS`.

A rig owns a vendor (or its double) that can be made to fail, and hands out the connector under test.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from app.connectors.sandbox.connector import SandboxConnector
from app.domain.vendors import ProvisionRequest, VendorCustomer, VendorPort
from tests.support.sandbox import TOKEN, SandboxServer

PATIENCE = timedelta(seconds=20)
HASTE = timedelta(seconds=0.7)


class Rig(Protocol):
    """A vendor that a test can break, and the connector to it."""

    url: str
    port: VendorPort
    hasty_port: VendorPort
    port_with_bad_token: VendorPort
    longest_reduction: timedelta

    def request(self, quantity: int = 5, **changes: Any) -> ProvisionRequest:
        """A purchase that the vendor would accept, with a key and a reference of its own."""
        ...

    def fail(self, operation: str, failure: str, *, times: int | None = 1, **options: Any) -> None:
        """Make the next calls of an operation go wrong."""
        ...

    def deliver_after(self, seconds: float) -> None:
        """New purchases stay pending for this long."""
        ...

    def advance(self, by: timedelta) -> None:
        """Put the vendor's clock forward."""
        ...

    def purchases(self, client_reference: str) -> int:
        """How often the vendor really sold this."""
        ...

    def wait_until_bought(self, client_reference: str) -> None:
        """Wait for a purchase whose caller gave up."""
        ...

    def crash(self) -> None:
        """Kill the vendor without warning and start it again."""
        ...

    def down(self) -> AbstractContextManager[None]:
        """Within the block the vendor does not run."""
        ...

    def reset(self) -> None:
        """Everything works again."""
        ...

    def close(self) -> None:
        """Stop the vendor."""
        ...


class SandboxRig:
    """The vendor sandbox as a process, and its connector."""

    longest_reduction = timedelta(hours=168)

    def __init__(self, folder: Path) -> None:
        self.server = SandboxServer(folder / "sandbox.sqlite").start()
        self.url = self.server.url
        self.port = SandboxConnector(self.server.url, TOKEN, PATIENCE)
        self.hasty_port = SandboxConnector(self.server.url, TOKEN, HASTE)
        self.port_with_bad_token = SandboxConnector(self.server.url, "not-the-token", PATIENCE)

    def request(self, quantity: int = 5, **changes: Any) -> ProvisionRequest:
        """Office 365 E3 for a customer of its own."""
        unique = uuid.uuid4().hex
        fields: dict[str, Any] = {
            "key": f"key-{unique}",
            "client_reference": f"O-2026-{unique[:10]}/1",
            "customer": VendorCustomer(f"account-{unique}", "Nimbus GmbH", "DE", "ann@nimbus.example"),
            "product_id": "CFQ7TTC0LF8R",
            "sku_id": "0001",
            "term": "P1Y",
            "billing_plan": "Monthly",
            "segment": "Commercial",
            "market": "DE",
            "quantity": quantity,
            "purchase_order_number": "PO 4711",
        }
        return ProvisionRequest(**{**fields, **changes})

    def fail(self, operation: str, failure: str, *, times: int | None = 1, **options: Any) -> None:
        """Turn the dial."""
        self.server.dial({"operation": operation, "failure": failure, "times": times, **options})

    def deliver_after(self, seconds: float) -> None:
        """Set the delay of delivery."""
        self.server.deliver_after(seconds)

    def advance(self, by: timedelta) -> None:
        """Put the sandbox's clock forward."""
        self.server.advance(by)

    def purchases(self, client_reference: str) -> int:
        """Count in the sandbox's journal."""
        return self.server.orders_made().get(client_reference, 0)

    def wait_until_bought(self, client_reference: str) -> None:
        """Watch the sandbox's journal."""
        self.server.wait_until_made(client_reference)

    def crash(self) -> None:
        """SIGKILL and a fresh process on the same file."""
        self.server.kill9()
        self.server.start()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Stop the process, and start it again afterwards."""
        self.server.kill9()
        try:
            yield
        finally:
            self.server.start()

    def reset(self) -> None:
        """Reset dial, delivery and clock."""
        self.server.reset()

    def close(self) -> None:
        """Stop the process and close the connectors' sockets."""
        for connector in (self.port, self.hasty_port, self.port_with_bad_token):
            connector.close()
        self.server.stop()


RIGS: dict[str, Callable[[Path], Rig]] = {
    "sandbox": SandboxRig,
}
