"""Starts everything the demo needs, watches it, and stops it in order, leaving no process behind.

What the world contains is in `world` and `cast`; the database's first filling is in `prepare`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import IO

from app.core.database_setup import embedded_server
from app.demo.process import Process
from app.demo.welcome import farewell, sandbox_password, welcome
from config.settings import MAIL_PAGE_PORT_OFFSET, PROJECT_DIR, SANDBOX_PORT_OFFSET, Settings, SettingsError

DEFAULT_PORT = 8000
HIGHEST_PORT = 65535 - SANDBOX_PORT_OFFSET
START_SECONDS = 90
# What --fresh deletes from the data folder, and nothing else: the folder may be somebody's own.
DEMO_DATA = ("mail", "sandbox", "files")
# What the demo decides for itself: its mail ends in its own mailbox, its orders at its own sandbox.
_ALWAYS_DEFAULT = dict.fromkeys(
    (
        "AWNING_SCHEME",
        "AWNING_PROXY_HOPS",
        "AWNING_SANDBOX_URL",
        "AWNING_SANDBOX_TOKEN",
        "SMTP_HOST",
        "SMTP_PORT",
        "SMTP_USER",
        "SMTP_PASSWORD",
        "SMTP_STARTTLS",
    ),
    "",
)


class DemoError(Exception):
    """The demo cannot start or go on; the message says why and what to do."""


def demo_settings(environ: Mapping[str, str], port: int | None, *, reload: bool = False) -> Settings:
    """The settings of a demo on `port`, whatever else the environment says. Raises DemoError, SettingsError."""
    if environ.get("AWNING_ENV", "development") != "development":
        raise DemoError(
            "bin/demo is for looking and trying: unset AWNING_ENV (docs/operating.md is for production)."
        )
    chosen = str(port) if port is not None else environ.get("AWNING_PORT") or str(DEFAULT_PORT)
    if chosen.isascii() and chosen.isdigit() and int(chosen) > HIGHEST_PORT:
        raise SettingsError([("AWNING_PORT", f"is {chosen}; the demo needs one up to {HIGHEST_PORT}")])
    own = {"AWNING_PORT": chosen, "AWNING_DEBUG": "1" if reload else "0"}
    return Settings.from_env({**environ, **_ALWAYS_DEFAULT, **own})


class Supervisor:
    """One demo in one data folder."""

    def __init__(self, settings: Settings, *, reload: bool = False) -> None:
        self.settings = settings
        self.reload = reload
        self.logs = settings.data_dir / "log"
        self.processes: list[Process] = []
        self.asked_to_stop = 0
        self._lock: IO[str] | None = None

    def run(self, *, fresh: bool = False) -> int:
        """Start, serve until a signal or a failure, stop. Returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self._lock_folder()
        try:
            self._check_ports()
            if fresh:
                self._forget()
            self._start_all(fresh)
            if not self.asked_to_stop:
                welcome(self.settings)
                self._watch()
        finally:
            self._stop_all()
        return 0

    # -- starting -------------------------------------------------------------------------------------------

    def _start_all(self, fresh: bool) -> None:
        settings = self.settings
        if settings.database_url is None:
            self._step("PostgreSQL", embedded_server(settings).ensure_running)
        self._step("Database and demo world", lambda: self._prepare(fresh))
        port = settings.port
        sandbox_port, page_port = port + SANDBOX_PORT_OFFSET, port + MAIL_PAGE_PORT_OFFSET
        mail, sandbox = settings.data_dir / "mail", settings.data_dir / "sandbox"
        sandbox.mkdir(mode=0o700, exist_ok=True)
        vendor = f"-m app.connectors.sandbox.server --port {sandbox_port} --state".split()
        self._start("sandbox", [*vendor, str(sandbox / "state")])
        catcher = (
            f"-m app.demo.mailbox --smtp-port {settings.smtp_port} --http-port {page_port} --folder".split()
        )
        self._start("mailbox", [*catcher, str(mail)])
        self._start("worker", ["-m", "app.jobs.worker"], stop_seconds=20, restarts=5)
        gunicorn = ["-m", "gunicorn", "-c", str(PROJECT_DIR / "config" / "gunicorn.py"), "wsgi:app"]
        self._start("web", [*gunicorn, *(["--reload"] if self.reload else [])], stop_seconds=30)
        self._step("Vendor sandbox", lambda: self._wait("sandbox", sandbox_port))
        self._step("Mailbox", lambda: self._wait("mailbox", page_port))
        self._step("Shops and console", lambda: self._wait("web", port, http=True))

    def _start(self, name: str, arguments: list[str], stop_seconds: float = 8, restarts: int = 0) -> None:
        """Start a Python process and go on; `arguments` are the interpreter's."""
        if self.asked_to_stop:
            return
        log = self.logs / f"{name}.log"
        process = Process(name, [sys.executable, *arguments], log, stop_seconds, restarts)
        self.processes.append(process)
        process.start(self._environment())

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        own = {
            "AWNING_ENV": "development",
            "AWNING_DEBUG": "1" if settings.debug else "0",
            "AWNING_PORT": str(settings.port),
            "AWNING_BIND": f"127.0.0.1:{settings.port}",
            "AWNING_DATA_DIR": str(settings.data_dir),
            "SANDBOX_TOKEN": settings.sandbox_token,
            "SANDBOX_CONTROL_TOKEN": sandbox_password(settings),
            "PYTHONPATH": str(PROJECT_DIR),
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **_ALWAYS_DEFAULT, **own}

    def _prepare(self, fresh: bool) -> None:
        """Migrate and, the first time, build the world: in a process of its own, so that it can be interrupted."""
        command = [sys.executable, "-m", "app.demo.prepare", *(["--fresh"] if fresh else [])]
        process = Process("prepare", command, None, stop_seconds=5)
        self.processes.append(process)
        process.start(self._environment())
        while process.is_alive() and not self.asked_to_stop:
            time.sleep(0.05)
        if self.asked_to_stop:
            return
        self.processes.remove(process)
        if process.exit_code != 0:
            raise DemoError("The database could not be made ready; the reason stands above.")

    def _wait(self, name: str, port: int, http: bool = False) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.asked_to_stop and not (self._answers(port) if http else _accepts(port)):
            self._check_processes()
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{name} did not answer within {START_SECONDS} seconds: see {self.logs / name}.log"
                )
            time.sleep(0.1)

    def _answers(self, port: int) -> bool:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/healthz", headers={"Host": f"{self.settings.platform_host}:{port}"})
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    # -- watching -------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        server = None if self.settings.database_url else embedded_server(self.settings)
        while not self.asked_to_stop:
            if server and not server.is_running:
                print("PostgreSQL went away; starting it again.", flush=True)
                server.ensure_running()
            self._check_processes(may_restart=True)
            time.sleep(0.25)

    def _check_processes(self, *, may_restart: bool = False) -> None:
        """A worker may die at any time: another takes up its jobs. Anything else that ends is the end of the demo."""
        for process in self.processes:
            if process.is_alive():
                continue
            if may_restart and process.restarts > 0:
                process.restarts -= 1
                print(f"{process.name} ended (exit code {process.exit_code}); starting it again.", flush=True)
                process.start(self._environment())
            else:
                raise DemoError(
                    f"{process.name} ended by itself (exit code {process.exit_code}), so everything is stopped. "
                    f"The last lines of {process.log}:\n{process.last_lines()}"
                )

    # -- stopping -------------------------------------------------------------------------------------------

    def _stop_all(self) -> None:
        """Web first, so that nothing new comes in; the database last, when nobody needs it."""
        if self.processes and self.asked_to_stop:
            print("\nStopping …", flush=True)
        for process in reversed(self.processes):
            process.ask_to_stop()
            process.wait(give_up=lambda: self.asked_to_stop > 1)
        if self.settings.database_url is None:
            embedded_server(self.settings).stop()
        self._unlock_folder()
        if self.asked_to_stop:
            farewell()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_stop += 1

    # -- ground -----------------------------------------------------------------------------------------------

    def _lock_folder(self) -> None:
        """One demo to a data folder; the lock goes with the process, however it ends."""
        path = self.settings.data_dir / "demo.lock"
        self._lock = path.open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            owner = self._lock.read().strip()
            self._lock.close()
            raise DemoError(
                f"A demo is running in {self.settings.data_dir} already ({owner}).\n"
                "Stop that one with Ctrl-C in its window, or give this one an AWNING_DATA_DIR of its own and a --port."
            ) from None
        self._lock.truncate(0)
        self._lock.write(f"process {os.getpid()}, {self.settings.origin(self.settings.platform_host)}")
        self._lock.flush()
        # For `bin/flask`, so that the links in its mails and its vendor calls meet this demo.
        (self.settings.data_dir / "demo.env").write_text(f"AWNING_PORT={self.settings.port}\n")

    def _unlock_folder(self) -> None:
        (self.settings.data_dir / "demo.env").unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    def _check_ports(self) -> None:
        port = self.settings.port
        for number, what in (
            (port, "the shops and the console"),
            (port + MAIL_PAGE_PORT_OFFSET, "the mailbox"),
            (self.settings.smtp_port, "incoming mail"),
            (port + SANDBOX_PORT_OFFSET, "the vendor sandbox"),
        ):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", number))
                except OSError as error:
                    raise DemoError(
                        f"Port {number}, wanted for {what}, cannot be had ({error.strerror}).\n"
                        f"Move the demo elsewhere: bin/demo --port {port + 1000 if port < 60000 else 9000}"
                    ) from None

    def _forget(self) -> None:
        if self.settings.database_url is None:
            embedded_server(self.settings).destroy()
        for name in DEMO_DATA:
            path = self.settings.data_dir / name
            if path.is_dir():
                shutil.rmtree(path)
        self._tell("The demo's data is deleted")

    def _step(self, what: str, do: Callable[[], None]) -> None:
        if self.asked_to_stop:
            return
        began = time.monotonic()
        do()
        if not self.asked_to_stop:
            self._tell(f"{what}: ready ({time.monotonic() - began:.1f} s)")

    def _tell(self, text: str) -> None:
        print(f"  {text}", flush=True)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True
