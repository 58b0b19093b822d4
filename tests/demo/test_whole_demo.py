"""The whole demo as a person runs it: from nothing to open, through the loss of its parts, to the last process gone."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.core.embedded_postgres import EmbeddedPostgres
from config.settings import PROJECT_DIR

pytestmark = pytest.mark.full


@contextmanager
def demo(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    log = (folder / "demo.log").open("a")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "app.demo", "--port", str(port)],
            cwd=PROJECT_DIR,
            env={k: v for k, v in os.environ.items() if not k.startswith(("AWNING_", "SMTP_"))}
            | {"AWNING_DATA_DIR": str(folder / "data folder"), "DATABASE_URL": "", "APP_DATABASE_URL": ""},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """The demo's database server, from outside."""
    found = EmbeddedPostgres(tmp_path / "data folder" / "postgres")
    yield found
    found.destroy()


def free_port() -> int:
    for port in range(18000, 28000, 200):
        try:
            for number in (port, port + 25, port + 26, port + 90):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port
    raise AssertionError("no free ports")


def wait_until(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return bool(condition())


def processes_of(folder: Path) -> list[str]:
    """Every living process that speaks of the demo's folder, or that has it in its environment."""
    found = []
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            words = (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
            if bytes(folder) in words and int(proc.name) != os.getpid():
                found.append((proc / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def is_open(folder: Path, times: int = 1) -> bool:
    return (folder / "demo.log").read_text().count("Awning is open") == times


def well(port: int) -> int:
    with httpx.Client(trust_env=False, timeout=20) as client:
        return client.get(
            f"http://127.0.0.1:{port}/healthz", headers={"Host": f"console.localhost:{port}"}
        ).status_code


def test_the_demo_opens_survives_its_worker_and_database_and_leaves_nothing(tmp_path, server):
    port = free_port()
    with demo(tmp_path, port) as first:
        assert wait_until(lambda: is_open(tmp_path) or first.poll() is not None, 300), "never opened"
        said = (tmp_path / "demo.log").read_text()
        assert is_open(tmp_path), said
        assert f"http://acme.localhost:{port}" in said
        assert re.search(r"Everybody's password: \S+", said)
        assert well(port) == 200

        workers = [p for p in Path("/proc").glob("[0-9]*") if _runs(p, b"app.jobs.worker", tmp_path)]
        os.kill(int(workers[0].name), signal.SIGKILL)
        assert wait_until(lambda: "worker ended" in (tmp_path / "demo.log").read_text(), 20)

        record = json.loads((tmp_path / "data folder" / "postgres" / "record.json").read_text())
        pid_file = Path(record["home"]) / "data" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        assert wait_until(lambda: well(port) == 200, 30)

        first.send_signal(signal.SIGINT)
        assert first.wait(90) == 0
    assert wait_until(lambda: not processes_of(tmp_path), 20), processes_of(tmp_path)
    assert not server.is_running

    with demo(tmp_path, port) as second:
        assert wait_until(lambda: is_open(tmp_path, 2), 200)
        second.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not processes_of(tmp_path), 60), processes_of(tmp_path)
    assert wait_until(lambda: not server.is_running, 20)


def _runs(proc: Path, module: bytes, folder: Path) -> bool:
    try:
        return module in (proc / "cmdline").read_bytes() and bytes(folder) in (proc / "environ").read_bytes()
    except OSError:
        return False
