"""One process of the demo with everything it starts: a group of its own, a log, and a certain end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.settings import PROJECT_DIR

_LOG_MAX_BYTES = 10_000_000
_PR_SET_PDEATHSIG = 1


class Process:
    """A child in its own process group. `log` is where it writes; None leaves it on the terminal.

    `restarts` is how often it may still be started again when it ends by itself; its keeper counts it down.
    """

    def __init__(
        self, name: str, command: list[str], log: Path | None, stop_seconds: float, restarts: int = 0
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.stop_seconds = stop_seconds
        self.restarts = restarts
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def exit_code(self) -> int | None:
        return self._child.poll() if self._child else None

    def start(self, environ: Mapping[str, str]) -> None:
        output = None
        if self.log is not None:
            if self.log.exists() and self.log.stat().st_size > _LOG_MAX_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            output = self.log.open("ab")
        try:
            self._child = subprocess.Popen(
                self.command,
                cwd=PROJECT_DIR,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                # Its own session: Ctrl-C in the terminal reaches the supervisor alone, which then stops all in order.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        finally:
            if output is not None:
                output.close()

    def is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def ask_to_stop(self) -> None:
        """SIGTERM to the process itself; it ends its own children as it knows best."""
        if self.is_alive() and self._child is not None:
            self._child.terminate()

    def wait(self, give_up: Callable[[], bool]) -> None:
        """Wait for the end, at most `stop_seconds` or until `give_up()`; whatever then is left of the group is killed."""
        if self._child is None:
            return
        deadline = time.monotonic() + self.stop_seconds
        while self._child.poll() is None and time.monotonic() < deadline and not give_up():
            time.sleep(0.05)
        try:
            os.killpg(self._child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except PermissionError:
            # macOS says this of a group whose last member is a zombie.
            pass
        self._child.wait()

    def last_lines(self, count: int = 20) -> str:
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def _libc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None


_LIBC = _libc()


def _end_with_parent() -> None:
    """In the child: ask the kernel for a SIGTERM should the supervisor be killed without a chance to say so."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
