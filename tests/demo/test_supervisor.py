"""The demo's keeper: settings of its own, processes that end for certain, and databases it may not touch."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.database_setup import DatabaseSetupError, connect
from app.core.embedded_postgres import EmbeddedPostgres
from app.demo import prepare
from app.demo.process import Process
from app.demo.supervisor import DemoError, Supervisor, demo_settings
from config.settings import PROJECT_DIR, Settings, SettingsError

# A child that starts a grandchild and, told "stubborn", does not listen to SIGTERM.
PARENT = """
import signal, subprocess, sys, time
if sys.argv[1] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def environ(tmp_path: Path, **changes: str) -> dict[str, str]:
    return {"AWNING_DATA_DIR": str(tmp_path / "var")} | changes


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(condition, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())


def test_the_port_moves_the_side_ports_with_it(tmp_path):
    settings = demo_settings(environ(tmp_path), 9200)
    assert (settings.port, settings.smtp_port, settings.sandbox_url) == (9200, 9226, "http://127.0.0.1:9290")


def test_mail_and_orders_of_a_demo_never_leave_it_whatever_the_environment_says(tmp_path):
    outside = environ(
        tmp_path, SMTP_HOST="smtp.example.com", SMTP_USER="u", AWNING_SANDBOX_URL="https://vendor.example.com"
    )
    settings = demo_settings(outside, None)
    assert (settings.smtp_host, settings.smtp_user) == ("127.0.0.1", None)
    assert settings.sandbox_url == "http://127.0.0.1:8090"


def test_a_demo_is_never_production(tmp_path):
    with pytest.raises(DemoError, match="AWNING_ENV"):
        demo_settings(environ(tmp_path, AWNING_ENV="production"), None)


@pytest.mark.parametrize("port", [0, 65536, 65500, -1])
def test_a_port_that_leaves_no_room_is_refused(tmp_path, port):
    with pytest.raises(SettingsError, match="AWNING_PORT"):
        demo_settings(environ(tmp_path), port)


def test_a_taken_port_is_named_before_anything_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = demo_settings(environ(tmp_path), port if port < 65000 else port - 1000)
        supervisor = Supervisor(settings)
        if settings.port == port:
            with pytest.raises(DemoError, match=f"Port {port}"):
                supervisor._check_ports()


def test_a_second_demo_in_the_same_folder_is_told_where_the_first_one_is(tmp_path):
    settings = demo_settings(environ(tmp_path), None)
    settings.data_dir.mkdir(exist_ok=True)
    first = Supervisor(settings)
    first._lock_folder()
    with pytest.raises(DemoError, match=f"process {os.getpid()}, http://console.localhost:8000"):
        Supervisor(settings)._lock_folder()
    first._unlock_folder()


@pytest.mark.parametrize("kind", ["willing", "stubborn"])
def test_a_stopped_process_leaves_none_of_its_own_behind(tmp_path, kind):
    log = tmp_path / "log"
    process = Process("parent", [sys.executable, "-c", PARENT, kind], log, stop_seconds=1)
    process.start(os.environ)
    assert wait_until(lambda: process.last_lines().strip().isdigit())
    grandchild = int(process.last_lines())
    process.ask_to_stop()
    process.wait(give_up=lambda: False)
    assert not process.is_alive()
    assert wait_until(lambda: not is_alive(grandchild))


if sys.platform.startswith("linux"):  # elsewhere the kernel knows no such courtesy

    def test_processes_end_with_a_supervisor_that_was_killed(tmp_path):
        log = tmp_path / "log"
        keeper = f"""
import os, sys, time
from pathlib import Path
from app.demo.process import Process
Process("parent", [sys.executable, "-c", "import time; time.sleep(600)"], Path({str(log)!r}), 1).start(os.environ)
child = next(p for p in Path("/proc/self/task").glob("*/children"))
print(child.read_text().split()[0], flush=True)
time.sleep(600)
"""
        with subprocess.Popen(
            [sys.executable, "-c", keeper], cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True
        ) as supervisor:
            assert supervisor.stdout is not None
            child = int(supervisor.stdout.readline())
            assert is_alive(child)
            supervisor.send_signal(signal.SIGKILL)
        assert wait_until(lambda: not is_alive(child))


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    calls: list[Settings] = []
    monkeypatch.setattr(prepare, "_migrate", _make_tables)
    monkeypatch.setattr(prepare, "_build", calls.append)
    return calls


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as server:
        yield Settings(
            secret_key="0123456789abcdef" * 4,
            data_dir=server.folder.parent,
            database_url=server.url("demo"),
        )
    server.destroy()


def test_a_database_is_filled_once_built_again_after_a_crash_and_left_alone_when_foreign(
    settings, built, monkeypatch
):
    prepare.make_ready(settings)
    prepare.make_ready(settings)
    assert len(built) == 1

    def crash(_: Settings) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(prepare, "_build", crash)
    with pytest.raises(RuntimeError):
        prepare.make_ready(settings, fresh=True)
    monkeypatch.setattr(prepare, "_build", built.append)
    prepare.make_ready(settings)
    assert len(built) == 2
    assert _tables(settings) == 1

    with connect(str(settings.database_url)) as connection:
        connection.execute("COMMENT ON DATABASE demo IS NULL")
    prepare.make_ready(settings)
    assert len(built) == 2
    with pytest.raises(DatabaseSetupError, match="not made by the demo"):
        prepare.make_ready(settings, fresh=True)


def _make_tables(owner_url: str) -> None:
    with connect(owner_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num text)")
        connection.execute(
            "INSERT INTO alembic_version SELECT '1' WHERE NOT EXISTS (SELECT FROM alembic_version)"
        )


def _tables(settings: Settings) -> int:
    with connect(str(settings.database_url)) as connection:
        row = connection.execute("SELECT count(*) FROM alembic_version").fetchone()
        return row[0] if row else 0
