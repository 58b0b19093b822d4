"""The vendor sandbox as a process for tests: start it, kill it, turn its dial, read its journal.

Used by the contract suite, the fault harness and the journeys. Nothing here knows Awning's database.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "token-of-the-sandbox-in-tests"
CONTROL_TOKEN = "control-token-of-the-sandbox-in-tests"
START_SECONDS = 60.0


class SandboxServer:
    """One sandbox process with its own state file, on a free port that it keeps when it is started again."""

    def __init__(self, state: Path, *, delivery_seconds: float = 0.0, is_strict: bool = False) -> None:
        self.state = state
        self.port = 0
        self._options = ["--delivery-seconds", str(delivery_seconds), *(["--strict"] if is_strict else [])]
        self._process: subprocess.Popen[str] | None = None
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {CONTROL_TOKEN}"}, timeout=30, trust_env=False
        )

    @property
    def url(self) -> str:
        """The address of the vendor's API."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> SandboxServer:
        """Start and wait until it says that it listens."""
        command = [sys.executable, "-m", "app.connectors.sandbox.server", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, "--state", str(self.state), *self._options],
            cwd=ROOT,
            env={**os.environ, "SANDBOX_TOKEN": TOKEN, "SANDBOX_CONTROL_TOKEN": CONTROL_TOKEN},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("vendor sandbox listening on "), f"the sandbox did not start: {line!r}"
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def kill9(self) -> None:
        """Kill it without warning."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it in good order."""
        self._end(signal.SIGTERM)
        self._http.close()

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        assert process.stdout is not None
        process.stdout.close()

    def control(self, method: str, name: str, document: Any = None) -> dict[str, Any]:
        """Call a control endpoint."""
        answer = self._http.request(method, f"{self.url}/_control/{name}", json=document)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def dial(self, *rules: dict[str, Any], seed: int = 1) -> None:
        """Replace the rules of the failure dial; none: everything works."""
        self.control("PUT", "dial", {"rules": list(rules), "seed": seed})

    def deliver_after(self, seconds: float) -> None:
        """From now on, new orders become active after this long."""
        self.control("PUT", "delivery", {"seconds": seconds})

    def advance(self, by: timedelta) -> None:
        """Put the vendor's clock forward."""
        self.control("POST", "clock", {"advance_seconds": by.total_seconds()})

    def reset(self) -> None:
        """Everything works, delivery is at once, the clock is right."""
        self.dial()
        self.deliver_after(0)
        self.advance(timedelta(seconds=-self.control("GET", "clock")["offset_seconds"]))

    def orders_made(self) -> dict[str, int]:
        """How often each client reference was really bought."""
        return self.control("GET", "journal")["orders_made"]

    def journal(self, operation: str = "") -> list[dict[str, Any]]:
        """Every line of the journal, of one operation or of all."""
        return self.control("GET", f"journal?operation={operation}")["items"]

    def wait_until_made(self, client_reference: str, seconds: float = 20.0) -> None:
        """Wait until a purchase that was sent has been made."""
        until = time.monotonic() + seconds
        while self.orders_made().get(client_reference, 0) == 0:
            assert time.monotonic() < until, f"{client_reference} was never bought"
            time.sleep(0.05)
