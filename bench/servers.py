"""Starts and stops the servers that are measured: two workers each, production settings."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORKERS = 2

GUNICORN_SYNC = ["gunicorn", "--workers", str(WORKERS), "--worker-class", "sync", "--log-level", "error"]
GUNICORN_THREADS = ["gunicorn", "-c", "config/gunicorn.py", "--log-level", "error"]
GRANIAN = [
    "granian",
    "--interface",
    "wsgi",
    "--workers",
    str(WORKERS),
    "--blocking-threads",
    "1",
    "--no-ws",
    "--log-level",
    "error",
]
GRANIAN_THREADS = [*GRANIAN[:6], "4", *GRANIAN[7:]]


@dataclass(frozen=True)
class Running:
    """A server that answers on `port`; `started_in` seconds after its start; `memory` in MB of all its processes."""

    port: int
    started_in: float
    pid: int

    @property
    def memory(self) -> float:
        return round(sum(_proportional_kb(pid) for pid in _family(self.pid)) / 1024)


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(command: list[str], target: str, environ: Mapping[str, str]) -> Iterator[Running]:
    """Runs `command` on `target` (a WSGI import path) until the block ends."""
    port = free_port()
    where = (
        ["--bind", f"127.0.0.1:{port}"]
        if command[0] == "gunicorn"
        else ["--host", "127.0.0.1", "--port", str(port)]
    )
    factory = target
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(BIN / command[0]), *command[1:], *where, factory],
        cwd=ROOT,
        env={**os.environ, **environ, "AWNING_PORT": str(port)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait(port, process)
        yield Running(port, round(time.perf_counter() - started, 2), process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(port: int, process: subprocess.Popen) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped at once: {process.stderr.read().decode()[-2000:]}")
        try:
            with closing(socket.create_connection(("127.0.0.1", port), timeout=5)) as ask:
                ask.sendall(b"GET /healthz HTTP/1.1\r\nHost: console.localhost\r\nConnection: close\r\n\r\n")
                if ask.recv(12).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not answer within three minutes")


def cpu_seconds(*roots: int) -> float:
    """Processor time that these processes and all they started have used, those that have ended too."""
    ticks = 0
    for pid in {one for root in roots for one in _family(root)}:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            queue.extend(int(child) for child in task.read_text().split())
    return found


def _proportional_kb(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
